"""The verbs of the roster: put on duty, take off, and copy a week.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied. Every verb may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from accounts.models import Membership, Team, User
from records.services import refuse
from shifts.models import Duty, ShiftPattern, Swap, zone_of
from shifts.occupancy import span_of

MOST_DAYS = 62
WEEK = timedelta(days=7)


@dataclass
class Outcome:
    """What came of putting people on duty for several days."""

    made: list[Duty] = field(default_factory=list)
    there: int = 0  # were on the roster before
    clashes: list[Duty] = field(default_factory=list)  # what somebody already does at that time


def add(
    *,
    team: Team,
    person: User,
    pattern: ShiftPattern,
    days: Sequence[date],
    actor: Actor,
    now: datetime,
    kind: str = Duty.Kind.SEAT,
) -> Outcome:
    """Put a person on duty on some days. A day on which they sit elsewhere at that time is left out.

    A single day that clashes is refused; so is somebody who is not of the team.
    """
    require(actor, "lead_roster")
    if not days:
        raise refuse("date", _("No day is chosen."), "required")
    if len(days) > MOST_DAYS:
        raise refuse("until", _("At most %(n)s days at once.") % {"n": MOST_DAYS})
    if kind not in Duty.Kind.values:
        raise refuse("kind", _("Not one of the possible values."), "invalid_choice")
    if not pattern.is_active:
        raise refuse("pattern", _("This shift is not used any more."))
    if not person.is_active or not Membership.objects.filter(team=team, user=person).exists():
        raise refuse("person", _("%(person)s is not in this team.") % {"person": person.name})
    wanted = [
        Duty(team=team, person=person, pattern=pattern, date=day, kind=kind) for day in sorted(set(days))
    ]
    with transaction.atomic():
        outcome = _put(wanted, team)
    if len(wanted) == 1 and outcome.clashes:
        raise refuse("person", clash_words(outcome.clashes[0]), "clash")
    return outcome


def clash_words(duty: Duty) -> str:
    """Why somebody cannot: what they do at that time."""
    return _("%(person)s is on duty then already: %(day)s %(shift)s, %(team)s.") % {
        "person": duty.person.name, "day": duty.date.isoformat(), "shift": duty.pattern.name,
        "team": duty.team.name,
    }  # fmt: skip


def lock_people(ids: Sequence[int]) -> None:
    """Hold what some people do; in one order, so that two acts never wait for each other."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def clash_of(duty: Duty, *, besides: Sequence[int] = ()) -> Duty | None:
    """A seat its person has at the same time, apart from some duties; on call clashes with nothing."""
    if duty.kind != Duty.Kind.SEAT:
        return None
    rows = Duty.objects.filter(
        person=duty.person_id, kind=Duty.Kind.SEAT, starts_at__lt=duty.ends_at, ends_at__gt=duty.starts_at
    ).exclude(pk__in=[*besides, *([duty.pk] if duty.pk else [])])
    return rows.select_related("person", "pattern", "team").first()


def _put(wanted: Sequence[Duty], team: Team) -> Outcome:
    outcome, zone = Outcome(), zone_of(team)
    lock_people([duty.person_id for duty in wanted])
    for duty in wanted:
        duty.starts_at, duty.ends_at = span_of(duty.date, duty.pattern.starts, duty.pattern.ends, zone)
        same = {"team": team, "person": duty.person_id, "pattern": duty.pattern_id, "date": duty.date}
        if Duty.objects.filter(**same, kind=duty.kind).exists():
            outcome.there += 1
        elif clash := clash_of(duty):
            outcome.clashes.append(clash)
        else:
            duty.save(force_insert=True)
            outcome.made.append(duty)
    return outcome


def copy_week(team: Team, monday: date, *, actor: Actor, now: datetime) -> Outcome:
    """Put the duties of the week before into the week of ``monday``; people who left the team stay out."""
    require(actor, "lead_roster")
    before = Duty.objects.filter(team=team, date__gte=monday - WEEK, date__lt=monday, pattern__is_active=True)
    present = Membership.objects.filter(team=team, user__is_active=True).values("user")
    wanted = [
        Duty(team=team, person=duty.person, pattern=duty.pattern, date=duty.date + WEEK, kind=duty.kind)
        for duty in before.filter(person__in=present)
        .select_related("person", "pattern")
        .order_by("date", "pk")
    ]
    with transaction.atomic():
        return _put(wanted, team)


def remove(duty: Duty, *, actor: Actor, now: datetime) -> None:
    """Take a duty off the roster; refused while a swap of it waits. Removing it twice is the same as once."""
    require(actor, "lead_roster")
    with transaction.atomic():
        current = Duty.objects.select_for_update().filter(pk=duty.pk).first()
        if current is None:
            return
        waiting = Swap.objects.filter(state__in=Swap.OPEN)
        if waiting.filter(duty=current).exists() or waiting.filter(in_return=current).exists():
            raise refuse("duty", _("A swap of this duty waits for an answer; decide on it first."), "swap")
        current.delete()
