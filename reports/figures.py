"""The figures of the dashboard. Each is one queryset: its count is the number, its rows are the list.

Nothing here writes. Every queryset starts from what the actor may see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate, TruncMonth, TruncWeek
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from records.counting import tally
from records.models import Record, by_due
from reports.period import Period
from sla.models import Breach, Clock, Metric

SOON = timedelta(hours=4)
TRUNCATE = {"day": TruncDate, "week": TruncWeek, "month": TruncMonth}

# How clocks may be told apart: name in the address -> column
DIMENSIONS = {
    "agreement": "agreement_version__agreement",
    "priority": "record__priority",
    "service": "record__service",
    "team": "held_by",
}
FILTERS = ("customer", *DIMENSIONS)
NONE = 0  # in the address: those without a service, a team ...


@dataclass(frozen=True)
class Question:
    """What is asked: by whom, about when, narrowed to what. ``narrow`` maps FILTERS to ids.

    ``picked`` is which of many alike figures is meant: an hour of the week, an age (reports.desk_rows).
    """

    actor: Actor
    period: Period
    now: datetime
    narrow: Mapping[str, int]
    picked: Mapping[str, str] = field(default_factory=dict)

    def over(self, period: Period) -> "Question":
        """The same of another period."""
        return replace(self, period=period)

    # --- the two kinds of rows all figures are made of -----------------------------------------

    def records(self) -> QuerySet[Record]:
        rows = Record.objects.visible_to(self.actor).tickets()
        columns = {"customer": "customer", "priority": "priority", "service": "service", "team": "team"}
        rows = rows.filter(**_conditions(self.narrow, columns))
        if "agreement" in self.narrow:
            pinned = Clock.objects.filter(agreement_version__agreement=self.narrow["agreement"])
            rows = rows.filter(pk__in=pinned.values("record"))
        return rows

    def clocks(self) -> QuerySet[Clock]:
        """Clocks that take part in attainment: not waived, of visible records."""
        return self.all_clocks().filter(waived_at=None)

    def all_clocks(self) -> QuerySet[Clock]:
        """The same with those that do not count by decision (SLM-32), as gross attainment counts them."""
        rows = Clock.objects.all()
        if self.actor.scope is not None or not self.actor.is_desk_side:
            rows = rows.filter(record__in=Record.objects.visible_to(self.actor))
        if "team" in self.narrow:
            rows = held(rows)
        columns = {**DIMENSIONS, "customer": "record__customer"}
        return rows.filter(**_conditions(self.narrow, columns))

    def decided(self) -> QuerySet[Clock]:
        """Clocks whose verdict fell into the period (M-1, M-2)."""
        return self.all_decided().filter(waived_at=None)

    def all_decided(self) -> QuerySet[Clock]:
        """The same with the excluded ones."""
        return self.all_clocks().filter(decided_at__gte=self.period.start, decided_at__lt=self.period.end)


def held(rows: QuerySet[Clock]) -> QuerySet[Clock]:
    """Clocks with who answers for them: the team that held the ticket when it was missed, else its team now.

    Only where it is asked for: it joins two tables to every clock of the period.
    """
    return rows.annotate(held_by=Coalesce("breach__team", "record__team"))


def _conditions(narrow: Mapping[str, int], columns: Mapping[str, str]) -> dict[str, Any]:
    return {
        (f"{columns[name]}__isnull" if value == NONE else columns[name]): value or True
        for name, value in narrow.items()
        if name in columns
    }


OUTCOMES = ("decided", "met", "missed", "excluded")
NET = Q(waived_at=None)
MET = Q(breached_at=None)
MISSED = Q(breached_at__isnull=False)


def percent(met: int, missed: int) -> Decimal | None:
    """Attainment, rounded down to 0.01 (M-5); None where nothing was decided (M-1)."""
    if not met + missed:
        return None
    return (Decimal(100 * met) / (met + missed)).quantize(Decimal("0.01"), ROUND_FLOOR)


# --- figures that are lists of records --------------------------------------------------------


@dataclass(frozen=True)
class RecordFigure:
    """A number of records: what is counted, in words, and how the list is ordered.

    ``picks`` are the words of the address that say which of many alike figures it is (Question.picked).
    """

    key: str
    label: Any
    help: Any
    order: Any  # an instant no row lacks
    selected: Callable[[Question], QuerySet[Record]]
    picks: tuple[str, ...] = ()
    titled: Callable[[Question], str] | None = None  # what it is called for what was picked

    def rows(self, question: Question) -> QuerySet[Record]:
        """The records counted, each with its place in the list as ``place``."""
        return self.selected(question).annotate(place=self.order).order_by("place", "pk")

    def title(self, question: Question) -> str:
        return self.titled(question) if self.titled else str(self.label)


class Rows:
    """The selections of the record figures."""

    @staticmethod
    def open(q: Question) -> QuerySet[Record]:
        return q.records().exclude(phase="done")

    @staticmethod
    def due_soon(q: Question) -> QuerySet[Record]:
        return Rows.open(q).alias(due=by_due()).filter(due__gte=q.now, due__lt=q.now + SOON)

    @staticmethod
    def overdue(q: Question) -> QuerySet[Record]:
        return Rows.open(q).alias(due=by_due()).filter(due__lt=q.now)

    @staticmethod
    def unassigned(q: Question) -> QuerySet[Record]:
        return Rows.open(q).filter(assignee=None)

    @staticmethod
    def opened(q: Question) -> QuerySet[Record]:
        return q.records().filter(opened_at__gte=q.period.start, opened_at__lt=q.period.end)

    @staticmethod
    def done(q: Question) -> QuerySet[Record]:
        return q.records().filter(done_at__gte=q.period.start, done_at__lt=q.period.end)

    @staticmethod
    def idle(q: Question) -> QuerySet[Record]:
        return Rows.open(q).filter(updated_at__lt=q.now - timedelta(days=1))


RECORD_FIGURES = {
    figure.key: figure
    for figure in (
        RecordFigure("open", _("Open now"), _("All tickets not yet done"), by_due(), Rows.open),
        RecordFigure(
            "due_soon",
            _("Due in the next 4 hours"),
            _("Open tickets with a target due within four hours"),
            by_due(),
            Rows.due_soon,
        ),
        RecordFigure(
            "overdue",
            _("Past due now"),
            _("Open tickets with a target past its due time"),
            by_due(),
            Rows.overdue,
        ),
        RecordFigure(
            "unassigned", _("Nobody's"), _("Open tickets without a person"), by_due(), Rows.unassigned
        ),
        RecordFigure("opened", _("Opened"), _("Tickets opened in the period"), F("opened_at"), Rows.opened),
        RecordFigure(
            "done", _("Done"), _("Tickets resolved or given up in the period"), F("done_at"), Rows.done
        ),
        RecordFigure(
            "idle",
            _("Oldest without progress"),
            _("Open tickets nobody has touched for a day, the oldest first"),
            F("updated_at"),
            Rows.idle,
        ),
    )
}


# --- figures that are lists of clocks -----------------------------------------------------------


def clock_rows(question: Question, *, metric: str, outcome: str) -> QuerySet[Clock]:
    """The clocks behind a share: ``outcome`` is one of OUTCOMES; ``metric`` "" means all.

    Each row carries its place in the list as ``place``.
    """
    rows = question.all_decided().exclude(NET) if outcome == "excluded" else question.decided()
    if metric:
        rows = rows.filter(metric=metric)
    if outcome in ("met", "missed"):
        rows = rows.filter(MET if outcome == "met" else MISSED)
    return rows.annotate(place=F("decided_at")).order_by("place", "pk")


def support_clocks(question: Question) -> QuerySet[Clock]:
    """The clocks of OLAs and UCs whose verdict fell into the period, without the excluded ones."""
    rows = Clock.every.exclude(support=None).filter(
        NET, decided_at__gte=question.period.start, decided_at__lt=question.period.end
    )
    return rows.filter(record__in=question.records())


@dataclass(frozen=True)
class Attainment:
    """Met against missed of one metric (and one group), with the goal it is held to."""

    metric: str
    group: Any
    met: int
    missed: int
    goal: Decimal | None
    # those that do not count by decision, by what they would have counted as
    excluded_met: int = 0
    excluded_missed: int = 0

    @property
    def percent(self) -> Decimal | None:
        return percent(self.met, self.missed)

    @property
    def gross(self) -> Decimal | None:
        """Attainment with the excluded ones counted."""
        return percent(self.met + self.excluded_met, self.missed + self.excluded_missed)

    @property
    def excluded(self) -> int:
        return self.excluded_met + self.excluded_missed

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def misses_left(self) -> int | None:
        """How many more of this many may be missed before the goal is; negative when it is missed."""
        if self.goal is None or not self.decided:
            return None
        return int(self.decided * (100 - self.goal) / 100) - self.missed

    @property
    def on_goal(self) -> bool | None:
        if self.percent is None or self.goal is None:
            return None
        return self.percent >= self.goal


def attainment(question: Question, dimension: str | None = None) -> list[Attainment]:
    """Attainment by metric, or by metric and dimension; one query. The goal is the strictest of the group."""
    group = {"group": F(DIMENSIONS[dimension])} if dimension else {}
    decided = held(question.all_decided()) if dimension == "team" else question.all_decided()
    rows = (
        decided.values("metric", **group)
        .annotate(
            met=tally(MET & NET),
            missed=tally(MISSED & NET),
            excluded_met=tally(MET & ~NET),
            excluded_missed=tally(MISSED & ~NET),
            goal=Min("target__goal_percent"),
        )
        .order_by(*(["group"] if dimension else []), "metric")
    )
    order = list(Metric.values)
    found = [
        Attainment(
            r["metric"], r.get("group"), r["met"], r["missed"], r["goal"], r["excluded_met"],
            r["excluded_missed"],
        )
        for r in rows
    ]  # fmt: skip
    return sorted(found, key=lambda a: (a.group is None, str(a.group), order.index(a.metric)))


def trend(question: Question) -> dict[str, list[tuple[Any, int, int]]]:
    """By metric: (first day of the step, met, missed) for every step, empty ones as zeros. One query."""
    step = question.period.step
    rows = (
        question.decided()
        .annotate(bucket=TRUNCATE[step]("decided_at", tzinfo=question.period.zone))
        .values("metric", "bucket")
        .annotate(met=tally(MET), missed=tally(MISSED))
    )
    counted = {(r["metric"], _as_date(r["bucket"])): (r["met"], r["missed"]) for r in rows}
    metrics = [m for m in Metric.values if any(k[0] == m for k in counted)]
    return {m: [(day, *counted.get((m, day), (0, 0))) for day in question.period.buckets()] for m in metrics}


def _as_date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def volume(question: Question) -> list[tuple[Any, int, int]]:
    """(first day of the step, opened, done) for every step of the period; two queries."""
    truncate = TRUNCATE[question.period.step]
    found: dict[str, dict[Any, int]] = {}
    for key, column in (("opened", "opened_at"), ("done", "done_at")):
        rows = (
            RECORD_FIGURES[key]
            .rows(question)
            .order_by()
            .annotate(bucket=truncate(column, tzinfo=question.period.zone))
            .values("bucket")
            .annotate(n=tally())
        )
        found[key] = {_as_date(r["bucket"]): r["n"] for r in rows}
    return [
        (day, found["opened"].get(day, 0), found["done"].get(day, 0)) for day in question.period.buckets()
    ]


# --- breaches and why ---------------------------------------------------------------------------


def breaches(question: Question) -> QuerySet[Breach]:
    """Missed targets whose breach lies in the period, the latest first."""
    missed = question.decided().filter(MISSED)
    return Breach.objects.filter(clock__in=missed).order_by("-at", "-pk")


def breach_reasons(question: Question) -> list[tuple[str, int]]:
    """How often each reason was given, most first; "" counts those without one. One query."""
    rows = breaches(question).order_by().values("reason").annotate(n=tally()).order_by("-n", "reason")
    return [(r["reason"], r["n"]) for r in rows]


@dataclass(frozen=True)
class Bar:
    """One cause in a Pareto: how often, and which part of all are it and those before it."""

    code: Any
    n: int
    share: Decimal
    running: Decimal


CAUSES = {"reason": "reason", "accountable": "agreement", "team": "team", "tier": "tier"}


def pareto(question: Question, by: str) -> list[Bar]:
    """Misses by a key of CAUSES, the most frequent first; one query. An empty code is what nobody named."""
    column = CAUSES[by]
    rows = breaches(question).order_by().values(column).annotate(n=tally()).order_by("-n", column)
    counted = [(r[column], r["n"]) for r in rows]
    total, so_far = sum(n for _code, n in counted), 0
    bars = []
    for code, n in counted:
        so_far += n
        shares = [Decimal(part * 100 / total).quantize(Decimal("0.1")) for part in (n, so_far)]
        bars.append(Bar(code, n, *shares))
    return bars
