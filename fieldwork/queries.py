"""Questions about visits: the board, calendars, panels and figures. All begin from what the actor may see."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Team, User
from accounts.queries import assignees
from fieldwork import lifecycle
from fieldwork.models import Appointment, AppointmentQuerySet, ServiceForm
from records.chips import Chip, chips_for
from records.models import Record
from sla.models import Clock, Metric

MOST_JOBS = 120
MOST_WAITING = 30
COUNTED_TO = 1000
State = Appointment.State


@dataclass(frozen=True)
class Job:
    """A line of the board: an appointment with its ticket's most urgent targets."""

    visit: Appointment
    chips: Sequence[Chip]
    risk: str  # "late", "soon" or ""

    @property
    def order(self) -> tuple[int, datetime, int]:
        return ({"late": 0, "soon": 1}.get(self.risk, 2), self.visit.starts_at, self.visit.pk)


@dataclass(frozen=True)
class Asked:
    """What the board is narrowed to; empty means all. ``day``: jobs of that day, with what is late before."""

    team: int | None = None
    engineer: int | None = None
    day: date | None = None
    by: str = "state"

    def rows(self, actor: Actor) -> AppointmentQuerySet:
        rows = Appointment.objects.visible_to(actor).open()
        if self.team:
            rows = rows.filter(team=self.team)
        if self.engineer:
            rows = rows.filter(engineer=self.engineer)
        if self.day:
            rows = rows.filter(starts_at__lt=day_start(self.day + timedelta(days=1)))
        return rows


@dataclass(frozen=True)
class Board:
    """What the board shows now. ``digest`` stands for it: another one means that something changed."""

    jobs: list[Job]
    waiting: list[tuple[Record, Sequence[Chip]]]
    total: int
    digest: str = field(default="", compare=False)


def day_start(day: date) -> datetime:
    """Midnight in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def board(asked: Asked, actor: Actor, now: datetime) -> Board:
    """The open jobs, the most urgent first; a fixed number of queries, and never more than it shows."""
    visits = list(asked.rows(actor).shown().order_by("starts_at", "pk")[:MOST_JOBS])
    waiting = [] if asked.engineer else waiting_tickets(asked, actor)
    chips = chips_for([*{v.ticket_id: v.ticket for v in visits}.values(), *waiting], now)
    jobs = sorted(
        (Job(v, chips.get(v.ticket_id, ()), risk_of(v, chips.get(v.ticket_id, ()), now)) for v in visits),
        key=lambda job: job.order,
    )
    total = len(visits)
    if total == MOST_JOBS:
        total = asked.rows(actor).values("pk")[:COUNTED_TO].count()
    found: list[tuple[Record, Sequence[Chip]]] = [(t, chips.get(t.pk, ())) for t in waiting]
    return Board(jobs, found, total, _digest(jobs, waiting))


def _digest(jobs: Iterable[Job], waiting: Iterable[Record]) -> str:
    said = [f"{job.visit.pk}.{job.visit.version}.{job.risk}" for job in jobs] + [t.number for t in waiting]
    return hashlib.sha256(" ".join(said).encode()).hexdigest()[:16]


def risk_of(visit: Appointment, chips: Iterable[Chip], now: datetime) -> str:
    """ "late": nobody is there in time; "soon": that threatens, or nobody is named for a job that is near."""
    if visit.is_late(now):
        return "late"
    if visit.state == lifecycle.ARRIVED:
        return ""
    if visit.engineer_id is None and visit.starts_at < now + timedelta(hours=4):
        return "soon"
    return "soon" if any(c.is_open and c.state in ("warning", "breached") for c in chips) else ""


def waiting_tickets(asked: Asked, actor: Actor) -> list[Record]:
    """Open tickets to which somebody was promised and nobody is sent yet, the first due first."""
    sent = Appointment.objects.filter(ticket=OuterRef("record"), state__in=lifecycle.OPEN)
    clocks = Clock.objects.filter(metric=Metric.ON_SITE, stopped_at=None).filter(~Exists(sent))
    if actor.scope is not None:
        clocks = clocks.filter(record__customer__in=actor.scope)
    if asked.team:
        clocks = clocks.filter(record__team=asked.team)
    related = clocks.select_related("record__customer", "record__service", "record__team", "record__assignee")
    return [c.record for c in related.order_by(F("due_at").asc(nulls_last=True), "pk")[:MOST_WAITING]]


# --- calendars -----------------------------------------------------------------------------------


def between(actor: Actor, first: datetime, last: datetime, **narrow: Any) -> QuerySet[Appointment]:
    """The appointments that touch a span, in order; those called off are left out."""
    rows = Appointment.objects.visible_to(actor).filter(busy_from__lt=last, ends_at__gt=first, **narrow)
    return rows.exclude(state=State.CANCELLED).shown().order_by("starts_at", "pk")


def engineers(actor: Actor, team: Team | None = None) -> QuerySet[User]:
    """Whom a job can be given to."""
    rows = assignees(actor).exclude(grants__role="integration")
    if team is not None:
        rows = rows.filter(memberships__team=team)
    return rows.distinct().order_by("display_name", "pk")


def of_ticket(ticket: Record, actor: Actor) -> list[Appointment]:
    """The visits of a ticket, the newest first, with their forms; two queries."""
    rows = Appointment.objects.visible_to(actor).filter(ticket=ticket.pk).select_related("engineer", "team")
    return list(rows.prefetch_related("forms").order_by("-starts_at", "-pk")[:10])


# --- figures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """An engineer's jobs in a period. ``in_time`` counts those of which the time had been agreed."""

    engineer: User | None
    jobs: int
    judged: int
    in_time: int
    unsigned: int

    @property
    def percent(self) -> float | None:
        return self.in_time * 100 / self.judged if self.judged else None


def done(actor: Actor, first: date, last: date) -> AppointmentQuerySet:
    """The visits that ended in a period, done or missed."""
    rows = Appointment.objects.visible_to(actor).filter(state__in=[State.DONE, State.MISSED])
    return rows.filter(starts_at__gte=day_start(first), starts_at__lt=day_start(last + timedelta(days=1)))


def unsigned(rows: AppointmentQuerySet) -> AppointmentQuerySet:
    """Those that were done and have no signed form."""
    signed = ServiceForm.objects.filter(appointment=OuterRef("pk"), signed_at__isnull=False)
    return rows.filter(~Exists(signed), state=State.DONE)


# as it was promised, even if we moved the visit afterwards
IN_TIME = Q(arrived_at__isnull=False, arrived_at__lte=F("promised_at"))
JUDGED = Q(promised_at__isnull=False)


def figures(rows: AppointmentQuerySet) -> list[Figure]:
    """By engineer; three queries. In time is who was there by what was promised."""
    counted = rows.order_by().values("engineer").annotate(
        jobs=Count("pk"), judged=Count("pk", filter=JUDGED), kept=Count("pk", filter=JUDGED & IN_TIME)
    )  # fmt: skip
    open_ends: Mapping[Any, int] = dict(
        unsigned(rows).order_by().values("engineer").annotate(n=Count("pk")).values_list("engineer", "n")
    )
    lines = list(counted)
    people = User.objects.in_bulk([line["engineer"] for line in lines if line["engineer"]])
    found = [
        Figure(
            people.get(line["engineer"]), line["jobs"], line["judged"], line["kept"],
            open_ends.get(line["engineer"], 0),
        )
        for line in lines
    ]  # fmt: skip
    return sorted(found, key=lambda f: (-f.jobs, f.engineer.name if f.engineer else ""))


def satisfaction(actor: Actor, first: date, last: date) -> dict[str, Any]:
    """How the scores on signed forms stand: what was left empty counts in no mean."""
    rows = ServiceForm.objects.visible_to(actor).filter(
        signed_at__gte=day_start(first), signed_at__lt=day_start(last + timedelta(days=1))
    )
    scores = dict(rows.order_by().values_list("satisfaction").annotate(n=Count("pk")))
    given = {score: n for score, n in scores.items() if score}
    count = sum(given.values())
    mean = sum(score * n for score, n in given.items()) / count if count else None
    return {"mean": mean, "count": count, "empty": scores.get(None, 0)}
