"""The week of 2 March 2026, in which the examples of the clock tests take place, and clocks in it."""

from datetime import UTC, datetime, timedelta

from sla import timing
from sla.calendar import Calendar
from sla.timing import Event, Target

DAYS = ("mon", "tue", "wed", "thu", "fri")


def calendar(zone="UTC", windows=(("09:00", "18:00"),), **more):
    return Calendar.parse(
        {"timezone": zone, "weekly": {day: [list(w) for w in windows] for day in DAYS}, **more}
    )


DESK = calendar()
LATE = calendar(windows=(("12:00", "20:00"),))
NIGHT = calendar("Europe/Berlin", (("22:00", "06:00"),))
ALWAYS = Calendar.parse({"timezone": "UTC", "always_open": True})
NEVER = Calendar.parse({"timezone": "UTC", "weekly": {}})
HOUR = 3600
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)  # the week of all examples; 2026-03-06 is a Friday


def t(text):
    """ "mon 10:00" or "fri 10:00:01" of the week of 2 March 2026, or a full instant."""
    if text[0].isdigit():
        return datetime.fromisoformat(text).astimezone(UTC)
    name, clock = text.split()
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon2", "tue2").index(name)
    h, m, s = [*map(int, clock.split(":")), 0][:3]
    return MONDAY + timedelta(days=days, hours=h, minutes=m, seconds=s)


def seconds(hours):
    return Target("business_seconds", int(hours * HOUR))


def ev(when, kind, **more):
    return Event(t(when), kind, **more)


def clock(*events, hours=4, start="mon 10:00", cal=DESK, target=None, thresholds=()):
    return timing.run(
        start=t(start), calendar=cal, target=target or seconds(hours), events=events, thresholds=thresholds
    )


def said(snap, *names):
    """Chosen fields of a snapshot, instants as "mon 10:00"."""
    names = names or ("state", "phase", "elapsed", "due", "breached_at")
    return tuple(
        w(getattr(snap, n)) if isinstance(getattr(snap, n), datetime) else getattr(snap, n) for n in names
    )


def w(at):
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon2", "tue2")
    shown = at.strftime("%H:%M:%S").removesuffix(":00")
    return f"{names[(at.date() - MONDAY.date()).days]} {shown}"
