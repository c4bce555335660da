"""Which data sources have delivered: what nobody can measure yet is not signed in silence (SLM-33).

Tickets are measured by this system, and what is entered by hand by whoever the method names. For the other
sources whoever keeps their data is asked; it registers from a layer above.
"""

from collections.abc import Callable, Iterable

from sla.terms import MeasureTerm, TargetTerm

Delivers = Callable[[str, str, str | None], bool]
"""Whether a source has ever delivered for a metric or measure of a service (code; None: of any)."""

OUTSIDE = frozenset({"monitoring", "calls", "survey"})
_asked: list[Delivers] = []


def register(delivers: Delivers) -> None:
    """Have it asked; once per function."""
    if delivers not in _asked:
        _asked.append(delivers)


def silent(promises: Iterable[TargetTerm | MeasureTerm]) -> list[str]:
    """The keys of the promises whose outside source has delivered nothing so far."""
    return [term.key for term in promises if term.source in OUTSIDE and not _has_delivered(term)]


def _has_delivered(term: TargetTerm | MeasureTerm) -> bool:
    what = term.measure if isinstance(term, MeasureTerm) else term.metric
    return any(delivers(term.source, what, term.service) for delivers in _asked)
