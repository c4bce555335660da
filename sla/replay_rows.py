"""What a replay needs from the tables besides the histories: the editions of the calendars terms name."""

from collections import defaultdict
from datetime import datetime

from sla import calendar as working_time
from sla.models import CalendarVersion
from sla.replay import Hours
from sla.services import NoCalendar
from sla.terms import Terms


def hours_for(terms: Terms) -> Hours:
    """Every edition of each calendar of the terms; NoCalendar for a code nobody knows, or without edition."""
    codes = {terms.calendar, *(term.calendar for term in terms.targets if term.calendar)}
    rows = CalendarVersion.objects.filter(calendar__code__in=codes).select_related("calendar")
    found: dict[str, list[tuple[datetime, working_time.Calendar]]] = defaultdict(list)
    for row in rows.order_by("effective_from", "number"):
        found[row.calendar.code].append((row.effective_from, row.hours))
    if missing := codes - found.keys():
        raise NoCalendar(", ".join(sorted(missing)))
    return found
