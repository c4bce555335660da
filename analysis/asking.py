"""What an address of the analysis asks for: which figure, whose, over which spans of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

import accounts.queries
from accounts.access import Actor
from analysis.models import Better
from analysis.words import figure_name
from kpis import closing, engine, measuring, shown
from kpis.engine import Kpi, Part, Unit
from kpis.measuring import Point
from records import span_words, spans
from records.pages import actor_for, now_utc
from records.spans import Span

SPANS: Final = ("week", "month", "quarter", "half", "year")
COUNTS: Final = (6, 12, 18, 24, 36, 60)
DEFAULT = "X18"


@dataclass(frozen=True)
class Figure:
    """One figure of an indicator; its code is "X01", or "X01:1" for the second one."""

    kpi: Kpi
    place: int = 0

    @property
    def part(self) -> Part:
        return self.kpi.parts[self.place]

    @property
    def code(self) -> str:
        return f"{self.kpi.id}:{self.place}" if self.place else self.kpi.id

    @property
    def name(self) -> str:
        return figure_name(self.kpi, self.place)


@dataclass(frozen=True)
class Choice:
    """Who asks, whose figures (customer: an id, None for all together), and through which spans."""

    actor: Actor
    now: datetime
    customer: int | None
    last: Span
    count: int

    @property
    def spans(self) -> list[Span]:
        return self.last.up_to(self.count)

    def points(self, figure: Figure) -> list[Point]:
        return self.many([figure])[figure.code]

    def many(self, figures: Sequence[Figure]) -> dict[str, list[Point]]:
        """The points of each figure by its code; nothing at all for whom these are not."""
        found: dict[str, list[Point]] = {}
        for place in {figure.place for figure in figures}:
            here = [figure for figure in figures if figure.place == place]
            points = measuring.series_of(
                [figure.kpi.id for figure in here], part=place, customer=self.customer, last=self.last,
                count=self.count, actor=self.actor,
            )  # fmt: skip
            found |= {figure.code: points.get(figure.kpi.id, []) for figure in here}
        return found


def choice_of(request: HttpRequest) -> Choice:
    """What the address asks. Who covers some customers asks for one of those; the first, if none is named."""
    actor, now = actor_for(request, "dashboard"), now_utc()
    zone = measuring.house_zone()
    kind = request.GET.get("span") or "month"
    if kind not in SPANS:
        raise BadRequest(_("“%(field)s” must be one of those offered.") % {"field": "span"})
    until = day_of(request.GET.get("until", ""), "until") or timezone.localdate(now, zone)
    count = whole(request.GET.get("count", ""), 12)
    if not 2 <= count <= max(COUNTS):
        raise BadRequest(
            _("“count” must be a number from 2 to %(most)s.") % {"most": max(COUNTS)}
        )  # fmt: skip
    return Choice(actor, now, _customer(request, actor), spans.of(kind, until, zone), count)


def whole(words: str, default: int) -> int:
    """A number of the address; -1 for what is none."""
    if not words:
        return default
    return int(words) if words.isascii() and words.isdigit() and len(words) < 18 else -1


def day_of(words: str, field: str) -> date | None:
    """A date of the address; None for none, BadRequest for what cannot be read."""
    if not words:
        return None
    try:
        found = date.fromisoformat(words)
    except ValueError:
        found = date.min
    if not spans.EARLIEST <= found.year <= spans.LATEST - 100:
        raise BadRequest(_("“%(field)s” must be a date such as 2016-03-01.") % {"field": field})
    return found


def _customer(request: HttpRequest, actor: Actor) -> int | None:
    words = request.GET.get("customer", "")
    rows = accounts.queries.customers(actor)
    if not words:
        return None if actor.scope is None else rows.order_by("pk").values_list("pk", flat=True).first()
    found = rows.filter(pk=max(0, whole(words, 0))).values_list("pk", flat=True).first()
    if found is None or not measuring.covers(actor, found):
        raise Http404(_("There is no such customer."))
    return found


def figure_of(code: str) -> Figure:
    """The figure of a code; Http404 for none. Without parts it waits for a record: the page says which."""
    name, _colon, words = code.partition(":")
    kpi, place = engine.get(name.upper()), whole(words, 0)
    if kpi is None or not (0 <= place < max(1, len(kpi.parts))):
        raise Http404(_("There is no such indicator."))
    return Figure(kpi, place)


def figures(*, with_amount: bool = False) -> list[Figure]:
    """All that are computed; or those that average an amount of each row."""
    return [
        Figure(kpi, place)
        for kpi in engine.all_kpis()
        for place, part in enumerate(kpi.parts)
        if not with_amount or part.amount is not None
    ]


def better_of(figure: Figure, day: date) -> int:
    """1 where more is better, -1 where less is, 0 where nobody can know: by its goal, else by what it is."""
    scale = closing.scales(day).get(figure.kpi.id)
    if scale is not None and scale.goal is not None and scale.floor is not None and not figure.place:
        return Better.MORE.value if scale.goal > scale.floor else Better.LESS.value
    if figure.kpi.entry.is_deduction or figure.part.unit == Unit.SECONDS:
        return Better.LESS.value
    return Better.MORE.value if figure.part.unit in (Unit.PERCENT, Unit.SCORE) else 0


def goal_of(figure: Figure, day: date) -> float | None:
    """What is aimed at; the goal of an indicator is that of its first figure."""
    scale = closing.scales(day).get(figure.kpi.id)
    if scale is None or scale.goal is None or figure.place:
        return None
    return float(scale.goal)


# --- the bar over the pages -----------------------------------------------------------------------


def options(chosen: str, *, with_amount: bool = False) -> list[dict[str, Any]]:
    """Figures to choose from, by process."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for figure in figures(with_amount=with_amount):
        words = f"{figure.kpi.id} {figure.name}"
        groups.setdefault(shown.said(figure.kpi.entry.process), []).append(
            {"code": figure.code, "words": words, "is_chosen": figure.code == chosen}
        )
    return [{"label": label, "options": found} for label, found in groups.items()]


def bar(request: HttpRequest, choice: Choice) -> dict[str, Any]:
    """What every page of the analysis shows above: whose figures, which spans, until when."""
    return {
        "choice": choice,
        "customers": [(row.pk, row.name) for row in accounts.queries.customers(choice.actor)[:500]],
        "is_scoped": choice.actor.scope is not None,
        "span_kinds": [(code, words) for code, words in span_words.CHOICES if code in SPANS],
        "counts": [
            (n, ngettext("%(n)s span", "%(n)s spans", n) % {"n": n}) for n in sorted({*COUNTS, choice.count})
        ],
        "until": choice.last.last,
        "kept": kept(request),
        "kept_bare": kept(request, figure=None),
    }


def kept(request: HttpRequest, **over: Any) -> str:
    """The words of the address that all pages share, some replaced (None: left out)."""
    found = request.GET.copy()
    for name in set(found) - {"figure", "customer", "span", "count", "until"}:
        del found[name]
    for name, value in over.items():
        found.setlist(name, [] if value is None else value if isinstance(value, list) else [value])
    return found.urlencode()


def frame(request: HttpRequest, choice: Choice, tab: str, **over: Any) -> dict[str, Any]:
    """The bar, the tabs, and which of them this is."""
    above = bar(request, choice)
    tabs = [
        ("trend", _("Trend")), ("spread", _("Spread")), ("relations", pgettext("analysis", "Relations")),
        ("compare", _("Before and after")), ("warnings", _("Early warnings")),
    ]  # fmt: skip
    found = [
        {"label": label, "url": f"{reverse(f'analysis:{name}')}?{above['kept']}", "is_active": name == tab}
        for name, label in tabs
    ]
    return {**above, "tabs": found, "tab": tab, **over}
