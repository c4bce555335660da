"""Verbs on calendars: a change is a new edition with a date.

No clock is ever re-measured: one that runs keeps the edition it started under, or, if whoever makes the next
edition says so, goes on under that one from its date, with the time used until then as it was counted (V-1).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from itsm.templatetags.ui import instant_words
from sla import calendar as working_time
from sla.models import Calendar, CalendarVersion, Retiming
from sla.public_holidays import Day


@transaction.atomic
def new_version(
    calendar: Calendar,
    definition: Mapping[str, Any],
    *,
    effective_from: datetime,
    actor: Actor,
    now: datetime,
    note: str = "",
    holidays_known_until: date | None = None,
    day_names: Mapping[str, Any] | None = None,
    follow: bool = False,
) -> CalendarVersion:
    """Write the next edition of a calendar. It may not begin before the present one did.

    ``follow``: clocks still open when it begins go on under it (records.retiming moves them); else only those
    that start under it know it. ``holidays_known_until`` and ``day_names`` None keep what the edition before
    knew. Raises ValidationError on ``definition`` or ``effective_from``, Denied.
    """
    require(actor, "calendar")
    check(definition, now=effective_from)
    latest = _lock(calendar)
    check_begin(latest, effective_from)
    known = holidays_known_until or (latest.holidays_known_until if latest else None)
    if day_names is None:
        day_names = latest.day_names if latest else {}
    made = CalendarVersion.objects.create(
        calendar=calendar,
        number=latest.number + 1 if latest else 1,
        effective_from=effective_from,
        definition=dict(definition),
        day_names=dict(day_names),
        holidays_known_until=known,
        note=note[:300],
        created_by_id=actor.user_id,
        created_at=now,
    )
    if follow and latest:
        Retiming.objects.create(
            version=made, starts_at=max(effective_from, now), asked_by_id=actor.user_id, asked_at=now
        )
    return made


def check_begin(latest: CalendarVersion | None, effective_from: datetime) -> None:
    """ValidationError if the next edition would begin before the newest one."""
    if latest and effective_from < latest.effective_from:
        message = _("The present edition is in force from %(at)s; the next one cannot begin earlier.")
        raise ValidationError({"effective_from": message % {"at": instant_words(latest.effective_from)}})


def _lock(calendar: Calendar) -> CalendarVersion | None:
    Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)
    return latest_version(calendar)


def latest_version(calendar: Calendar) -> CalendarVersion | None:
    """The newest edition, in force or still to come."""
    return CalendarVersion.objects.filter(calendar=calendar).order_by("-number").first()


def check(definition: Mapping[str, Any], *, now: datetime) -> working_time.Calendar:
    """The definition ready to compute with; ValidationError if it is refused or never opens."""
    try:
        hours = working_time.Calendar.parse(definition)
    except working_time.CalendarError as error:
        raise ValidationError({"definition": f"{error.field}: {error.detail}"}) from None
    if hours.never_opens(now):
        raise ValidationError({"definition": _("This calendar never opens; give at least one window.")})
    return hours


def with_days(definition: Mapping[str, Any], days: Iterable[Day]) -> tuple[dict[str, Any], dict[date, str]]:
    """A definition with holidays and make-up days added, and what that changes: date -> "new" or "changed".

    Dates that are there and not among ``days`` stay: they may be the organisation's own.
    """
    listed = set(definition.get("holidays", []))
    worked = {entry["date"]: entry["as"] for entry in definition.get("makeup", [])}
    changes: dict[date, str] = {}
    for day in days:
        key = day.on.isoformat()
        if day.kind == "holiday":
            if key not in listed or key in worked:
                changes[day.on] = "changed" if key in worked else "new"
            listed.add(key)
            worked.pop(key, None)
        else:
            if worked.get(key) != day.worked_as:
                changes[day.on] = "changed" if key in worked or key in listed else "new"
            listed.discard(key)
            worked[key] = day.worked_as
    merged = {
        **definition,
        "holidays": sorted(listed),
        "makeup": [{"date": key, "as": worked[key]} for key in sorted(worked)],
    }
    return merged, changes
