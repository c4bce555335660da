"""Questions about calendars and agreements."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.access import Actor
from sla.models import Agreement, Calendar, CalendarVersion

RUNNING_OUT = timedelta(days=60)


class RunningOut(NamedTuple):
    """A calendar whose holidays are known up to a date that is near or past."""

    calendar: Calendar
    known_until: date


def knows_what_is_behind(actor: Actor) -> bool:
    """Whether the actor may read what we agree with our teams and suppliers: who covers every customer."""
    return actor.is_desk_side and actor.scope is None


def agreements(actor: Actor) -> QuerySet[Agreement]:
    """The default commitment, and the agreements of the customers the actor covers or belongs to.

    What we agree with our teams and suppliers is only for those who :func:`knows_what_is_behind`.
    """
    if knows_what_is_behind(actor):
        return Agreement.objects.all()
    if actor.is_desk_side and actor.scope is not None:
        promised = Q(customer=None) | Q(customer__in=actor.scope)
    else:
        promised = Q(customer=None) | Q(customer=actor.organisation_id)
    return Agreement.objects.filter(promised, kind=Agreement.Kind.SLA)


def calendars_running_out(now: datetime) -> list[RunningOut]:
    """Calendars whose newest edition knows holidays for less than 60 days more, the nearest end first.

    A calendar that was never given a list (it works through holidays) cannot run out of it.
    """
    newest = (
        CalendarVersion.objects.order_by("calendar_id", "-number")
        .distinct("calendar_id")
        .select_related("calendar")
    )
    limit = (now + RUNNING_OUT).date()
    found = [
        RunningOut(version.calendar, version.holidays_known_until)
        for version in newest
        if version.holidays_known_until and version.holidays_known_until < limit
    ]
    return sorted(found, key=lambda each: (each.known_until, each.calendar.code))
