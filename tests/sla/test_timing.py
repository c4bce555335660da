"""One clock: rules P, O, B, R, V, A, W, K-1 and X of docs/sla-clock.md."""

# ruff: noqa: E501 - one case of a rule is one row

import time
from datetime import timedelta

import pytest

from sla import timing
from sla.timing import Event, Offset, Promise, Target, TargetError
from tests.sla.week import (
    ALWAYS,
    DESK,
    LATE,
    NEVER,
    clock,
    ev,
    said,
    seconds,
    t,
    w,
)

# --- P, O, B, R, V, A: events ------------------------------------------------------------------

P, R, S = "pause", "resume", "stop"
COURSES = [
    ("running", [], "mon 11:30", ("running", "running", 5400, "mon 14:00", None)),
    ("X-4 before the start", [], "mon 09:59:59", ("not_started", "not_started", 0, None, None)),
    ("X-4 at the start", [], "mon 10:00", ("running", "running", 0, "mon 14:00", None)),
    ("P-1 due moves by the open seconds of a pause", [ev("mon 11:00", P), ev("mon 12:00", R)], "mon 13:00", ("running", "running", 7200, "mon 15:00", None)),
    ("P-1 not by the closed ones", [ev("mon 11:00", P), ev("tue 11:00", R)], "tue 11:00", ("running", "running", 3600, "tue 14:00", None)),
    ("P-1 a pause out of hours moves nothing", [ev("mon 19:00", P), ev("tue 08:00", R)], "mon 10:00", ("running", "running", 0, "mon 14:00", None)),
    ("P-2 no due in a pause", [ev("mon 11:00", P)], "fri 11:00", ("paused", "paused", 3600, None, None)),
    ("P-2 due stays if it was reached before the pause", [ev("mon 15:00", P)], "fri 11:00", ("breached", "paused", 18000, "mon 14:00", "mon 14:00")),
    ("P-3 until the last reason is lifted", [ev("mon 11:00", P, reason="a"), ev("mon 11:30", P, reason="b"), ev("mon 12:00", R, reason="a")], "mon 13:00", ("paused", "paused", 3600, None, None)),
    ("P-3 then it runs", [ev("mon 11:00", P, reason="a"), ev("mon 11:30", P, reason="b"), ev("mon 12:00", R, reason="a"), ev("mon 12:30", R, reason="b")], "mon 13:00", ("running", "running", 5400, "mon 15:30", None)),
    ("P-3 a reason twice is one", [ev("mon 11:00", P, reason="a"), ev("mon 11:30", P, reason="a"), ev("mon 12:00", R, reason="a")], "mon 13:00", ("running", "running", 7200, "mon 15:00", None)),
    ("P-3 resume without reason lifts all", [ev("mon 11:00", P, reason="a"), ev("mon 11:30", P), ev("mon 12:00", R)], "mon 13:00", ("running", "running", 7200, "mon 15:00", None)),
    ("P-3 no reason is a reason of its own", [ev("mon 11:00", P, reason="a"), ev("mon 11:30", P), ev("mon 12:00", R, reason="a")], "mon 13:00", ("paused", "paused", 3600, None, None)),
    ("P-3 another reason lifts nothing", [ev("mon 11:00", P, reason="a"), ev("mon 12:00", R, reason="b")], "mon 13:00", ("paused", "paused", 3600, None, None)),
    ("P-4 paused at the instant of due", [ev("mon 14:00", P)], "fri 11:00", ("paused", "paused", 14400, "mon 14:00", None)),
    ("P-4 at the resumption not yet", [ev("mon 14:00", P), ev("tue 10:00", R)], "tue 10:00", ("running", "running", 14400, "mon 14:00", None)),
    ("B-2 paused at due, breached by the resumption", [ev("mon 14:00", P), ev("tue 10:00", R)], "tue 10:00:01", ("breached", "running", 14401, "mon 14:00", "tue 10:00")),
    ("P-5 pausing what is stopped", [ev("mon 11:00", S), ev("mon 12:00", P)], "tue 12:00", ("met", "stopped", 3600, "mon 14:00", None)),
    ("P-5 pausing what is cancelled", [ev("mon 11:00", "cancel"), ev("mon 12:00", P)], "tue 12:00", ("cancelled", "cancelled", 3600, None, None)),
    ("P-5 resuming what runs", [ev("mon 11:00", R)], "mon 12:00", ("running", "running", 7200, "mon 14:00", None)),
    ("P-6 pause and resume at one instant", [ev("mon 11:00", P), ev("mon 11:00", R)], "mon 12:00", ("running", "running", 7200, "mon 14:00", None)),
    ("P-6 resume and pause at one instant", [ev("mon 11:00", R), ev("mon 11:00", P)], "mon 12:00", ("paused", "paused", 3600, None, None)),
    ("O-1 stop freezes", [ev("mon 11:00", S)], "fri 11:00", ("met", "stopped", 3600, "mon 14:00", None)),
    ("O-1 stopped in a pause has no due", [ev("mon 11:00", P), ev("mon 12:00", S)], "fri 11:00", ("met", "stopped", 3600, None, None)),
    ("O-1 a breached one keeps its due", [ev("mon 15:00", S)], "fri 11:00", ("breached", "stopped", 18000, "mon 14:00", "mon 14:00")),
    ("O-1 the first stop counts", [ev("mon 11:00", S), ev("mon 12:00", S)], "fri 11:00", ("met", "stopped", 3600, "mon 14:00", None)),
    ("O-2 reopen goes on without the time between", [ev("mon 11:00", S), ev("tue 11:00", "reopen")], "tue 12:00", ("running", "running", 7200, "tue 14:00", None)),
    ("O-2 reopen clears the pauses", [ev("mon 11:00", P), ev("mon 12:00", S), ev("tue 11:00", "reopen")], "tue 12:00", ("running", "running", 7200, "tue 14:00", None)),
    ("O-3 a new cycle starts at zero", [ev("mon 11:00", S), ev("tue 11:00", "reopen", mode="new_cycle")], "tue 12:00", ("running", "running", 3600, "tue 15:00", None)),
    ("O-4 a breach survives the reopening", [ev("mon 15:00", S), ev("tue 11:00", "reopen")], "tue 12:00", ("breached", "running", 21600, "mon 14:00", "mon 14:00")),
    ("O-4 reopening what runs", [ev("mon 11:00", "reopen", mode="new_cycle")], "mon 12:00", ("running", "running", 7200, "mon 14:00", None)),
    ("O-4 reopening what is paused", [ev("mon 11:00", P), ev("mon 12:00", "reopen")], "mon 13:00", ("paused", "paused", 3600, None, None)),
    ("O-5 a target given while stopped waits", [ev("mon 12:00", S), ev("mon 13:00", "retarget", target=seconds(1))], "tue 10:00", ("met", "stopped", 7200, "mon 14:00", None)),
    ("O-5 until the reopening", [ev("mon 12:00", S), ev("mon 13:00", "retarget", target=seconds(1)), ev("tue 10:00", "reopen")], "tue 10:00", ("breached", "running", 7200, "mon 11:00", "tue 10:00")),
    ("O-6 cancel", [ev("mon 11:00", "cancel"), ev("mon 12:00", "reopen")], "tue 11:00", ("cancelled", "cancelled", 3600, None, None)),
    ("O-6 a breach that was true stays", [ev("mon 15:00", "cancel")], "tue 11:00", ("breached", "cancelled", 18000, None, "mon 14:00")),
    ("O-6 a stopped clock can be cancelled", [ev("mon 11:00", S), ev("mon 12:00", "cancel")], "tue 11:00", ("cancelled", "cancelled", 3600, None, None)),
    ("B-1 stopped exactly at due", [ev("mon 14:00", S)], "fri 11:00", ("met", "stopped", 14400, "mon 14:00", None)),
    ("B-1 running exactly at due", [], "mon 14:00", ("running", "running", 14400, "mon 14:00", None)),
    ("B-2 a second later", [], "mon 14:00:01", ("breached", "running", 14401, "mon 14:00", "mon 14:00")),
    ("R-1 a longer target", [ev("mon 11:00", "retarget", target=seconds(6))], "mon 12:00", ("running", "running", 7200, "mon 16:00", None)),
    ("R-1 up and down again restores due", [ev("mon 11:00", "retarget", target=seconds(6)), ev("mon 12:00", "retarget", target=seconds(4))], "mon 13:00", ("running", "running", 10800, "mon 14:00", None)),
    ("R-1 pauses stay", [ev("mon 11:00", P), ev("mon 12:00", R), ev("mon 12:30", "retarget", target=seconds(2))], "mon 12:30", ("running", "running", 5400, "mon 13:00", None)),
    ("R-2 a target already used up", [ev("mon 13:00", "retarget", target=seconds(1))], "mon 13:00", ("breached", "running", 10800, "mon 11:00", "mon 13:00")),
    ("R-2 used up before a pause", [ev("mon 12:00", P), ev("tue 10:00", R), ev("tue 11:00", "retarget", target=seconds(1))], "tue 11:00", ("breached", "running", 10800, "mon 11:00", "tue 11:00")),
    ("R-2 in time by the second", [ev("mon 13:00", "retarget", target=seconds(3))], "mon 13:00", ("running", "running", 10800, "mon 13:00", None)),
    ("R-3 also during a pause", [ev("mon 13:00", P), ev("tue 10:00", "retarget", target=seconds(1))], "tue 10:00", ("breached", "paused", 10800, "mon 11:00", "tue 10:00")),
    ("R-3 a target just used up at the pause is not yet late", [ev("mon 13:00", P), ev("tue 10:00", "retarget", target=seconds(3))], "wed 10:00", ("paused", "paused", 10800, "mon 13:00", None)),
    ("R-4 a target in days counts from the start", [ev("tue 10:00", "retarget", target=Target("working_days", 2, "close"))], "tue 10:00", ("breached", "running", 32400, "wed 18:00", "mon 14:00")),
    ("R-4 on the calendar then in force", [ev("mon 11:00", "retarget", target=Target("working_days", 1, "close"), calendar=LATE)], "mon 11:00", ("running", "running", 3600, "tue 19:00", None)),
    ("R-5 a breach survives a longer target", [ev("mon 15:00", "retarget", target=seconds(10))], "mon 15:00", ("breached", "running", 18000, "tue 11:00", "mon 14:00")),
    ("R-6 a change leaves it paused", [ev("mon 11:00", P), ev("mon 12:00", "retarget", target=seconds(6))], "mon 13:00", ("paused", "paused", 3600, None, None)),
    ("R-7 a note touches nothing", [ev("mon 11:00", "note")], "mon 12:00", ("running", "running", 7200, "mon 14:00", None)),
    ("R-1 hours of calendar days are hours", [ev("mon 10:00", "retarget", target=Target("calendar_days", 2, "same_time")), ev("tue 10:00", "retarget", target=seconds(26))], "tue 10:00", ("running", "running", 86400, "tue 12:00", None)),
    ("V-1 another calendar from now on", [ev("mon 11:00", "calendar", calendar=LATE)], "mon 11:30", ("running", "running", 3600, "mon 15:00", None)),
    ("V-1 what was consumed stays", [ev("mon 13:00", "calendar", calendar=NEVER)], "fri 13:00", ("running", "running", 10800, None, None)),
    ("A-1 an amendment for new records", [ev("mon 11:00", "amend", target=seconds(1))], "mon 12:00", ("running", "running", 7200, "mon 14:00", None)),
    ("A-2 an amendment for open ones", [ev("mon 11:00", "amend", target=seconds(6), apply_to_open=True)], "mon 12:00", ("running", "running", 7200, "mon 16:00", None)),
    ("X-2 an event before the start", [ev("mon 08:00", P)], "mon 12:00", ("paused", "paused", 0, None, None)),
    ("X-3 unsorted", [ev("mon 12:00", R), ev("mon 11:00", P)], "mon 13:00", ("running", "running", 7200, "mon 15:00", None)),
    ("X-3 before the start in the order of the list", [ev("mon 09:00", R), ev("mon 08:00", P)], "mon 11:00", ("paused", "paused", 0, None, None)),
    ("an event after the question is unknown", [ev("mon 13:00", P)], "mon 12:00", ("running", "running", 7200, "mon 14:00", None)),
]  # fmt: skip


@pytest.mark.req("INC-25")
@pytest.mark.parametrize(("rule", "events", "at", "expected"), COURSES, ids=[row[0] for row in COURSES])
def test_a_course_of_events(rule, events, at, expected):
    snap = clock(*events).at(t(at))
    assert said(snap) == expected
    assert snap.breached == (snap.state == "breached") == (snap.breached_at is not None)
    if snap.target is not None:
        assert snap.remaining == snap.target - snap.elapsed
        assert snap.overdue == max(0, snap.elapsed - snap.target)


A = "appoint"
AGREED = [
    (
        "G-1 due is the agreed instant, also out of hours",
        [ev("mon 11:00", A, due=t("sat 10:00"))],
        "tue 12:00",
        ("running", "running", 3600 + 25 * 3600, "sat 10:00", None),
    ),
    (
        "G-1 a later agreement replaces it",
        [ev("mon 11:00", A, due=t("tue 10:00")), ev("mon 17:00", A, due=t("wed 20:00"))],
        "tue 12:00",
        ("running", "running", 3600 + 25 * 3600, "wed 20:00", None),
    ),
    (
        "G-1 arriving at the agreed second is in time",
        [ev("mon 11:00", A, due=t("tue 20:00")), ev("tue 20:00", S)],
        "fri 12:00",
        ("met", "stopped", 3600 + 33 * 3600, "tue 20:00", None),
    ),
    (
        "G-1 a second later is not",
        [ev("mon 11:00", A, due=t("tue 20:00")), ev("tue 20:00:01", S)],
        "fri 12:00",
        ("breached", "stopped", 3600 + 33 * 3600 + 1, "tue 20:00", "tue 20:00"),
    ),
    (
        "G-1 agreed for an instant before",
        [ev("mon 11:00", A, due=t("mon 10:30"))],
        "mon 11:30",
        ("breached", "running", 5400, "mon 10:30", "mon 11:00"),
    ),
    (
        "G-2 a pause does not move it",
        [ev("mon 11:00", A, due=t("tue 10:00")), ev("mon 12:00", P), ev("mon 17:00", R)],
        "mon 17:30",
        ("running", "running", 3600 + 6.5 * 3600, "tue 10:00", None),
    ),
    (
        "G-2 agreed in a pause it stands",
        [ev("mon 11:00", P), ev("mon 12:00", A, due=t("tue 10:00"))],
        "tue 11:00",
        ("breached", "running", 3600 + 23 * 3600, "tue 10:00", "tue 10:00"),
    ),
    (
        "G-3 released, the span goes on where it stood",
        [ev("mon 11:00", A, due=t("wed 10:00")), ev("tue 11:00", "release")],
        "tue 12:00",
        ("running", "running", 7200, "tue 14:00", None),
    ),
    (
        "G-3 released in a pause it is paused",
        [ev("mon 11:00", A, due=t("wed 10:00")), ev("mon 12:00", P), ev("tue 11:00", "release")],
        "tue 12:00",
        ("paused", "paused", 3600, None, None),
    ),
    (
        "G-3 another span waits for the release",
        [
            ev("mon 11:00", A, due=t("wed 10:00")),
            ev("mon 12:00", "retarget", target=seconds(2)),
            ev("tue 11:00", "release"),
        ],
        "tue 11:30",
        ("running", "running", 5400, "tue 12:00", None),
    ),
    (
        "G-3 releasing what was not agreed",
        [ev("mon 11:00", "release")],
        "mon 12:00",
        ("running", "running", 7200, "mon 14:00", None),
    ),
    (
        "G-4 a breach before the agreement stays",
        [ev("mon 15:00", A, due=t("wed 10:00"))],
        "mon 16:00",
        ("breached", "running", 18000 + 3600, "wed 10:00", "mon 14:00"),
    ),
    (
        "G-4 missed and released, the miss stays",
        [ev("mon 11:00", A, due=t("tue 10:00")), ev("tue 11:00", "release")],
        "tue 12:00",
        ("breached", "running", 7200, "tue 14:00", "tue 10:00"),
    ),
    (
        "G-4 reopened, the rest of the span goes on",
        [ev("mon 11:00", A, due=t("tue 10:00")), ev("tue 09:30", S), ev("wed 10:00", "reopen")],
        "wed 11:00",
        ("running", "running", 7200, "wed 13:00", None),
    ),
]


@pytest.mark.req("INC-18")
@pytest.mark.parametrize(("rule", "events", "at", "expected"), AGREED, ids=[row[0] for row in AGREED])
def test_an_agreed_time_is_the_target_instead_of_a_span(rule, events, at, expected):
    state = clock(*events)
    snap = state.at(t(at))
    assert said(snap) == expected
    counted = [s for s in state.segments(t(at)) if s.counted]
    assert sum((s.end - s.start).total_seconds() for s in counted) == snap.elapsed


def test_the_alarm_of_an_agreed_time_is_the_second_after_it_and_its_stretch_says_so_g_1():
    state = clock(ev("mon 11:00", A, due=t("sat 10:00")))
    assert state.next_alarm(t("mon 12:00")) == t("sat 10:00:01")
    (agreed,) = [s for s in state.segments(t("tue 12:00")) if s.reason == "appointed"]
    assert (agreed.start, agreed.end, agreed.counted) == (t("mon 11:00"), t("tue 12:00"), True)


def test_due_at_friday_closing_and_solved_on_saturday_is_late_by_no_working_second_b_2_b_3():
    snap = clock(ev("sat 12:00", S), start="fri 14:00").at(t("mon2 12:00"))
    assert said(snap, "state", "due", "breached_at", "overdue", "remaining") == (
        "breached",
        "fri 18:00",
        "fri 18:00",
        0,
        0,
    )


def test_a_new_cycle_keeps_the_old_verdict_o_3():
    events = [
        ev("mon 15:00", S),
        ev("tue 09:00", "retarget", target=seconds(2)),
        ev("tue 11:00", "reopen", mode="new_cycle"),
        ev("tue 12:00", S),
        ev("wed 11:00", "reopen", mode="new_cycle"),
    ]
    state = clock(*events, thresholds=[50])
    assert said(state.at(t("tue 12:00")), "state", "cycle", "previous_cycles", "target") == (
        "met",
        2,
        ("breached",),
        7200,
    )
    assert said(state.at(t("wed 11:30")), "state", "cycle", "previous_cycles", "fired") == (
        "running",
        3,
        ("breached", "met"),
        (),
    )
    assert (state.cycle_start, state.resolved_seconds) == (t("wed 11:00"), 7200)


def test_a_new_cycle_resolves_days_from_the_reopening_o_3():
    state = clock(
        ev("mon 11:00", S),
        ev("wed 11:00", "reopen", mode="new_cycle"),
        target=Target("working_days", 1, "close"),
    )
    assert said(state.at(t("wed 11:00")), "due") == ("thu 18:00",)


def test_a_calendar_that_never_opens_consumes_nothing_c_10():
    state = clock(cal=NEVER, thresholds=[0, 50])
    assert said(state.at(t("2036-03-03T10:00Z"))) == ("running", "running", 0, None, None)
    assert state.next_alarm(t("mon 10:00")) is None
    assert [f.threshold for f in state.at(t("mon 10:00")).fired] == [0]


def test_a_target_given_by_an_event_that_cannot_be_resolved_names_the_event_d_6():
    with pytest.raises(TargetError) as refused:
        clock(
            ev("mon 11:00", "note"),
            ev("mon 12:00", "retarget", target=Target("working_days", 1, "close")),
            cal=NEVER,
        )
    assert refused.value.field == "events[1].target.days"


def test_due_more_than_4000_days_ahead_is_none_until_it_is_nearer_x_6():
    state = clock(cal=ALWAYS, hours=5000 * 24)
    assert state.at(t("mon 10:00")).due is None
    assert state.at(t("mon 10:00") + timedelta(days=1001)).due == t("mon 10:00") + timedelta(days=5000)


# --- W: thresholds -------------------------------------------------------------------------------

WARNINGS = [
    ("W-1 per cent", [50, 75], [], "mon 14:00", [(50, "mon 12:00"), (75, "mon 13:00")]),
    ("W-1 rounded up to a second", [0.01], [], "mon 14:00", [(0.01, "mon 10:00:02")]),
    ("W-1 an offset before and after", [Offset(-3600), Offset(3600)], [], "mon 15:00", [(Offset(-3600), "mon 13:00"), (Offset(3600), "mon 15:00")]),
    ("W-1 longer than the target fires at the start", [Offset(-99999)], [], "mon 10:00", [(Offset(-99999), "mon 10:00")]),
    ("W-1 not before it is reached", [50], [], "mon 11:59:59", []),
    ("W-2 never in a pause", [50], [ev("mon 11:00", P)], "fri 14:00", []),
    ("W-2 reached at the pause, fires on resuming", [50], [ev("mon 12:00", P), ev("tue 12:00", R)], "tue 12:00", [(50, "tue 12:00")]),
    ("W-2 paused at the start, fires on resuming", [0], [ev("mon 10:00", P), ev("tue 12:00", R)], "tue 12:00", [(0, "tue 12:00")]),
    ("W-2 reached at the stop, never", [50], [ev("mon 12:00", S)], "fri 12:00", []),
    ("W-3 by instant, ties in the order given", [75, 50, Offset(-7200)], [], "mon 14:00", [(50, "mon 12:00"), (Offset(-7200), "mon 12:00"), (75, "mon 13:00")]),
    ("W-3 a late look tells the true instant", [50], [], "fri 14:00", [(50, "mon 12:00")]),
    ("W-4 armed again if it lies ahead again", [50], [ev("mon 12:30", "retarget", target=seconds(8))], "mon 14:00", [(50, "mon 12:00"), (50, "mon 14:00")]),
    ("W-4 not armed again if behind", [50], [ev("mon 12:30", "retarget", target=seconds(3))], "mon 14:00", [(50, "mon 12:00")]),
    ("W-4 unfired and now behind fires at the change", [75], [ev("mon 12:30", "retarget", target=seconds(3))], "mon 14:00", [(75, "mon 12:30")]),
    ("W-4 or on resuming", [75], [ev("mon 12:30", P), ev("mon 12:45", "retarget", target=seconds(3)), ev("mon 13:00", R)], "mon 14:00", [(75, "mon 13:00")]),
]  # fmt: skip


@pytest.mark.req("SLM-35")
@pytest.mark.parametrize(
    ("rule", "levels", "events", "at", "expected"), WARNINGS, ids=[row[0] for row in WARNINGS]
)
def test_warnings(rule, levels, events, at, expected):
    fired = clock(*events, thresholds=levels).at(t(at)).fired
    assert [(f.threshold, w(f.at)) for f in fired] == expected


def test_a_threshold_reached_at_closing_fires_then_and_one_at_zero_out_of_hours_w_1_w_2():
    state = clock(start="sat 10:00", hours=18, thresholds=[0, 50])
    assert [w(f.at) for f in state.at(t("mon2 18:00")).fired] == ["sat 10:00", "mon2 18:00"]


@pytest.mark.req("SLM-35")
def test_the_next_alarm_is_each_threshold_then_the_second_after_due():
    state, now, seen = clock(thresholds=[50, 75, 100]), t("mon 09:00"), []
    while now := state.next_alarm(now):
        seen.append(w(now))
    assert seen == ["mon 12:00", "mon 13:00", "mon 14:00", "mon 14:00:01"]
    assert clock(ev("mon 11:00", P), thresholds=[50]).next_alarm(t("mon 11:00")) is None
    assert clock(ev("mon 11:00", S), thresholds=[50]).next_alarm(t("mon 11:00")) is None
    assert w(clock(ev("mon 14:00", P), ev("tue 10:00", R)).next_alarm(t("tue 10:00"))) == "tue 10:00:01"
    assert w(clock(start="sat 10:00", thresholds=[0]).next_alarm(t("fri 10:00"))) == "sat 10:00"


# --- K, M: several clocks ------------------------------------------------------------------------


def test_clocks_of_a_record_are_independent_unless_an_event_names_none_k_1_b_4():
    events = [ev("mon 11:00", S, clocks=frozenset({"first"})), ev("mon 12:00", P)]
    promises = {"first": Promise(seconds(2), DESK), "done": Promise(seconds(4), DESK)}
    states = timing.run_record(start=t("mon 10:00"), promises=promises, events=events)
    assert said(states["first"].at(t("tue 10:00")), "state", "elapsed") == ("met", 3600)
    assert said(states["done"].at(t("tue 10:00")), "state", "elapsed") == ("paused", 7200)


# --- segments ------------------------------------------------------------------------------------


@pytest.mark.req("INC-25")
def test_segments_say_why_each_stretch_counted_or_not():
    state = clock(
        ev("mon 11:00", P, reason="customer"),
        ev("mon 12:00", R),
        ev("mon 19:00", S),
        ev("tue 10:00", "reopen"),
        ev("tue 11:00", "cancel"),
        hours=40,
    )
    assert [(w(s.start), s.reason, s.detail) for s in state.segments(t("tue 12:00"))] == [
        ("mon 10:00", "open", "mon 09:00-18:00"),
        ("mon 11:00", "paused", "customer"),
        ("mon 12:00", "open", "mon 09:00-18:00"),
        ("mon 18:00", "closed", "outside working hours"),
        ("mon 19:00", "stopped", "stopped"),
        ("tue 10:00", "open", "tue 09:00-18:00"),
        ("tue 11:00", "stopped", "cancelled"),
    ]
    assert state.segments(t("mon 09:00")) == []


def test_a_clock_with_twenty_events_takes_well_under_a_millisecond():
    course = [Event(t("mon 10:00") + timedelta(hours=3 * n), R if n % 2 else P) for n in range(20)]
    clock(*course, hours=90, thresholds=[50, 75, 90]).at(t("fri 12:00"))
    rounds, began = 50, time.perf_counter()
    for _ in range(rounds):
        clock(*course, hours=90, thresholds=[50, 75, 90]).at(t("fri 12:00"))
    assert (time.perf_counter() - began) / rounds < 0.002  # four times what it takes on a small machine
