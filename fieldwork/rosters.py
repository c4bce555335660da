"""What the roster says about an engineer's time, and where there is room for an appointment."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Team, User
from fieldwork import lifecycle
from fieldwork.models import Appointment
from fieldwork.slots import Span, free
from itsm.templatetags.ui import instant_words
from shifts.models import DEFAULT_ZONE, Duty, zone_of

AROUND = timedelta(days=14)
USUAL_DAY = (time(9), time(18))
STEP = timedelta(minutes=30)


class Slot(NamedTuple):
    """An offer: this engineer could come from then on."""

    engineer: User
    starts_at: datetime
    ends_at: datetime


def warning(engineer: User, starts_at: datetime, ends_at: datetime) -> str:
    """Why this time is unusual for the engineer by the roster; "" if nothing speaks against it.

    Who is on no roster two weeks before and after is not warned about.
    """
    rows = Duty.objects.filter(
        person=engineer, starts_at__lt=ends_at + AROUND, ends_at__gt=starts_at - AROUND
    )
    duties = [Span(duty.starts_at, duty.ends_at) for duty in rows.order_by("starts_at")]
    if not duties or _covers(duties, starts_at, ends_at):
        return ""
    return _("%(person)s is not on duty %(first)s – %(last)s: outside the shift, or away.") % {
        "person": engineer.name, "first": instant_words(starts_at), "last": instant_words(ends_at),
    }  # fmt: skip


def _covers(duties: Iterable[Span], first: datetime, last: datetime) -> bool:
    """Whether duties, which may follow one another, leave no gap between two instants."""
    at = first
    for span in duties:
        if span.start <= at < span.end:
            at = span.end
    return at >= last


def clash_of(appointment: Appointment) -> Appointment | None:
    """What the engineer has at that time already."""
    if appointment.engineer_id is None:
        return None
    rows = Appointment.objects.open().filter(
        engineer=appointment.engineer_id, busy_from__lt=appointment.ends_at,
        ends_at__gt=appointment.busy_from,
    )  # fmt: skip
    return rows.exclude(pk=appointment.pk or 0).select_related("ticket", "engineer").first()


def clash_words(other: Appointment, *, names_all: bool) -> str:
    """Which appointment is in the way; of a customer the reader does not cover only the time."""
    words = {
        "person": other.engineer.name if other.engineer else "–", "number": other.ticket.number,
        "first": instant_words(other.busy_from), "last": instant_words(other.ends_at), "site": other.site,
    }  # fmt: skip
    if not names_all:
        return _("%(person)s has another appointment then: %(first)s – %(last)s.") % words
    return _("%(person)s has another appointment then: %(number)s, %(first)s – %(last)s, %(site)s.") % words


def zone_for(team: Team | None) -> ZoneInfo:
    return zone_of(team) if team else ZoneInfo(DEFAULT_ZONE)


def slots(
    engineers: Sequence[User],
    day: date,
    *,
    zone: ZoneInfo,
    length: timedelta,
    travel: timedelta,
    now: datetime,
    most: int = 6,
) -> list[Slot]:
    """The first offers of a day, an engineer after the other; two queries.

    Who has duties that day is free within them, who is on no roster within usual hours.
    """
    first = datetime.combine(day, time.min, tzinfo=zone)
    last = first + timedelta(days=1)
    ids = [person.pk for person in engineers]
    duties: dict[int, list[Span]] = {pk: [] for pk in ids}
    for duty in Duty.objects.filter(person__in=ids, starts_at__lt=last + AROUND, ends_at__gt=first - AROUND):
        duties[duty.person_id].append(Span(duty.starts_at, duty.ends_at))
    taken: dict[int, list[Span]] = {pk: [] for pk in ids}
    busy = Appointment.objects.filter(engineer__in=ids, state__in=lifecycle.OPEN)
    for row in busy.filter(busy_from__lt=last, ends_at__gt=first - timedelta(days=1)):
        taken[row.engineer_id or 0].append(Span(row.busy_from, row.ends_at))
    usual = [Span(*(datetime.combine(day, at, tzinfo=zone) for at in USUAL_DAY))]
    found = []
    for person in engineers:
        hours = [s for s in duties[person.pk] if s.start < last and s.end > first]
        if not duties[person.pk]:
            hours = usual
        within = [Span(max(s.start, first), min(s.end, last)) for s in hours]
        offers = free(within, taken[person.pk], length=length, before=travel, step=STEP, since=now)
        found.append([Slot(person, at, at + length) for at in offers])
    return _in_turn(found, most)


def _in_turn(offers: list[list[Slot]], most: int) -> list[Slot]:
    """The earliest offer of each engineer, then the second ones, until there are enough; by time."""
    chosen = [slots[n] for n in range(most) for slots in offers if len(slots) > n][:most]
    return sorted(chosen, key=lambda slot: (slot.starts_at, slot.engineer.pk))
