"""What the desk lead's figures count: each is one queryset, and each group of them one grouped query.

The rows of one cell, bar or point are found by the same conditions as the whole, so that a number opens
exactly what it counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team
from catalog.models import Service
from cmdb.models import Item
from fulfilment.models import Offering
from records.counting import tally
from records.kinds import TICKETS, Kind, process_of
from records.models import Activity, Record
from reports.figures import RECORD_FIGURES, Question, RecordFigure, Rows

# days from which an open ticket is this old, and from which no more
AGES: Final = ((0, 1), (1, 3), (3, 7), (7, 14), (14, 30), (30, None))
BARS = 12  # of a Pareto; what comes after them is one bar
NOBODY, REST = "none", "rest"
REOPENED = tuple(f"{kind}.reopen" for kind in TICKETS)


def age_words(place: int) -> str:
    """How old, in words: "1 to 3 days"."""
    low, high = AGES[place]
    if high is None:
        return _("over %(n)s days") % {"n": low}
    return _("%(low)s to %(high)s days") % {"low": low, "high": high} if low else _("under 1 day")


def age_short(place: int) -> str:
    """The same for the axis of a chart: "1–3 d"."""
    low, high = AGES[place]
    span = f"> {low}" if high is None else f"{low}–{high}" if low else f"< {high}"
    return _("%(span)s d") % {"span": span}


# --- open tickets by age --------------------------------------------------------------------------


def _of_age(q: Question, place: int) -> Q:
    low, high = AGES[place]
    found = Q(opened_at__lte=q.now - timedelta(days=low)) if low else Q()
    return found if high is None else found & Q(opened_at__gt=q.now - timedelta(days=high))


def aged(q: Question) -> QuerySet[Record]:
    """Open tickets; of one age where one was picked."""
    rows = Rows.open(q)
    return rows.filter(_of_age(q, int(q.picked["age"]))) if "age" in q.picked else rows


def ages(q: Question, by: str) -> dict[Any, list[int]]:
    """Open tickets by priority or team, and age; one query."""
    whens = [When(_of_age(q, place), then=Value(place)) for place in range(len(AGES))]
    rows = Rows.open(q).annotate(age=Case(*whens, output_field=IntegerField()))
    found: dict[Any, list[int]] = {}
    for row in rows.order_by().values(by, "age").annotate(n=tally()):
        found.setdefault(row[by], [0] * len(AGES))[row["age"]] = row["n"]
    return found


# --- arrivals by hour and weekday, and by day -----------------------------------------------------


def _by_hour(q: Question) -> Any:
    zone = q.period.zone
    return Rows.opened(q).annotate(
        weekday=ExtractIsoWeekDay("opened_at", tzinfo=zone), hour=ExtractHour("opened_at", tzinfo=zone)
    )


def arrived(q: Question) -> QuerySet[Record]:
    """Tickets of the period that were opened on one weekday, in one hour."""
    here = Q(*((name, int(q.picked[name])) for name in ("weekday", "hour") if name in q.picked))
    rows: QuerySet[Record] = _by_hour(q).filter(here)
    return rows


def heat(q: Question) -> dict[tuple[int, int], int]:
    """(weekday from 1 for Monday, hour) -> tickets opened then, in the reader's zone; one query."""
    rows = _by_hour(q).order_by().values("weekday", "hour").annotate(n=tally())
    return {(row["weekday"], row["hour"]): row["n"] for row in rows}


def by_day(q: Question, column: str, start: datetime, end: datetime) -> dict[date, int]:
    """Tickets by the day in the reader's zone on which ``column`` fell into [start, end); one query."""
    rows = q.records().filter(**{f"{column}__gte": start, f"{column}__lt": end})
    days = rows.order_by().annotate(day=TruncDate(column, tzinfo=q.period.zone)).values("day")
    return {row["day"]: row["n"] for row in days.annotate(n=tally())}


# --- what was open at an instant ------------------------------------------------------------------


def _open_at(at: datetime) -> Q:
    return Q(opened_at__lt=at) & (Q(done_at=None) | Q(done_at__gte=at))


def _last(q: Question) -> datetime:
    """The end of the period, or now where it is not over."""
    return min(q.period.end, q.now)


def backlog(q: Question) -> QuerySet[Record]:
    """Tickets that were open at the end of the period; now, where it is not over."""
    return q.records().filter(_open_at(_last(q)))


def backlogs(q: Question) -> tuple[int, int]:
    """Open at the beginning of the period, and at its end or now; one query."""
    first, last = min(q.period.start, q.now), _last(q)
    rows = q.records().filter(Q(done_at=None) | Q(done_at__gte=first), opened_at__lt=last)
    found = rows.aggregate(first=tally(_open_at(first)), last=tally(_open_at(last)))
    return found["first"], found["last"]


# --- solved, and how ------------------------------------------------------------------------------


def given_up() -> tuple[str, ...]:
    """States in which a ticket ended without being solved, of any process."""
    return tuple(sorted({state for kind in TICKETS for state in process_of(kind).lifecycle.withdrawn}))


AT_ONCE = Q(incident__resolved_tier=Team.Tier.DESK)
CAME_BACK = Q(incident__reopen_count__gt=0) | Q(servicerequest__reopen_count__gt=0)
IS_INCIDENT = Q(kind=Kind.INCIDENT.value)


def solved(q: Question) -> QuerySet[Record]:
    """Tickets done in the period and not given up."""
    return Rows.done(q).exclude(state__in=given_up())


def solved_incidents(q: Question) -> QuerySet[Record]:
    """Incidents among them: what the first-contact rate is a share of."""
    return solved(q).filter(IS_INCIDENT)


def solved_at_once(q: Question) -> QuerySet[Record]:
    """Incidents the desk solved itself, without another tier: the rows of indicator P01.R2.K2."""
    return solved_incidents(q).filter(AT_ONCE)


def came_back(q: Question) -> QuerySet[Record]:
    """Solved tickets that had been reopened before."""
    return solved(q).filter(CAME_BACK)


def reopened(q: Question) -> QuerySet[Record]:
    """Tickets reopened in the period, each once."""
    acts = Activity.objects.filter(
        verb__in=REOPENED, at__gte=q.period.start, at__lt=q.period.end, record=OuterRef("pk")
    )
    return q.records().filter(Exists(acts))


@dataclass(frozen=True)
class Solved:
    """What was solved in a period: all, incidents, by the desk itself, after having come back."""

    solved: int
    incidents: int
    at_once: int
    came_back: int

    @property
    def first_contact(self) -> Decimal | None:
        return _share(self.at_once, self.incidents)

    @property
    def reopen_rate(self) -> Decimal | None:
        return _share(self.came_back, self.solved)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01")) if whole else None


def solutions(q: Question) -> tuple[Solved, Solved]:
    """Of the period, and of the one before it; one query."""
    before = q.period.previous()
    rows = q.records().filter(done_at__gte=before.start, done_at__lt=q.period.end)
    rows = rows.exclude(state__in=given_up())
    asked: dict[str, Any] = {}
    for name, period in (("now", q.period), ("before", before)):
        here = Q(done_at__gte=period.start, done_at__lt=period.end)
        for key, which in (
            ("solved", Q()), ("incidents", IS_INCIDENT), ("at_once", IS_INCIDENT & AT_ONCE),
            ("came_back", CAME_BACK),
        ):  # fmt: skip
            asked[f"{name}_{key}"] = tally(here & which)
    found = rows.aggregate(**asked)

    def of(name: str) -> Solved:
        return Solved(**{key: found[f"{name}_{key}"] for key in Solved.__dataclass_fields__})

    return of("now"), of("before")


# --- what is asked for most -----------------------------------------------------------------------

CAUSES: Mapping[str, str] = {
    "service": "service",
    "category": "incident__category",
    "item": "incident__item",
    "offering": "servicerequest__offering",
}
ONLY: Mapping[str, str] = {
    "category": Kind.INCIDENT.value, "item": Kind.INCIDENT.value, "offering": Kind.REQUEST.value,
}  # fmt: skip
NAMED: Mapping[str, Any] = {"service": Service, "item": Item, "offering": Offering}


def _about(q: Question, by: str) -> QuerySet[Record]:
    rows = Rows.opened(q)
    return rows.filter(kind=ONLY[by]) if by in ONLY else rows


def causes(q: Question, by: str) -> list[tuple[str, int]]:
    """What tickets of the period were about, the most frequent first; one query. NOBODY: nothing was said."""
    column = CAUSES[by]
    rows = _about(q, by).order_by().values(column).annotate(n=tally()).order_by("-n", column)
    return [(str(row[column] or NOBODY), row["n"]) for row in rows]


def of_cause(q: Question) -> QuerySet[Record]:
    """Tickets of the period about one thing, or about what is behind the first BARS of them."""
    by, value = q.picked.get("by", "service"), q.picked.get("value", "")
    rows, column = _about(q, by), CAUSES[by]
    nothing = Q(**({column: ""} if by == "category" else {f"{column}__isnull": True}))
    if value == NOBODY:
        return rows.filter(nothing)
    if value == REST:
        first = [code for code, _n in causes(q, by)[:BARS]]
        named = Q(**{f"{column}__in": [code for code in first if code != NOBODY]})
        rows = rows.exclude(named)
        return rows.exclude(nothing) if NOBODY in first else rows
    return rows.filter(**{column: value}) if value else rows


def cause_names(by: str, codes: list[str]) -> dict[str, str]:
    """What the causes are called; a category is its own name. One query."""
    if by not in NAMED:
        return {code: code for code in codes}
    wanted = [int(code) for code in codes if code.isdigit()]
    return {str(row.pk): row.name for row in NAMED[by].objects.filter(pk__in=wanted)}


# --- the figures by name --------------------------------------------------------------------------


def _age_title(q: Question) -> str:
    return f"{_('Open now')}: {age_words(int(q.picked['age']))}" if "age" in q.picked else str(_("Open now"))


def _hour_title(q: Question) -> str:
    words = [str(WEEKDAYS[int(q.picked["weekday"]) - 1])] if "weekday" in q.picked else []
    if "hour" in q.picked:
        hour = int(q.picked["hour"])
        words.append(f"{hour:02}:00–{hour + 1:02}:00")
    return f"{_('Opened')}: {' '.join(words)}" if words else str(_("Opened"))


def _cause_title(q: Question) -> str:
    by, value = q.picked.get("by", "service"), q.picked.get("value", "")
    if value in ("", NOBODY, REST):
        words = {NOBODY: _("not said"), REST: _("everything else")}.get(value, "")
    else:
        words = cause_names(by, [value]).get(value, "")
    return f"{_('Opened')}: {words}" if words else str(_("Opened"))


DESK_FIGURES = {
    figure.key: figure
    for figure in (
        RecordFigure(
            "aged", gettext_lazy("Open now"), gettext_lazy("Open tickets by the time since they were opened"),
            F("opened_at"), aged, ("age",), _age_title,
        ),
        RecordFigure(
            "arrivals", gettext_lazy("Opened"),
            gettext_lazy("Tickets opened in the period, by weekday and hour"),
            F("opened_at"), arrived, ("weekday", "hour"), _hour_title,
        ),
        RecordFigure(
            "about", gettext_lazy("Opened"),
            gettext_lazy("Tickets opened in the period, by what they are about"),
            F("opened_at"), of_cause, ("by", "value"), _cause_title,
        ),
        RecordFigure(
            "backlog", gettext_lazy("Open at the end"),
            gettext_lazy("Tickets open at the end of the period; now, where it is not over"), F("opened_at"),
            backlog,
        ),
        RecordFigure(
            "solved", gettext_lazy("Solved"), gettext_lazy("Tickets done in the period and not given up"),
            F("done_at"), solved,
        ),
        RecordFigure(
            "solved_incidents", gettext_lazy("Incidents solved"),
            gettext_lazy("Incidents done in the period and not given up"), F("done_at"), solved_incidents,
        ),
        RecordFigure(
            "solved_at_once", gettext_lazy("Solved by the desk itself"),
            gettext_lazy("Incidents the service desk solved without another tier"), F("done_at"),
            solved_at_once,
        ),
        RecordFigure(
            "came_back", gettext_lazy("Solved after coming back"),
            gettext_lazy("Tickets solved in the period that had been reopened before"), F("done_at"),
            came_back,
        ),
        RecordFigure(
            "reopened", gettext_lazy("Reopened"), gettext_lazy("Tickets reopened in the period"),
            F("opened_at"), reopened,
        ),
    )
}  # fmt: skip
ALL_FIGURES: Mapping[str, RecordFigure] = {**RECORD_FIGURES, **DESK_FIGURES}
