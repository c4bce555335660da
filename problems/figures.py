"""Figures of problem management: number and list come from one queryset each (PRB-05, 12).

Every queryset begins with what the actor may see; a span is half open, in the reader's time zone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from problems import lifecycle
from problems.models import KnownError, Outcome, Problem, QualityNotice, Recurrence
from records.kinds import Kind
from records.models import Link, Record
from records.spans import Span

Rows = QuerySet[Any]
SPANS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Asked:
    """Whose figures, of which span, and of which expert's problems (None: of all)."""

    actor: Actor
    span: Span
    expert: int | None = None

    def problems(self) -> Rows:
        rows: Rows = Problem.objects.visible_to(self.actor)
        return rows if self.expert is None else rows.filter(assignee=self.expert)

    def within(self, column: str) -> Q:
        return Q(**{f"{column}__gte": self.span.start, f"{column}__lt": self.span.end})


@dataclass(frozen=True)
class Figure:
    """``rows`` is the list behind the number. ``of_experts``: an expert narrows it."""

    label: Any
    rows: Callable[[Asked], Rows]
    of_experts: bool = True


def _closed(asked: Asked) -> Rows:
    return asked.problems().filter(asked.within("done_at"), state=lifecycle.CLOSED)


def _ended(outcome: str) -> Callable[[Asked], Rows]:
    return lambda asked: _closed(asked).filter(outcome=outcome)


def _with(model: Any, column: str, **more: Any) -> Callable[[Asked], Rows]:
    """The problems that have such a row within the span."""

    def rows(asked: Asked) -> Rows:
        found = model._default_manager.filter(asked.within(column), problem=OuterRef("pk"), **more)
        return asked.problems().filter(Exists(found))

    return rows


def _passed(asked: Asked) -> Rows:
    links = Link.objects.filter(asked.within("created_at"), source=OuterRef("pk"), type=Link.Type.SOLVED_BY)
    return asked.problems().filter(Exists(links))


def _open_at_end(asked: Asked) -> Rows:
    rows = asked.problems().filter(opened_at__lt=asked.span.end)
    return rows.filter(Q(done_at=None) | Q(done_at__gte=asked.span.end))


def _matched(asked: Asked) -> Rows:
    links = Link.objects.filter(asked.within("created_at"), source=OuterRef("pk"), type=Link.Type.MATCHES)
    return Record.objects.visible_to(asked.actor).filter(Exists(links), kind=Kind.INCIDENT.value)


FIGURES: Mapping[str, Figure] = {
    "raised": Figure(_("Raised"), lambda asked: asked.problems().filter(asked.within("opened_at"))),
    "accepted": Figure(
        pgettext_lazy("problem", "Accepted"),
        lambda asked: asked.problems().filter(asked.within("decided_at")).exclude(state=lifecycle.REJECTED),
    ),
    "rejected": Figure(
        pgettext_lazy("problem", "Rejected"),
        lambda asked: asked.problems().filter(asked.within("decided_at"), state=lifecycle.REJECTED),
    ),
    "closed": Figure(_("Closed"), _closed),
    "solved": Figure(Outcome.SOLVED.label, _ended(Outcome.SOLVED)),
    "workaround": Figure(Outcome.WORKAROUND.label, _ended(Outcome.WORKAROUND)),
    "direct": Figure(Outcome.DIRECT.label, _ended(Outcome.DIRECT)),
    "passed": Figure(_("Passed to a change"), _passed),
    "open": Figure(_("Open at the end"), _open_at_end),
    "recurred": Figure(_("Flagged as come again"), _with(Recurrence, "found_at")),
    "came-again": Figure(
        _("Confirmed to have come again"),
        _with(Recurrence, "decided_at", state=Recurrence.State.CONFIRMED),
    ),
    "notices": Figure(_("With a quality notice sent"), _with(QualityNotice, "sent_at")),
    "known-errors": Figure(
        _("Known errors recorded"),
        lambda asked: KnownError.objects.readable_by(asked.actor).filter(asked.within("opened_at")),
        of_experts=False,
    ),
    "matched": Figure(_("Incidents matched with a known error"), _matched, of_experts=False),
}  # fmt: skip
OUTCOMES = (Outcome.SOLVED.value, Outcome.WORKAROUND.value, Outcome.DIRECT.value)


@dataclass(frozen=True)
class ExpertRow:
    """One expert's closed problems by outcome; ``passed`` are those passed to a change in the span."""

    expert: int | None
    counts: Mapping[str, int]

    @property
    def closed(self) -> int:
        return sum(self.counts.get(outcome, 0) for outcome in OUTCOMES)


def by_expert(asked: Asked) -> list[ExpertRow]:
    """Outcomes per expert, who closed most first; two queries."""
    found: dict[int | None, dict[str, int]] = {}
    closed = _closed(asked).order_by().values_list("assignee", "outcome").annotate(n=Count("pk"))
    for expert, outcome, count in closed:
        found.setdefault(expert, {})[outcome] = count
    passed = _passed(asked).order_by().values_list("assignee").annotate(n=Count("pk"))
    for expert, count in passed:
        found.setdefault(expert, {})["passed"] = count
    rows = [ExpertRow(expert, counts) for expert, counts in found.items()]
    return sorted(rows, key=lambda row: (-row.closed, row.expert or 0))


def share(part: int, whole: int) -> int | None:
    """Of a hundred, rounded; None of nothing."""
    return None if not whole else (200 * part + whole) // (2 * whole)
