"""What holds for every clock, whatever happens to it."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sla import timing
from sla.calendar import add, between
from sla.timing import Event, Offset, Target
from tests.sla.week import (
    ALWAYS,
    DESK,
    HOUR,
    LATE,
    NIGHT,
    calendar,
    t,
)

P, R, S = "pause", "resume", "stop"


instants = st.integers(0, 6 * 86400).map(lambda s: t("mon 08:00") + timedelta(seconds=s - s % 900))
targets = st.one_of(
    st.integers(1, 40 * HOUR).map(lambda s: Target("business_seconds", s)),
    st.builds(
        Target,
        st.sampled_from(["working_days", "calendar_days"]),
        st.integers(1, 3),
        st.sampled_from(["same_time", "close"]),
    ),
)
calendars = st.sampled_from(
    [DESK, LATE, NIGHT, ALWAYS, calendar("America/New_York", breaks={"tue": [["12:00", "13:00"]]})]
)
reasons = st.sampled_from([None, "a", "b"])
events = st.lists(
    st.one_of(
        st.builds(Event, instants, st.sampled_from([P, R]), reason=reasons),
        st.builds(Event, instants, st.sampled_from([S, "note", S, "cancel"])),
        st.builds(Event, instants, st.just("reopen"), mode=st.sampled_from(["continue", "new_cycle"])),
        st.builds(
            Event,
            instants,
            st.sampled_from(["retarget", "amend"]),
            target=targets,
            apply_to_open=st.booleans(),
        ),
        st.builds(Event, instants, st.just("calendar"), calendar=calendars),
    ),
    max_size=12,
)
levels = st.lists(st.one_of(st.integers(0, 150), st.integers(-9999, 9999).map(Offset)), max_size=4)


@settings(max_examples=200, deadline=None)
@given(calendars, targets, events, levels, instants)
def test_replay_equals_going_event_by_event(cal, target, course, thresholds, now):
    whole = timing.run(
        start=t("mon 10:00"), calendar=cal, target=target, events=course, thresholds=thresholds
    )
    past = [event for event in course if event.at <= now]
    known = timing.run(start=t("mon 10:00"), calendar=cal, target=target, events=past, thresholds=thresholds)
    if now >= t("mon 10:00"):
        assert whole.at(now) == known.at(now)


@settings(max_examples=200, deadline=None)
@given(calendars, targets, events, levels, instants)
def test_segments_cover_all_and_count_what_elapsed(cal, target, course, thresholds, now):
    course = [event for event in course if event.mode == "continue"]
    state = timing.run(
        start=t("mon 10:00"), calendar=cal, target=target, events=course, thresholds=thresholds
    )
    found = state.segments(now)
    assert all(a.end == b.start for a, b in pairwise(found))
    if now > t("mon 10:00"):
        assert (found[0].start, found[-1].end) == (t("mon 10:00"), now)
        assert sum((s.end - s.start).total_seconds() for s in found if s.counted) == state.at(now).elapsed


@settings(max_examples=200, deadline=None)
@given(calendars, targets, events, levels, instants)
def test_nothing_new_is_shown_between_now_and_the_next_alarm(cal, target, course, thresholds, now):
    past = [event for event in course if event.at <= now]
    state = timing.run(start=t("mon 10:00"), calendar=cal, target=target, events=past, thresholds=thresholds)
    alarm, before = state.next_alarm(now), state.at(max(now, t("mon 10:00")))
    news = lambda at: (state.at(at).fired, state.at(at).breached_at)  # noqa: E731 - two words for it
    if alarm is None:
        assert news(now + timedelta(days=400)) == (before.fired, before.breached_at)
    else:
        assert alarm > now
        quiet = alarm - timedelta(seconds=1)
        assert (
            quiet < t("mon 10:00")
            or news(quiet) == (before.fired, before.breached_at)
            or now < t("mon 10:00")
        )
        assert news(alarm) != ((), None)
        assert news(alarm) != news(quiet)


@settings(max_examples=150, deadline=None)
@given(calendars, st.integers(1, 40 * HOUR), instants, st.integers(0, 100_000), st.integers(0, 200_000))
def test_pausing_never_shortens_what_remains(cal, amount, begin, length, later):
    target, start = Target("business_seconds", amount), t("mon 08:00")
    pause = [Event(begin, P), Event(begin + timedelta(seconds=length), R)]
    plain = timing.run(start=start, calendar=cal, target=target)
    paused = timing.run(start=start, calendar=cal, target=target, events=pause)
    now = pause[1].at + timedelta(seconds=later)
    assert paused.at(now).remaining >= plain.at(now).remaining
    assert paused.at(now).remaining - plain.at(now).remaining == between(cal, pause[0].at, pause[1].at)


@settings(max_examples=150, deadline=None)
@given(calendars, targets, targets, instants, st.integers(0, 100_000))
def test_priority_up_and_down_again_restores_due(cal, target, other, begin, length):
    start = t("mon 08:00")
    back = begin + timedelta(seconds=length)
    course = [Event(begin, "retarget", target=other), Event(back, "retarget", target=target)]
    plain = timing.run(start=start, calendar=cal, target=target)
    changed = timing.run(start=start, calendar=cal, target=target, events=course)
    same_time_base = (target.kind == "calendar_days") == (other.kind == "calendar_days")
    assert changed.resolved_seconds == plain.resolved_seconds
    if same_time_base:
        assert changed.at(back).due == plain.at(back).due


@settings(max_examples=150, deadline=None)
@given(calendars, targets, instants)
def test_due_is_where_the_target_is_used_up(cal, target, start):
    state = timing.run(start=start, calendar=cal, target=target)
    due = state.at(start).due
    assert due == add(target.runs_on(cal), start, state.resolved_seconds)
    assert state.at(due).remaining == 0
    assert not state.at(due).breached
    assert state.at(due + timedelta(seconds=1)).breached_at == due
