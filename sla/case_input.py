"""Reading the parts of a simulator case into values; each refusal names its field. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from sla import reading
from sla.calendar import Calendar, CalendarError
from sla.compliance import STATES, Verdict
from sla.conversation import AUTHORS, TURNS, Message, Turn
from sla.reading import Refused, join, show
from sla.target import Target, TargetError
from sla.timing import Event, Offset, Promise, Threshold

ANNOTATIONS = ("title", "description", "comment", "rule", "rules", "expect", "expected")
"""What a kept case file may say about a case; it is not read."""
MOST_EVENTS = 10_000
MOST_CHECKS = 10_000
MOST_CLOCKS = 50
MOST_THRESHOLDS = 50
MOST_PERCENT = 1_000_000
MOST_OFFSET = 10**12

EVENT_FIELDS: dict[str, tuple[str, ...]] = {
    "pause": ("reason",),
    "resume": ("reason",),
    "stop": (),
    "cancel": (),
    "note": (),
    "reopen": ("mode",),
    "retarget": ("target", "calendar"),
    "amend": ("target", "calendar", "apply_to_open"),
    "calendar": ("calendar",),
    "appoint": ("due",),
    "release": (),
}


def offered(
    case: Mapping[str, Any], *, required: Collection[str] = (), optional: Collection[str] = ()
) -> None:
    """Refuse a case that lacks a field or has one its type does not know."""
    reading.mapping(
        case, "", required=("id", "type", *required), optional=(*optional, "explain", *ANNOTATIONS)
    )


class Inputs:
    """Reads the parts of cases; calendars are looked up by name and parsed when first used."""

    def __init__(self, calendars: Mapping[str, Any]) -> None:
        self._definitions = calendars
        self._parsed: dict[str, Calendar | CalendarError] = {}

    def calendar(self, value: object, field: str) -> Calendar:
        """A calendar of the request, by its name; if its definition is bad, that is this case's error."""
        name = reading.text(value, field)
        if name not in self._definitions:
            known = ", ".join(show(each) for each in list(self._definitions)[:20]) or "none"
            detail = f"{show(name)} is not among the calendars of the request: {known}"
            raise Refused("unknown_calendar", field, detail)
        found = self._parsed.get(name)
        if found is None:
            try:
                found = Calendar.parse(self._definitions[name])
            except CalendarError as refused:
                found = refused.under(f"calendars.{name}")
            self._parsed[name] = found
        if isinstance(found, CalendarError):
            raise CalendarError(found.code, found.field, found.detail)
        return found

    def target(self, value: object, field: str) -> Target:
        """A target (D-6, X-5)."""
        try:
            return Target.parse(cast("Mapping[str, Any]", value))
        except TargetError as refused:
            raise refused.under(field) from None

    def thresholds(self, value: object, field: str) -> tuple[Threshold, ...]:
        """Numbers are per cent; `{"offset": n}` is working seconds from the target (W-1)."""
        listed = reading.sequence(value, field, most=MOST_THRESHOLDS)
        return tuple(_threshold(each, f"{field}[{n}]") for n, each in enumerate(listed))

    def promise(self, given: Mapping[str, Any], field: str, common: Calendar | None) -> Promise:
        """The target of a clock with its calendar, which is the record's unless it has its own."""
        calendar = common
        if "calendar" in given:
            calendar = self.calendar(given["calendar"], join(field, "calendar"))
        if calendar is None:
            raise Refused("required", join(field, "calendar"), "is missing, and the case has none either")
        target = self.target(given["target"], join(field, "target"))
        thresholds = self.thresholds(given.get("thresholds", []), join(field, "thresholds"))
        return Promise(target, calendar, thresholds)

    def promises(self, value: object, common: Calendar | None) -> dict[str, Promise]:
        """The clocks of a record by name."""
        clocks = reading.table(value, "clocks")
        if len(clocks) > MOST_CLOCKS:
            raise Refused("too_many", "clocks", f"has {len(clocks)} members; at most {MOST_CLOCKS} are taken")
        found = {}
        for name, given in clocks.items():
            reading.text(name, "clocks")
            field = f"clocks.{name}"
            reading.mapping(given, field, required=("target",), optional=("calendar", "thresholds"))
            found[name] = self.promise(given, field, common)
        return found

    def events(self, value: object, *, clocks: Collection[str] | None) -> list[Event]:
        """The course of events; in a record (`clocks` given) an event may name the clocks it concerns."""
        listed = reading.sequence(value, "events", most=MOST_EVENTS)
        return [self._event(each, f"events[{n}]", clocks) for n, each in enumerate(listed)]

    def _event(self, value: object, field: str, clocks: Collection[str] | None) -> Event:
        given = reading.table(value, field)
        for key in ("at", "type"):
            if key not in given:
                raise Refused("required", join(field, key), "is missing")
        kind = reading.choice(given["type"], f"{field}.type", tuple(EVENT_FIELDS), code="unknown_type")
        own = EVENT_FIELDS[kind] if clocks is None else (*EVENT_FIELDS[kind], "clocks")
        reading.mapping(given, field, required=("at", "type"), optional=own)
        event = Event(
            at=reading.instant(given["at"], f"{field}.at"),
            type=kind,
            reason=None if given.get("reason") is None else reading.text(given["reason"], f"{field}.reason"),
            mode="new_cycle" if _is_new_cycle(given, field) else "continue",
            target=self.target(given["target"], f"{field}.target") if "target" in given else None,
            calendar=self.calendar(given["calendar"], f"{field}.calendar") if "calendar" in given else None,
            due=reading.instant(given["due"], f"{field}.due") if "due" in given else None,
            apply_to_open=reading.flag(given.get("apply_to_open", False), f"{field}.apply_to_open"),
            clocks=None
            if clocks is None or "clocks" not in given
            else _names(given["clocks"], field, clocks),
        )
        _refuse_empty_change(event, field)
        return event

    def checks(self, value: object) -> list[datetime]:
        """The instants asked about, in any order."""
        found = []
        for n, each in enumerate(reading.sequence(value, "checks", most=MOST_CHECKS)):
            given = reading.mapping(each, f"checks[{n}]", required=("at",))
            found.append(reading.instant(given["at"], f"checks[{n}].at"))
        return found

    def messages(self, value: object) -> list[Message]:
        """What was said and when; or `{"at", "resolved": true}`."""
        listed = reading.sequence(value, "messages", most=MOST_EVENTS)
        return [_message(each, f"messages[{n}]") for n, each in enumerate(listed)]

    def turns(self, value: object) -> dict[Turn, int]:
        """Working seconds by kind of promise."""
        found: dict[Turn, int] = {}
        for kind, seconds in reading.table(value, "targets").items():
            field = join("targets", reading.plain(kind))
            if kind not in TURNS:
                raise Refused("unknown_kind", field, f"is not one of {', '.join(TURNS)}")
            found[kind] = reading.whole(seconds, field)
        return found

    def verdicts(self, value: object) -> list[Verdict]:
        """The clocks a figure of compliance is made of."""
        found = []
        for n, each in enumerate(reading.sequence(value, "clocks")):
            field = f"clocks[{n}]"
            given = reading.mapping(each, field, required=("state",), optional=("breached", "waived"))
            state = reading.choice(given["state"], f"{field}.state", STATES, code="unknown_state")
            breached = reading.flag(given.get("breached", state == "breached"), f"{field}.breached")
            found.append(
                Verdict(state, breached, reading.flag(given.get("waived", False), f"{field}.waived"))
            )
        return found


def _threshold(value: object, field: str) -> Threshold:
    if isinstance(value, Mapping):
        given = reading.mapping(value, field, required=("offset",))
        return Offset(reading.whole(given["offset"], f"{field}.offset", least=-MOST_OFFSET, most=MOST_OFFSET))
    return reading.number(value, field, least=0, most=MOST_PERCENT)


def _is_new_cycle(given: Mapping[str, Any], field: str) -> bool:
    mode = reading.choice(given.get("mode", "continue"), f"{field}.mode", ("continue", "new_cycle"))
    return mode == "new_cycle"


def _names(value: object, field: str, clocks: Collection[str]) -> frozenset[str]:
    field = f"{field}.clocks"
    names = reading.sequence(value, field, most=MOST_CLOCKS)
    known = sorted(clocks)
    return frozenset(
        reading.choice(each, f"{field}[{n}]", known, code="unknown_clock") for n, each in enumerate(names)
    )


def _refuse_empty_change(event: Event, field: str) -> None:
    if event.type == "appoint" and event.due is None:
        raise Refused("required", f"{field}.due", "is missing; the agreed instant")
    if event.type == "calendar" and event.calendar is None:
        raise Refused("required", f"{field}.calendar", "is missing; the name of the calendar from now on")
    changes = event.type == "retarget" or (event.type == "amend" and event.apply_to_open)
    if changes and event.target is None and event.calendar is None:
        raise Refused("required", f"{field}.target", "is missing; give a target, a calendar or both")


def _message(value: object, field: str) -> Message:
    given = reading.mapping(value, field, required=("at",), optional=("author", "public", "resolved"))
    at = reading.instant(given["at"], f"{field}.at")
    if "resolved" in given:
        reading.mapping(given, field, required=("at", "resolved"))
        if not reading.flag(given["resolved"], f"{field}.resolved"):
            raise Refused("unknown_value", f"{field}.resolved", "must be true; leave it out otherwise")
        return Message(at, resolved=True)
    if "author" not in given:
        raise Refused("required", f"{field}.author", f"is missing; one of {', '.join(AUTHORS)}")
    author = reading.choice(given["author"], f"{field}.author", AUTHORS)
    if author == "agent" and "public" not in given:
        raise Refused("required", f"{field}.public", "is missing; only a public message of an agent counts")
    public = reading.flag(given.get("public", True), f"{field}.public")
    return Message(at, cast("Any", author), public)
