"""The roster as its page reads it: a row per person, a cell and a bar per day. Nothing is decided here."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Team, User
from shifts import occupancy
from shifts.forms import members
from shifts.models import Duty
from shifts.queries import WEEK_DAYS, Occupancy


def days_of(monday: date, today: date) -> list[dict[str, Any]]:
    """The columns."""
    days = [monday + timedelta(days=n) for n in range(WEEK_DAYS)]
    return [
        {"date": day, "name": date_format(day, "D"), "short": f"{day:%m-%d}", "is_today": day == today}
        for day in days
    ]


def rows_of(team: Team, duties: Iterable[Duty], days: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The members of the team, and whoever else is on the roster of this week."""
    by_cell: dict[tuple[int, date], list[Duty]] = {}
    people: dict[int, User] = {user.pk: user for user in members(team)}
    first = days[0]["date"]
    for duty in duties:
        if duty.date >= first:
            people.setdefault(duty.person_id, duty.person)
            by_cell.setdefault((duty.person_id, duty.date), []).append(duty)
    return [
        {
            "person": person,
            "cells": [{**day, "duties": by_cell.get((pk, day["date"]), [])} for day in days],
        }
        for pk, person in sorted(people.items(), key=lambda item: (item[1].display_name, item[0]))
    ]


def bars_of(found: Occupancy, days: Sequence[dict[str, Any]], zone: ZoneInfo) -> list[dict[str, Any]]:
    """A bar per day, one mark per hour: enough, too few, or nothing asked."""
    marks: dict[date, list[dict[str, Any]]] = {day["date"]: [] for day in days}
    for hour in found.hours:
        local = hour.start.astimezone(zone)
        row = marks.get(local.date())
        if row is not None:
            tone = "short" if hour.is_short else "enough" if hour.needed else "free"
            words = {"hour": f"{local:%H:%M}", "present": hour.present, "needed": hour.needed}
            row.append(
                {"x": len(row) * 10, "tone": tone, "words": _("%(hour)s: %(present)s of %(needed)s") % words}
            )
    return [{**day, "hours": marks[day["date"]], "width": len(marks[day["date"]]) * 10} for day in days]


def gap_words(gap: occupancy.Stretch, zone: ZoneInfo) -> str:
    """ "Tue 03:00–06:00: 1 of 2"."""
    start, end = gap.start.astimezone(zone), gap.end.astimezone(zone)
    day = f"{date_format(start.date(), 'D')} {start:%m-%d}"
    until = f"{end:%H:%M}" if _same_day(start, end) else f"{date_format(end.date(), 'D')} {end:%H:%M}"
    words = {
        "day": day, "start": f"{start:%H:%M}", "end": until, "present": gap.present, "needed": gap.needed,
    }  # fmt: skip
    return _("%(day)s %(start)s–%(end)s: %(present)s of %(needed)s") % words


def _same_day(start: datetime, end: datetime) -> bool:
    """Also true for midnight at the end of the day, which reads 00:00."""
    return start.date() == (end - timedelta(seconds=1)).date()
