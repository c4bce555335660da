"""Questions to the roster: who is on duty, a week of a team, where too few are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.access import Actor
from accounts.models import Team, User
from accounts.queries import teams
from shifts import occupancy
from shifts.models import ChecklistTick, Duty, Handover, MinimumSeats, ShiftPattern

WEEK_DAYS = 7
LONGEST = timedelta(days=2)


def rostered_teams(actor: Actor) -> QuerySet[Team]:
    """The active teams whose roster an actor may read."""
    return teams(actor).filter(is_active=True).order_by("tier", "name_en")


def now_on_duty(team: Team, at: datetime) -> list[Duty]:
    """Everybody on duty for a team at an instant, seats first; one query."""
    rows = Duty.objects.filter(team=team, starts_at__lte=at, ends_at__gt=at)
    return list(
        rows.select_related("person", "pattern").order_by("-kind", "starts_at", "person__display_name")
    )


def on_duty(team: Team, at: datetime) -> list[User]:
    """Who sits there at this instant."""
    return [duty.person for duty in now_on_duty(team, at) if duty.kind == Duty.Kind.SEAT]


def on_call(team: Team, at: datetime) -> list[User]:
    """Whom to ring at this instant, who came on call first comes first (INC-22)."""
    return [duty.person for duty in now_on_duty(team, at) if duty.kind == Duty.Kind.ON_CALL]


def first_on_call(team: Team, at: datetime) -> User | None:
    """The one to ring first."""
    return next(iter(on_call(team, at)), None)


def rules_of(team: Team) -> list[occupancy.Rule]:
    return [
        occupancy.Rule(row.seats, row.starts, row.ends, row.weekday)
        for row in MinimumSeats.objects.filter(team=team)
    ]


def duties_of(team: Team, first: date, days: int = WEEK_DAYS) -> list[Duty]:
    """The duties that begin on these days, with those that reach into the first from the day before."""
    rows = Duty.objects.filter(
        team=team, date__gte=first - timedelta(days=1), date__lt=first + timedelta(days=days)
    )
    return list(rows.select_related("person", "pattern").order_by("starts_at", "pk"))


@dataclass(frozen=True)
class Occupancy:
    """How a week is filled: where too few are, and every hour of every day."""

    gaps: Sequence[occupancy.Stretch]
    hours: Sequence[occupancy.Hour]
    has_rules: bool


def occupancy_of(team: Team, duties: Sequence[Duty], first: date, zone: ZoneInfo) -> Occupancy:
    """The week from ``first`` on, judged by the team's rules; those on call do not sit."""
    spans = [
        occupancy.Span(duty.person_id, duty.starts_at, duty.ends_at)
        for duty in duties
        if duty.kind == Duty.Kind.SEAT
    ]
    rules = rules_of(team)
    found = occupancy.stretches(spans, rules, first=first, days=WEEK_DAYS, zone=zone)
    return Occupancy(occupancy.gaps(found), occupancy.by_hour(found), bool(rules))


def next_duty(person: int, at: datetime) -> Duty | None:
    """The duty a person has now, or has next."""
    rows = Duty.objects.filter(person=person, ends_at__gt=at, kind=Duty.Kind.SEAT)
    return rows.select_related("team", "pattern").order_by("starts_at", "pk").first()


def unaccepted(team: Team) -> list[Handover]:
    """Hand-overs of a team nobody has accepted yet, the oldest first."""
    rows = Handover.objects.filter(team=team).exclude(state=Handover.State.ACCEPTED)
    return list(rows.select_related("given_by").order_by("given_at", "pk")[:10])


def ticks_of(team: Team, pattern: ShiftPattern | None, day: date) -> dict[int, list[ChecklistTick]]:
    """Who ticked what before a shift, by item."""
    found: dict[int, list[ChecklistTick]] = {}
    if pattern is not None:
        rows = ChecklistTick.objects.filter(item__team=team, pattern=pattern, date=day)
        for tick in rows.select_related("by").order_by("at", "pk"):
            found.setdefault(tick.item_id, []).append(tick)
    return found
