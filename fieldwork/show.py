"""Visits in the shape templates show them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from fieldwork import lifecycle
from fieldwork.models import Appointment, ServiceForm
from itsm.templatetags.ui import day_words
from records.chips import WEEKDAYS

TONES = {
    lifecycle.PROPOSED: "warn", lifecycle.AGREED: "accent", lifecycle.UNDER_WAY: "accent",
    lifecycle.ARRIVED: "slate", lifecycle.DONE: "good", lifecycle.MISSED: "bad", lifecycle.CANCELLED: "quiet",
}  # fmt: skip


def tone(row: Appointment, now: datetime) -> str:
    return "bad" if row.is_late(now) else TONES[row.state]


def span(first: datetime, last: datetime) -> str:
    """ "10:00–11:30" of one day, with the second day named where it ends on another; reader's zone."""
    start, end = timezone.localtime(first), timezone.localtime(last)
    until = date_format(end, "H:i")
    if start.date() != end.date():
        until = f"{day_words(end.date())} {until}"
    return f"{date_format(start, 'H:i')}–{until}"


def weekday(day: date) -> str:
    return str(WEEKDAYS[day.weekday()])


def line(row: Appointment, now: datetime) -> dict[str, Any]:
    """What panels, lists and calendars show of a visit; its forms if they were fetched."""
    forms: list[ServiceForm] = []
    if "forms" in getattr(row, "_prefetched_objects_cache", {}):
        forms = sorted(row.forms.all(), key=lambda form: -form.edition)
    return {
        "visit": row, "tone": tone(row, now), "is_late": row.is_late(now),
        "span": span(row.starts_at, row.ends_at),
        "day": timezone.localtime(row.starts_at).date(),
        "weekday": weekday(timezone.localtime(row.starts_at).date()),
        "signed": next((form for form in forms if form.is_signed), None),
        "form": forms[0] if forms else None,
    }  # fmt: skip


def days(monday: date, today: date) -> list[dict[str, Any]]:
    return [
        {"date": day, "name": weekday(day), "is_today": day == today}
        for day in (monday + timedelta(days=n) for n in range(7))
    ]
