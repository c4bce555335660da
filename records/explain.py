"""The explained clock: why a due time is what it is, stretch by stretch, and the case that reproduces it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import sla.services
from accounts.models import User
from itsm.templatetags.ui import instant_words
from records.chips import WEEKDAYS
from records.kinds import process_of
from records.models import Record
from sla import timing
from sla.cases import stamp
from sla.definition import WEEKDAYS as CODES
from sla.models import CalendarVersion, Clock, ClockEvent, Holding
from sla.parties import Share, Span
from sla.passes import ELSEWHERE

# A bar and a table of more stretches than this help nobody; the newest are shown.
MOST_SHOWN = 200


@dataclass(frozen=True)
class Stretch:
    """One segment as components/segments.html shows it; ``seconds`` are working seconds counted."""

    start: datetime
    end: datetime | None
    share: float
    reason: str
    words: str
    seconds: int | None


@dataclass(frozen=True)
class Explanation:
    """A clock up to an instant: what it says, its stretches, and its case for the simulator."""

    clock: Clock
    snapshot: timing.Snapshot
    stretches: list[Stretch]
    hidden: int  # earlier stretches that are not shown
    case: dict[str, Any]


def explain(record: Record, clock: Clock, now: datetime) -> Explanation:
    """Replay a clock from its events; three queries, whatever its length."""
    events = list(ClockEvent.objects.filter(clock=clock).select_related("by").order_by("at", "pk"))
    state = sla.services.state_of(clock, events)
    until = clock.stopped_at or now
    snapshot = state.at(until)
    segments = list(_cut_at(state.segments(until), snapshot.breached_at))
    shown = segments[-MOST_SHOWN:]
    return Explanation(
        clock=clock,
        snapshot=snapshot,
        stretches=_stretches(record, shown, events, breach=snapshot.breached_at, is_open=clock.is_open),
        hidden=len(segments) - len(shown),
        case=_case(record, clock, events, until),
    )


def segments_of(clock: Clock, now: datetime) -> list[timing.Segment]:
    """Every stretch of a clock so far, counted or not."""
    events = list(ClockEvent.objects.filter(clock=clock).order_by("at", "pk"))
    return sla.services.state_of(clock, events).segments(clock.stopped_at or now)


def party_words(party: Share | Span) -> str:
    """Who it was: a team or supplier by name, else in words."""
    return party.name or str(Holding.Party(party.party).label)


def calendar_words(clock: Clock) -> str:
    """The calendar edition a clock runs on, with its time zone, and the one it began with if that differs."""
    version = clock.calendar_version
    switch = (
        ClockEvent.objects.filter(clock=clock, data__has_key="calendar_version").order_by("at", "pk").last()
    )
    if switch is None:
        return f"{version} ({version.definition.get('timezone', '')})"
    present = CalendarVersion.objects.select_related("calendar").get(pk=switch.data["calendar_version"])
    words = _("%(present)s; until %(at)s %(first)s")
    shown = f"{present} ({present.definition.get('timezone', '')})"
    return words % {"present": shown, "at": instant_words(switch.at), "first": version}


def _cut_at(segments: Iterable[timing.Segment], breach: datetime | None) -> Iterator[timing.Segment]:
    """The segments, with the one in which the limit was passed cut in two there."""
    for segment in segments:
        if breach and segment.start < breach < segment.end:
            yield timing.Segment(segment.start, breach, segment.counted, segment.reason, segment.detail)
            yield timing.Segment(breach, segment.end, segment.counted, segment.reason, segment.detail)
        else:
            yield segment


def _stretches(
    record: Record,
    segments: Sequence[timing.Segment],
    events: Sequence[ClockEvent],
    *,
    breach: datetime | None,
    is_open: bool,
) -> list[Stretch]:
    if not segments:
        return []
    total = (segments[-1].end - segments[0].start).total_seconds() or 1
    pauses = {e.at: e.by for e in events if e.type == ClockEvent.Type.PAUSE}
    found = []
    for segment in segments:
        length = (segment.end - segment.start).total_seconds()
        is_last = segment is segments[-1]
        found.append(
            Stretch(
                start=segment.start,
                end=None if is_last and is_open else segment.end,
                share=length * 100 / total,
                reason=_reason(segment, breach),
                words=_words(record, segment, pauses),
                seconds=int(length) if segment.counted else None,
            )
        )
    return found


def _reason(segment: timing.Segment, breach: datetime | None) -> str:
    """The colour of a stretch: counted time after the limit is time overdue."""
    if segment.counted:
        return "overdue" if breach and segment.start >= breach else "running"
    return segment.reason if segment.reason in ("paused", "stopped") else "outside_hours"


def _words(record: Record, segment: timing.Segment, pauses: dict[datetime, User]) -> str:
    match segment.reason:
        case "open":
            return _("Working hours (%(hours)s)") % {"hours": _named(segment.detail)}
        case "break":
            return _("Break %(hours)s") % {"hours": segment.detail}
        case "holiday":
            return _("Public holiday %(day)s") % {"day": segment.detail}
        case "paused":
            return _paused(record, segment, pauses)
        case "stopped":
            return _("Stopped")
        case "appointed":
            return _appointed(segment)
    return _("Outside working hours")


def _named(detail: str) -> str:
    """ "mon 09:00-12:00" with the weekday in the reader's language."""
    words = detail.split(" ")
    return " ".join(str(WEEKDAYS[CODES.index(w)]) if w in CODES else w for w in words)


def _appointed(segment: timing.Segment) -> str:
    agreed = instant_words(datetime.fromisoformat(segment.detail))
    if segment.counted:
        return _("Agreed with the customer: on site by %(at)s") % {"at": agreed}
    return _("Was agreed for %(at)s, and is no more: this time does not count") % {"at": agreed}


def _paused(record: Record, segment: timing.Segment, pauses: dict[datetime, User]) -> str:
    if segment.detail == ELSEWHERE:
        return _("Not in the hands of who promised it")
    reason = process_of(record.kind).reasons.get(segment.detail)
    words = _("Paused: waiting for %(reason)s") % {"reason": reason} if reason else _("Paused")
    by = pauses.get(segment.start)
    return _("%(what)s, set by %(person)s") % {"what": words, "person": by.name} if by else words


# --- the case for the simulator ------------------------------------------------------------------


def _case(record: Record, clock: Clock, events: Sequence[ClockEvent], until: datetime) -> dict[str, Any]:
    """A request for the simulator that gives what this clock gives (docs/sla-clock.md)."""
    versions = {clock.calendar_version_id} | {
        e.data["calendar_version"] for e in events if e.data.get("calendar_version")
    }
    found = CalendarVersion.objects.select_related("calendar").in_bulk(versions)
    names = {pk: f"{v.calendar.code}-v{v.number}" for pk, v in found.items()}
    return {
        "calendars": {names[pk]: v.definition for pk, v in sorted(found.items())},
        "cases": [
            {
                "id": f"{record.number}-{clock.metric}-{clock.cycle}",
                "type": "clock",
                "calendar": names[clock.calendar_version_id],
                "start": stamp(clock.started_at),
                "target": clock.promise,
                "thresholds": list(sla.services.thresholds_of(clock)),
                "events": [_event(e, names) for e in events],
                "checks": [{"at": stamp(until)}],
                "explain": True,
            }
        ],
    }


def _event(event: ClockEvent, names: dict[int, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"at": stamp(event.at), "type": event.type}
    if event.reason:
        found["reason"] = event.reason
    if target := event.data.get("target"):
        found["target"] = target
    if version := event.data.get("calendar_version"):
        found["calendar"] = names[version]
    if due := event.data.get("due"):
        found["due"] = stamp(datetime.fromisoformat(due))
    return found
