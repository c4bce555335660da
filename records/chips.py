"""SLA chips: what a clock says, in icon, words and share, for lists and pages.

Computed from the clock's cached columns and the remembered calendar, so that a page of fifty records costs
one query for their clocks and none per row. The words are those of docs/sla-clock.md; amounts are working
time, named as such wherever the wall clock would tell a different story.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

import sla.services
from itsm.templatetags.ui import day_words, duration, instant_words, working_duration
from records.kinds import process_of
from records.models import Record
from sla import calendar as working_time
from sla import timing
from sla.models import Clock, ClockEvent, Metric, Target

ICONS = {
    "running": "clock",
    "warning": "alert-triangle",
    "breached": "clock-exclamation",
    "paused": "clock-pause",
    "outside_hours": "moon",
    "met": "clock-check",
    "cancelled": "clock-cancel",
}
# The most pressing first; what rests comes after what runs.
URGENCY = ("breached", "warning", "running", "outside_hours", "paused", "met", "cancelled")
METRICS = {metric: place for place, metric in enumerate(Metric.values)}
WEEKDAYS = (
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
)
# A difference below this between working time and wall clock is not worth a word.
SAME = 60
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Tick:
    """How a chip counts on in the browser (static/js/clocks.js), in seconds. What it is, the server says.

    ``pattern`` has {t} for the time and {p} for the share; ``lasts``: for how long counting on is right.
    """

    pattern: str
    left: int
    goal: int
    lasts: int
    unit: str


@dataclass(frozen=True)
class Chip:
    """One clock as components/sla_chip.html shows it. ``remaining``: working seconds, negative when late."""

    metric: str
    state: str
    words: str
    icon: str
    share: int | None
    title: str
    url: str
    label: str
    goal: str
    agreement: str
    cycle: int
    is_open: bool
    remaining: int | None
    due_at: datetime | None
    original_due_at: datetime | None
    tick: Tick | None = None


@dataclass(frozen=True)
class _Reading:
    """A clock at an instant: working seconds left, the same by the wall clock, and per cent used."""

    clock: Clock
    target: Target
    hours: working_time.Calendar
    now: datetime
    state: str
    left: int
    wall: int
    share: int

    @property
    def is_open(self) -> bool:
        return self.clock.is_open

    @property
    def due_at(self) -> datetime | None:
        return self.clock.due_at


# --- reading a clock from its columns --------------------------------------------------------


def _target_of(clock: Clock) -> Target:
    """The target in force, from the remembered version: no query."""
    return next(t for t in sla.services.targets_of(clock.agreement_version_id) if t.pk == clock.target_id)


def _swapped(clocks: Sequence[Clock]) -> dict[int, int]:
    """Calendar versions clocks went over to on their way; asked only where that can have happened."""
    able = [
        c.pk
        for c in clocks
        if any(t.calendar_id for t in sla.services.targets_of(c.agreement_version_id)) or _is_retimed(c)
    ]
    if not able:
        return {}
    events = ClockEvent.objects.filter(
        clock__in=able,
        type__in=[ClockEvent.Type.RETARGET, ClockEvent.Type.CALENDAR],
        data__has_key="calendar_version",
    )
    return {e.clock_id: e.data["calendar_version"] for e in events.order_by("at", "pk")}


def _is_retimed(clock: Clock) -> bool:
    """Its due time is not the one the hours it began with would give: it follows a later edition of them."""
    since, left = clock.running_since, (clock.target_seconds or 0) - clock.spent
    if clock.state != Clock.State.RUNNING or since is None or left <= 0 or clock.appointed_at:
        return False
    hours = timing.Target.parse(_target_of(clock).promise).runs_on(
        sla.services.hours_of(clock.calendar_version_id)
    )
    return clock.due_at != working_time.add(hours, since, left)


def _read(clock: Clock, calendar_version: int, now: datetime) -> _Reading:
    target = _target_of(clock)
    parsed = timing.Target.parse(target.promise)
    hours = parsed.runs_on(sla.services.hours_of(calendar_version))
    if clock.appointed_at:  # an agreed instant is reached by the wall clock
        hours = working_time.ALWAYS
    elapsed = clock.spent
    if clock.state == Clock.State.RUNNING and clock.running_since:
        elapsed += working_time.between(hours, clock.running_since, now)
    goal = clock.target_seconds or 0
    at = clock.stopped_at or now
    wall = int((clock.due_at - at).total_seconds()) if clock.due_at else goal - elapsed
    share = elapsed * 100 // goal if goal else 100
    state = _state(clock, hours, share, now)
    return _Reading(clock, target, hours, now, state, goal - elapsed, wall, share)


def _state(clock: Clock, hours: working_time.Calendar, share: int, now: datetime) -> str:
    if clock.state == Clock.State.CANCELLED:
        return "cancelled"
    is_late = clock.state == Clock.State.RUNNING and clock.due_at is not None and now > clock.due_at
    if clock.breached_at or is_late:
        return "breached"
    if clock.state == Clock.State.STOPPED:
        return "met"
    if clock.state == Clock.State.PAUSED:
        return "paused"
    if not working_time.is_open(hours, now):
        return "outside_hours"
    warnings = sla.services.thresholds_of(clock)
    return "warning" if warnings and share >= min(warnings) else "running"


# --- words -----------------------------------------------------------------------------------


def _amount(seconds: int, wall: int) -> str:
    """Working seconds in words: plain where the wall clock agrees, else named as working time."""
    seconds, wall = abs(seconds), abs(wall)
    if abs(seconds - wall) < SAME:
        return duration(seconds)
    hours = seconds // HOUR
    if hours >= 2 or seconds == hours * HOUR > 0:
        return ngettext("%d working hour", "%d working hours", hours) % hours
    minutes = seconds // MINUTE
    return ngettext("%d working minute", "%d working minutes", minutes) % minutes


def _hours_left(seconds: int) -> str:
    """What is left while the clock rests, in hours and minutes: days would be of no fixed length."""
    seconds = max(0, seconds)
    if seconds < HOUR:
        return duration(seconds)
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    if minutes == 0 or hours >= 10:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def _running(reading: _Reading, time: str) -> str:
    words = {
        Metric.FIRST_RESPONSE: _("Respond in %(time)s"),
        Metric.NEXT_UPDATE: _("Update in %(time)s"),
        Metric.ON_SITE: _("On site in %(time)s"),
        Metric.RESTORATION: _("Restore in %(time)s"),
        Metric.RESOLUTION: _("Resolve in %(time)s"),
        Metric.CLOSURE: _("Close in %(time)s"),
    }[Metric(reading.clock.metric)]
    return words % {"time": time}


def _missed(reading: _Reading, time: str) -> str:
    if reading.left >= 0:  # late only outside working hours: missed, but by no working second (B-3)
        return {
            Metric.FIRST_RESPONSE: _("Response missed"),
            Metric.NEXT_UPDATE: _("Update missed"),
            Metric.ON_SITE: _("Arrival missed"),
            Metric.RESTORATION: _("Restoration missed"),
            Metric.RESOLUTION: _("Resolution missed"),
            Metric.CLOSURE: _("Closure missed"),
        }[Metric(reading.clock.metric)]
    words = {
        Metric.FIRST_RESPONSE: _("Response missed by %(time)s"),
        Metric.NEXT_UPDATE: _("Update missed by %(time)s"),
        Metric.ON_SITE: _("Arrival missed by %(time)s"),
        Metric.RESTORATION: _("Restoration missed by %(time)s"),
        Metric.RESOLUTION: _("Resolution missed by %(time)s"),
        Metric.CLOSURE: _("Closure missed by %(time)s"),
    }[Metric(reading.clock.metric)]
    return words % {"time": time}


def _resumes(reading: _Reading) -> str:
    left = _hours_left(reading.left)
    opening = working_time.next_opening(reading.hours, reading.now)
    if opening is None:
        return _("Outside working hours · %(time)s left") % {"time": left}
    local, today = timezone.localtime(opening), timezone.localtime(reading.now).date()
    at = date_format(local, "H:i")
    if local.date() - today >= timedelta(days=7):
        at = f"{day_words(local.date())} {at}"
    elif local.date() != today:
        at = f"{WEEKDAYS[local.weekday()]} {at}"
    return _("Resumes %(at)s · %(time)s left") % {"at": at, "time": left}


def _paused(record: Record, reading: _Reading) -> str:
    reason = process_of(record.kind).reasons.get(record.waiting_for)
    left = _hours_left(reading.left)
    if not reason:
        return _("Paused · %(time)s left") % {"time": left}
    return _("Paused: waiting for %(reason)s · %(time)s left") % {"reason": reason, "time": left}


def _words(record: Record, reading: _Reading) -> str:
    match reading.state:
        case "cancelled":
            return _("Cancelled")
        case "met":
            return _("Met with %(time)s to spare") % {"time": _amount(reading.left, reading.wall)}
        case "paused":
            return _paused(record, reading)
        case "outside_hours":
            return _resumes(reading)
    return _counting(reading, _amount(reading.left, reading.wall), str(reading.share))


def _counting(reading: _Reading, time: str, share: str) -> str:
    """The words of a clock that counts, with a time and a share of the promise put in."""
    if reading.state == "breached":
        return _missed(reading, time)
    words = _running(reading, time)
    if reading.state == "warning":
        return _("%(words)s · %(share)s %% used") % {"words": words, "share": share}
    return words


def _tick(reading: _Reading) -> Tick | None:
    """How the chip goes on by itself; None for one that stands still."""
    is_late = reading.state == "breached"
    if reading.clock.state != Clock.State.RUNNING or reading.state not in ("running", "warning", "breached"):
        return None
    if is_late and reading.left >= 0:
        return None
    is_wall = abs(abs(reading.left) - abs(reading.wall)) < SAME
    # where working time and wall clock agree up to the due time, nothing closes before it
    lasts = reading.left if is_wall and not is_late else _until_closing(reading)
    if lasts <= 0:
        return None
    pattern = _counting(reading, "{t}", "{p}")
    goal = reading.clock.target_seconds or 0
    return Tick(pattern, reading.left, goal, lasts, "wall" if is_wall else "work")


def _until_closing(reading: _Reading) -> int:
    """Seconds for which working time goes on without a break, at most a day."""
    day = working_time.spans(reading.hours, reading.now, reading.now + timedelta(days=1))
    first = next(day, None)
    return int((first.end - reading.now).total_seconds()) if first and first.counted else 0


def _goal(target: Target) -> str:
    """The promise in words: "4 working hours", "2 working days"."""
    if target.kind == Target.Kind.BUSINESS_SECONDS:
        return working_duration(target.amount)
    if target.kind == Target.Kind.WORKING_DAYS:
        return ngettext("%d working day", "%d working days", target.amount) % target.amount
    return ngettext("%d calendar day", "%d calendar days", target.amount) % target.amount


def _title(reading: _Reading, goal: str) -> str:
    version = sla.services.version_of(reading.clock.agreement_version_id)
    calendar = reading.target.calendar or version.calendar
    parts = [_("%(metric)s within %(goal)s (%(calendar)s)")]
    if reading.clock.appointed_at:
        parts = [_("%(metric)s at the agreed time")]
    if reading.clock.due_at:
        parts.append(_("due %(due)s"))
    return "; ".join(parts) % {
        "metric": Metric(reading.clock.metric).label,
        "goal": goal,
        "calendar": calendar.name,
        "due": instant_words(reading.clock.due_at) if reading.clock.due_at else "",
    }


# --- chips -----------------------------------------------------------------------------------


def _chip(record: Record, reading: _Reading) -> Chip:
    clock = reading.clock
    goal = str(_("the agreed time")) if clock.appointed_at else _goal(reading.target)
    is_measuring = reading.state in ("running", "warning", "paused", "outside_hours")
    return Chip(
        metric=clock.metric,
        state=reading.state,
        words=_words(record, reading),
        icon=ICONS[reading.state],
        share=min(100, reading.share) if is_measuring else None,
        title=_title(reading, goal),
        url=reverse("records:clock", args=[record.number, clock.pk]),
        label=str(Metric(clock.metric).label),
        goal=goal,
        agreement=str(sla.services.version_of(clock.agreement_version_id)),
        cycle=clock.cycle,
        is_open=clock.is_open,
        remaining=None if reading.state == "cancelled" else reading.left,
        due_at=clock.due_at,
        original_due_at=clock.first_due_at,
        tick=_tick(reading),
    )


def _worth_showing(clocks: Iterable[Clock]) -> list[Clock]:
    """The latest cycle of each metric, and every earlier one that was missed."""
    clocks = list(clocks)
    latest: dict[str, int] = {}
    for clock in clocks:
        latest[clock.metric] = max(clock.cycle, latest.get(clock.metric, 0))
    shown = [c for c in clocks if c.cycle == latest[c.metric] or c.breached_at]
    return sorted(shown, key=lambda c: (METRICS[c.metric], c.cycle))


def chips_of(record: Record, clocks: Iterable[Clock], now: datetime) -> list[Chip]:
    """Every target of a record in the order of a ticket's life. ``clocks`` are all or some of its clocks."""
    return chips_by_record([record], clocks, now)[record.pk]


def chips_by_record(
    records: Iterable[Record], clocks: Iterable[Clock], now: datetime
) -> dict[int, list[Chip]]:
    """The chips of several records by record id, from clocks already read."""
    records = list(records)
    read = _readings(records, clocks, now)
    return {r.pk: [_chip(r, reading) for reading in read[r.pk]] for r in records}


def _readings(records: Iterable[Record], clocks: Iterable[Clock], now: datetime) -> dict[int, list[_Reading]]:
    by_record: dict[int, list[Clock]] = defaultdict(list)
    for clock in clocks:
        by_record[clock.record_id].append(clock)
    shown = {r.pk: _worth_showing(by_record[r.pk]) for r in records}
    swapped = _swapped([c for own in shown.values() for c in own])
    return {
        pk: [_read(c, swapped.get(c.pk, c.calendar_version_id), now) for c in own]
        for pk, own in shown.items()
    }


def chips_for(records: Sequence[Record], now: datetime) -> dict[int, list[Chip]]:
    """What lists show of several records: open and missed targets. One query for all their clocks."""
    clocks = Clock.objects.filter(
        Q(stopped_at=None) | Q(breached_at__isnull=False), record__in=[r.pk for r in records]
    )
    # chosen before the words are made: most of the work of a list is words nobody would see
    read = _readings(records, clocks, now)
    return {r.pk: [_chip(r, reading) for reading in urgent(read[r.pk])] for r in records}


Shown = TypeVar("Shown", Chip, _Reading)


def urgent(chips: Iterable[Shown], count: int = 2) -> list[Shown]:
    """The most pressing chips for a list: what is open, or, when nothing is, what was missed."""
    chips = list(chips)
    chosen = [c for c in chips if c.is_open] or [c for c in chips if c.state == "breached"]
    return sorted(chosen, key=_pressing)[:count]


def _pressing(chip: Chip | _Reading) -> tuple[int, float]:
    due = chip.due_at.timestamp() if chip.due_at else float("inf")
    return URGENCY.index(chip.state), due


def targets(chips: Iterable[Chip]) -> list[dict[str, object]]:
    """The chips as components/target_panel.html lists them."""
    return [
        {
            "label": c.label,
            "chip": c,
            "due_at": c.due_at,
            "original_due_at": c.original_due_at,
            "goal": c.goal,
            "agreement": c.agreement,
        }
        for c in chips
    ]
