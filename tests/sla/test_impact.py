"""An edit compared with what is: every figure comes from the clock's own arithmetic."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sla import impact
from sla.calendar import Calendar
from sla.impact import Running
from sla.timing import Event, Target

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE: dict[str, Any] = {
    "timezone": "Asia/Shanghai",
    "weekly": {day: [["09:00", "17:00"]] for day in WEEK},
}


def hours(**over: Any) -> Calendar:
    return Calendar.parse({**OFFICE, **over})


def running(seconds: int = 16 * 3600, *events: Event, calendar: Calendar | None = None) -> Running:
    target = Target("business_seconds", seconds, None)
    return Running(MONDAY, calendar or hours(), target, events)


def moved(clock: Running, calendar: Calendar, at: datetime) -> impact.Move:
    return impact.move(clock, clock.with_([Event(at, "calendar", calendar=calendar)]), at=at)


def test_a_holiday_beyond_now_makes_a_clock_due_later() -> None:
    found = moved(running(), hours(holidays=["2026-03-03"]), MONDAY + HOUR)
    assert (found.verdict, found.shift) == ("later", DAY)
    assert not found.is_worse


def test_a_holiday_after_the_due_time_moves_nothing() -> None:
    found = moved(running(), hours(holidays=["2026-03-09"]), MONDAY + HOUR)
    assert (found.verdict, found.shift) == ("unchanged", timedelta(0))


def test_time_already_used_is_not_measured_again() -> None:
    """A holiday in the past changes nothing: V-1."""
    found = moved(running(), hours(holidays=["2026-03-02"]), MONDAY + DAY)
    assert found.verdict == "unchanged"


def test_longer_hours_make_it_due_earlier_and_say_when_that_is_tight() -> None:
    always = Calendar.parse({"timezone": "Asia/Shanghai", "always_open": True})
    found = moved(running(), always, MONDAY + HOUR)
    assert (found.verdict, found.is_tight) == ("earlier", True)
    assert found.after == MONDAY + 16 * HOUR
    far = moved(running(80 * 3600), always, MONDAY + HOUR)
    assert (far.verdict, far.is_tight) == ("earlier", False)


def test_a_shorter_promise_than_the_time_used_breaches_at_once() -> None:
    clock, at = running(), MONDAY + 5 * HOUR
    shorter = clock.with_([Event(at, "retarget", target=Target("business_seconds", 2 * 3600, None))])
    found = impact.move(clock, shorter, at=at)
    assert (found.verdict, found.after) == ("breaches", MONDAY + 2 * HOUR)


def test_what_is_late_already_is_not_counted_as_late_by_the_edit() -> None:
    found = moved(running(3600), hours(holidays=["2026-03-04"]), MONDAY + DAY)
    assert found.verdict == "unchanged"


def test_a_clock_that_was_late_and_is_not_under_other_terms_is_relieved() -> None:
    at = MONDAY + 5 * HOUR
    found = impact.move(running(3600), running(), at=at)
    assert found.verdict == "relieved"


def test_a_paused_clock_is_shown_as_if_it_went_on() -> None:
    at = MONDAY + 2 * HOUR
    clock = running(16 * 3600, Event(MONDAY + HOUR, "pause", "customer"))
    found = moved(clock, hours(holidays=["2026-03-03"]), at)
    assert (found.is_paused, found.verdict, found.shift) == (True, "later", DAY)
    assert clock.state().at(at).due is None


def test_a_promise_where_there_was_none_counts_from_its_start() -> None:
    late = impact.promised(running(3600), at=MONDAY + DAY)
    assert (late.before, late.verdict) == (None, "breaches")
    assert impact.promised(running(), at=MONDAY + HOUR).verdict == "earlier"


def test_the_worst_come_first_and_all_verdicts_are_counted() -> None:
    at = MONDAY + 5 * HOUR
    shorter = [Event(at, "retarget", target=Target("business_seconds", 3600, None))]
    found = [
        moved(running(), hours(), at),
        moved(running(), hours(holidays=["2026-03-03"]), at),
        impact.move(running(), running().with_(shorter), at=at),
    ]
    assert [m.verdict for m in sorted(found, key=impact.order)] == ["breaches", "later", "unchanged"]
    assert impact.tally(found) == {"breaches": 1, "earlier": 0, "later": 1, "relieved": 0, "unchanged": 1}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    days=st.lists(st.integers(1, 40), unique=True, max_size=8),
    work=st.integers(1, 60),
    gone=st.integers(0, 200),
    pauses=st.lists(st.integers(0, 100), max_size=3),
)
def test_more_holidays_never_make_a_clock_due_earlier(
    days: list[int], work: int, gone: int, pauses: list[int]
) -> None:
    listed = [(MONDAY + n * DAY).date().isoformat() for n in days]
    events = [Event(MONDAY + n * HOUR, kind, "customer") for n in pauses for kind in ("pause", "resume")]
    at = MONDAY + gone * HOUR
    clock = running(work * 3600, *(e for e in events if e.at <= at))
    found = moved(clock, hours(holidays=listed), at)
    assert found.verdict in ("later", "unchanged")
    after = clock.with_([Event(at, "calendar", calendar=hours(holidays=listed))]).state()
    assert found.after == after.at(at).due


def test_what_is_late_before_and_after_moves_nowhere() -> None:
    at = MONDAY + DAY
    shorter = [Event(at, "retarget", target=Target("business_seconds", 1800, None))]
    found = impact.move(running(3600), running(3600).with_(shorter), at=at)
    assert (found.verdict, found.is_tight, found.is_worse) == ("unchanged", False, False)
