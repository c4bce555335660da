"""The simulator: JSON cases in, JSON answers out, by the very functions the live clocks use. Pure.

`simulate` is what `POST /api/v1/sla/simulate/` calls. The format is described in docs/sla-clock.md. A
case that cannot be accepted answers an error in its place; only a request that is not one raises.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sla import compliance, conversation, reading, timing
from sla.calendar import Calendar, add, between
from sla.case_input import ANNOTATIONS, Inputs, offered
from sla.reading import Refused, show
from sla.target import TargetError, resolve

MOST_CASES = 1_000
MOST_SEGMENT_DAYS = 10_000
"""Days that may be explained in one request; beyond that the answer would be megabytes."""

Json = dict[str, Any]


class CasesError(Refused):
    """A request that is refused as a whole."""


def simulate(request: Mapping[str, Any]) -> Json:
    """`{"results": [...]}` for `{"calendars": {...}, "cases": [...]}`, in the same order.

    Never raises for a bad case; `CasesError(code, field, detail)` if the request itself is not of that form.
    """
    try:
        given = reading.mapping(
            request, "", required=("cases",), optional=("calendars", "version", *ANNOTATIONS)
        )
        cases = reading.sequence(given["cases"], "cases", most=MOST_CASES)
        simulator = _Simulator(reading.table(given.get("calendars", {}), "calendars"))
    except Refused as refused:
        raise CasesError(refused.code, refused.field, refused.detail) from None
    return {"results": [simulator.answer(case, n) for n, case in enumerate(cases)]}


class _Simulator:
    """Answers the cases of one request."""

    def __init__(self, calendars: Mapping[str, Any]) -> None:
        self.inputs = Inputs(calendars)
        self.seen: set[object] = set()
        self.days_left = MOST_SEGMENT_DAYS
        self.types: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "span": self._span,
            "due": self._due,
            "clock": self._clock,
            "record": self._record,
            "messages": self._messages,
            "compliance": self._compliance,
            "reject": self._reject,
        }

    def answer(self, case: object, place: int) -> Json:
        """The result of one case, or its error."""
        name: object = None
        try:
            if not isinstance(case, Mapping):
                raise Refused("wrong_type", f"cases[{place}]", f"must be an object, not {show(case)}")
            name = _name(case)
            if name in self.seen:
                raise Refused("duplicate", "id", f"{show(name)} was used by an earlier case of this request")
            self.seen.add(name)
            kind = case.get("type")
            if kind is None:
                raise Refused("required", "type", f"is missing; one of {', '.join(self.types)}")
            kind = reading.choice(kind, "type", tuple(self.types), code="unknown_type")
            return {"id": name, "result": self.types[kind](case)}
        except Refused as refused:
            error = {"code": refused.code, "field": refused.field, "detail": refused.detail}
            return {"id": name, "error": error}

    def _span(self, case: Mapping[str, Any]) -> Json:
        offered(case, required=("calendar", "from", "to"))
        calendar = self.inputs.calendar(case["calendar"], "calendar")
        start, end = reading.instant(case["from"], "from"), reading.instant(case["to"], "to")
        return {"seconds": between(calendar, start, end)}

    def _due(self, case: Mapping[str, Any]) -> Json:
        offered(case, required=("calendar", "start", "target"))
        calendar = self.inputs.calendar(case["calendar"], "calendar")
        start, target = reading.instant(case["start"], "start"), self.inputs.target(case["target"], "target")
        try:
            seconds = resolve(target, calendar, start)
        except TargetError as refused:
            raise refused.under("target") from None
        return {"due": stamp(add(target.runs_on(calendar), start, seconds)), "seconds": seconds}

    def _clock(self, case: Mapping[str, Any]) -> list[Json]:
        offered(case, required=("calendar", "start", "target", "checks"), optional=("events", "thresholds"))
        start = reading.instant(case["start"], "start")
        promise = self.inputs.promise(case, "", None)
        events = self.inputs.events(case.get("events", []), clocks=None)
        checks = self.inputs.checks(case["checks"])
        explained = reading.flag(case.get("explain", False), "explain")
        state = _run(promise, start, events)
        if explained:
            self._afford(start, checks)
        answers = []
        for at in checks:
            answer = snapshot(state.at(at))
            if explained:
                answer["segments"] = [segment(each) for each in state.segments(at)]
            answers.append(answer)
        return answers

    def _afford(self, start: datetime, checks: list[datetime]) -> None:
        days = sum((max(at - start, timedelta()).days + 1 for at in checks), 0)
        if days > self.days_left:
            detail = f"covers {days} days; at most {self.days_left} more can be explained in this request"
            raise Refused("too_many", "explain", detail)
        self.days_left -= days

    def _record(self, case: Mapping[str, Any]) -> Json:
        offered(case, required=("start", "clocks", "checks"), optional=("calendar", "events"))
        start = reading.instant(case["start"], "start")
        common = self.inputs.calendar(case["calendar"], "calendar") if "calendar" in case else None
        promises = self.inputs.promises(case["clocks"], common)
        events = self.inputs.events(case.get("events", []), clocks=frozenset(promises))
        checks = self.inputs.checks(case["checks"])
        states = timing.run_record(start=start, promises=promises, events=events)
        return {name: [snapshot(state.at(at)) for at in checks] for name, state in states.items()}

    def _messages(self, case: Mapping[str, Any]) -> list[Json]:
        offered(case, required=("calendar", "created", "messages", "targets", "at"))
        calendar = self.inputs.calendar(case["calendar"], "calendar")
        kept = conversation.clocks(
            created=reading.instant(case["created"], "created"),
            calendar=calendar,
            targets=self.inputs.turns(case["targets"]),
            messages=self.inputs.messages(case["messages"]),
            at=reading.instant(case["at"], "at"),
        )
        return [
            {
                "kind": clock.kind,
                "start": stamp(clock.start),
                "stop": stamp(clock.stop),
                "state": clock.state,
                "elapsed": clock.elapsed,
                "due": stamp(clock.due),
            }
            for clock in kept
        ]

    def _compliance(self, case: Mapping[str, Any]) -> Json:
        offered(case, required=("clocks",))
        figure = compliance.summarise(self.inputs.verdicts(case["clocks"]))
        return {
            "met": figure.met,
            "breached": figure.breached,
            "excluded": figure.excluded,
            "pending": figure.pending,
            "percent": figure.percent,
        }

    def _reject(self, case: Mapping[str, Any]) -> Json:
        offered(case, optional=("definition", "calendar", "target", "instant", "start"))
        if not {"definition", "target", "instant"}.intersection(case):
            raise Refused("required", "definition", "is missing; give a definition, a target or an instant")
        try:
            self._refuse(case)
        except Refused:
            return {"rejected": True}
        return {"rejected": False}

    def _refuse(self, case: Mapping[str, Any]) -> None:
        """Raise `Refused` if anything the case asks about would not be accepted."""
        calendar = Calendar.parse(case["definition"]) if "definition" in case else None
        if "calendar" in case:
            calendar = self.inputs.calendar(case["calendar"], "calendar")
        begin = case.get("start", case.get("instant"))
        start = None if begin is None else reading.instant(begin, "start")
        if "instant" in case:
            reading.instant(case["instant"], "instant")
        if "target" in case:
            target = self.inputs.target(case["target"], "target")
            if calendar is not None:
                resolve(target, calendar, start or _before_dates(calendar))


def _name(case: Mapping[str, Any]) -> str | int:
    if "id" not in case:
        raise Refused("required", "id", "is missing; a text that is this case's own")
    name = case["id"]
    if isinstance(name, int) and not isinstance(name, bool):
        return reading.whole(name, "id", least=-reading.MAX_WHOLE)
    return reading.text(name, "id")


def _before_dates(calendar: Calendar) -> datetime:
    """A start that leaves all dated hours of a calendar ahead, for a target asked about without one."""
    dated = [day for day, _ in (*calendar.makeup, *calendar.special)]
    first = f"{min(dated)}T00:00:00Z" if dated and min(dated).year > 1 else "2000-01-01T00:00:00Z"
    return reading.instant(first, "start") - timedelta(days=7)


def _run(promise: timing.Promise, start: datetime, events: list[timing.Event]) -> timing.State:
    try:
        return timing.run(
            start=start,
            calendar=promise.calendar,
            target=promise.target,
            events=events,
            thresholds=promise.thresholds,
        )
    except TargetError as refused:
        raise (refused if refused.field.startswith("events[") else refused.under("target")) from None


def stamp(at: datetime | None) -> str | None:
    """An instant as the format writes it: UTC, whole seconds, `Z`."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def snapshot(snap: timing.Snapshot) -> Json:
    """A snapshot as the format writes it; before the start without target and remaining (X-4)."""
    answer: Json = {
        "state": snap.state,
        "phase": snap.phase,
        "breached": snap.breached,
        "breached_at": stamp(snap.breached_at),
        "elapsed": snap.elapsed,
    }
    if snap.target is not None:
        answer |= {"target": snap.target, "remaining": snap.remaining}
    return answer | {
        "overdue": snap.overdue,
        "due": stamp(snap.due),
        "fired": [{"threshold": _threshold(fired.threshold), "at": stamp(fired.at)} for fired in snap.fired],
        "cycle": snap.cycle,
        "previous_cycles": list(snap.previous_cycles),
    }


def _threshold(threshold: timing.Threshold) -> Any:
    return {"offset": threshold.seconds} if isinstance(threshold, timing.Offset) else threshold


def segment(part: timing.Segment) -> Json:
    """A segment as the format writes it."""
    return {
        "from": stamp(part.start),
        "to": stamp(part.end),
        "counted": part.counted,
        "reason": part.reason,
        "detail": part.detail,
    }
