"""Adopting an edition of a calendar that somebody has seen the effect of, and only that one."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.access import Actor, require
from sla import calendars, impact_rows
from sla.impact_rows import Preview
from sla.models import Calendar, CalendarVersion


class Outdated(Exception):
    """What was shown is not what would happen now; ``preview`` is."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("the preview is outdated")
        self.preview = preview


def preview(
    calendar: Calendar,
    definition: Mapping[str, Any],
    *,
    effective_from: datetime | None,
    actor: Actor,
    now: datetime,
) -> Preview:
    """What an edition would do to open clocks, for who may adopt it. Raises Denied, ValidationError."""
    require(actor, "calendar")
    return impact_rows.preview(calendar, definition, effective_from=effective_from, actor=actor, now=now)


@transaction.atomic
def adopt(
    calendar: Calendar,
    definition: Mapping[str, Any],
    *,
    digest: str,
    follow: bool,
    effective_from: datetime | None,
    actor: Actor,
    now: datetime,
    note: str,
    day_names: Mapping[str, Any],
    holidays_known_until: date | None = None,
) -> CalendarVersion:
    """Write the edition whose preview bears ``digest``; ``follow``: open clocks go over to it from its date.

    Raises Outdated if another edition was written since, or other clocks would get worse by this one;
    ValidationError and Denied as `calendars.new_version` does.
    """
    require(actor, "calendar")
    Calendar.objects.select_for_update(no_key=True).get(pk=calendar.pk)
    found = preview(calendar, definition, effective_from=effective_from, actor=actor, now=now)
    if found.digest != digest:
        raise Outdated(found)
    return calendars.new_version(
        calendar, definition, effective_from=effective_from or now, actor=actor, now=now, note=note,
        holidays_known_until=holidays_known_until, day_names=day_names, follow=follow,
    )  # fmt: skip
