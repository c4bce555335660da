"""The simulator: every type of case and shape of answer, and what happens to bad input."""

# ruff: noqa: E501 - one case of a rule is one row

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.cases import CasesError, simulate

DAYS = ("mon", "tue", "wed", "thu", "fri")
CALENDARS = {
    "desk": {"timezone": "UTC", "weekly": {day: [["09:00", "18:00"]] for day in DAYS}},
    "night": {"timezone": "Europe/Berlin", "weekly": {day: [["22:00", "06:00"]] for day in DAYS}},
    "always": {"timezone": "UTC", "always_open": True},
    "never": {"timezone": "UTC", "weekly": {}},
    "bad": {"timezone": "UTC", "weekly": {"mon": [["09:00", "09:00"]]}},
    "guess": {"timezone": "Mars/Base", "weekly": {}},
}
AT = "2026-03-02T10:00:00Z"
FOUR_HOURS = {"kind": "business_seconds", "seconds": 14400}
SPAN = {"type": "span", "calendar": "desk", "from": AT, "to": AT}
DUE = {"type": "due", "calendar": "desk", "start": AT, "target": FOUR_HOURS}
CLOCK = {
    "type": "clock",
    "calendar": "desk",
    "start": AT,
    "target": FOUR_HOURS,
    "events": [],
    "checks": [{"at": "2026-03-02T11:30:00Z"}],
}
RECORD = {
    "type": "record",
    "calendar": "desk",
    "start": AT,
    "clocks": {"a": {"target": FOUR_HOURS}},
    "events": [],
    "checks": [{"at": AT}],
}
MESSAGES = {
    "type": "messages",
    "calendar": "desk",
    "created": AT,
    "messages": [],
    "targets": {"first_response": 3600},
    "at": AT,
}
SNAPSHOT = {
    "state": "running",
    "phase": "running",
    "breached": False,
    "breached_at": None,
    "elapsed": 5400,
    "target": 14400,
    "remaining": 9000,
    "overdue": 0,
    "due": "2026-03-02T14:00:00Z",
    "fired": [],
    "cycle": 1,
    "previous_cycles": [],
}


def answer(case):
    """The one answer to one case; checked to be JSON."""
    (found,) = simulate({"calendars": CALENDARS, "cases": [{"id": "x", **case}]})["results"]
    return json.loads(json.dumps(found, allow_nan=False))


def result(case):
    found = answer(case)
    assert "result" in found, found
    return found["result"]


def error(case):
    found = answer(case)
    assert set(found) == {"id", "error"}, found
    assert set(found["error"]) == {"code", "field", "detail"}
    assert found["error"]["detail"]
    return found["error"]["code"], found["error"]["field"]


def event(kind, **more):
    return {"at": "2026-03-02T11:00:00Z", "type": kind, **more}


# --- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (SPAN | {"to": "2026-03-03T10:00:00+08:00"}, {"seconds": 8 * 3600}),
        (SPAN | {"to": "2026-03-01T10:00:00Z"}, {"seconds": 0}),
        (DUE, {"due": "2026-03-02T14:00:00Z", "seconds": 14400}),
        (DUE | {"calendar": "never"}, {"due": None, "seconds": 14400}),
        (DUE | {"target": {"kind": "business_seconds", "seconds": 10**18}}, {"due": None, "seconds": 10**18}),
        (DUE | {"calendar": "never", "target": {"kind": "calendar_days", "days": 1, "until": "same_time"}}, {"due": "2026-03-03T10:00:00Z", "seconds": 86400}),
        (DUE | {"calendar": "night", "start": "2026-03-03T01:00:00+01:00", "target": {"kind": "working_days", "days": 1, "until": "close"}}, {"due": "2026-03-05T05:00:00Z", "seconds": 75600}),
        (CLOCK, [SNAPSHOT]),
        (CLOCK | {"checks": []}, []),
        (CLOCK | {"checks": [{"at": "2026-03-02T09:59:59Z"}]}, [{k: v for k, v in (SNAPSHOT | {"state": "not_started", "phase": "not_started", "elapsed": 0, "due": None}).items() if k not in ("target", "remaining")}]),
        (RECORD | {"checks": [{"at": "2026-03-02T11:30:00Z"}]}, {"a": [SNAPSHOT]}),
        (RECORD | {"clocks": {}}, {}),
        (MESSAGES | {"messages": [{"at": "2026-03-02T10:30:00Z", "author": "agent", "public": True}], "at": "2026-03-02T12:00:00Z"}, [{"kind": "first_response", "start": AT, "stop": "2026-03-02T10:30:00Z", "state": "met", "elapsed": 1800, "due": "2026-03-02T11:00:00Z"}]),
        (MESSAGES | {"targets": {}}, []),
        ({"type": "compliance", "clocks": []}, {"met": 0, "breached": 0, "excluded": 0, "pending": 0, "percent": None}),
        ({"type": "compliance", "clocks": [{"state": "met", "breached": False}, {"state": "breached", "breached": True}, {"state": "met", "breached": False, "waived": True}]}, {"met": 1, "breached": 1, "excluded": 1, "pending": 0, "percent": 50.0}),
    ],
)  # fmt: skip
def test_each_type_answers_in_its_shape(case, expected):
    assert result(case) == expected


def test_checks_come_back_in_the_order_asked_and_events_apply_first():
    case = CLOCK | {
        "events": [event("pause")],
        "checks": [{"at": "2026-03-02T12:00:00Z"}, {"at": "2026-03-02T11:00:00Z"}, {"at": AT}],
    }
    assert [snap["state"] for snap in result(case)] == ["paused", "paused", "running"]


def test_thresholds_come_back_as_they_were_given():
    case = CLOCK | {"thresholds": [25, {"offset": -12600}, 12.5], "checks": [{"at": "2026-03-02T11:00:00Z"}]}
    assert result(case)[0]["fired"] == [
        {"threshold": {"offset": -12600}, "at": "2026-03-02T10:30:00Z"},
        {"threshold": 12.5, "at": "2026-03-02T10:30:00Z"},
        {"threshold": 25, "at": "2026-03-02T11:00:00Z"},
    ]


def test_explain_adds_segments_that_cover_the_whole_span():
    case = CLOCK | {
        "explain": True,
        "events": [event("pause", reason="customer")],
        "checks": [{"at": "2026-03-02T12:00:00Z"}, {"at": AT}],
    }
    first, at_start = result(case)
    assert first["segments"] == [
        {
            "from": AT,
            "to": "2026-03-02T11:00:00Z",
            "counted": True,
            "reason": "open",
            "detail": "mon 09:00-18:00",
        },
        {
            "from": "2026-03-02T11:00:00Z",
            "to": "2026-03-02T12:00:00Z",
            "counted": False,
            "reason": "paused",
            "detail": "customer",
        },
    ]
    assert at_start["segments"] == []
    assert "segments" not in result(CLOCK)[0]


def test_all_events_are_understood():
    events = [
        event("pause", reason="customer"),
        event("resume", reason="customer"),
        event("note"),
        event("retarget", target={"kind": "business_seconds", "seconds": 18000}),
        event("retarget", calendar="always"),
        event("amend", target=FOUR_HOURS, apply_to_open=False),
        event("amend", target=FOUR_HOURS),
        event("calendar", calendar="desk"),
        event("stop"),
        event("reopen"),
        event("stop"),
        event("reopen", mode="new_cycle"),
    ]
    (snap,) = result(CLOCK | {"events": events})
    assert (snap["target"], snap["elapsed"], snap["cycle"], snap["previous_cycles"]) == (
        18000,
        1800,
        2,
        ["met"],
    )
    (snap,) = result(CLOCK | {"events": [*events, event("cancel")]})
    assert (snap["state"], snap["due"]) == ("cancelled", None)


def test_an_event_of_a_record_may_name_its_clocks_k_1():
    case = RECORD | {
        "clocks": {
            "a": {"target": FOUR_HOURS},
            "b": {"target": FOUR_HOURS, "calendar": "always", "thresholds": [10]},
        },
        "events": [event("stop", clocks=["a"])],
        "checks": [{"at": "2026-03-02T12:00:00Z"}],
    }
    found = result(case)
    assert [(name, snaps[0]["state"], snaps[0]["elapsed"]) for name, snaps in found.items()] == [
        ("a", "met", 3600),
        ("b", "running", 7200),
    ]


@pytest.mark.parametrize(
    ("rule", "case", "rejected"),
    [
        ("a good calendar", {"definition": CALENDARS["desk"]}, False),
        ("C-10 an empty calendar may be refused by a system, not by the rules", {"definition": CALENDARS["never"]}, False),
        ("X-5", {"definition": CALENDARS["guess"]}, True),
        ("C-3", {"definition": CALENDARS["bad"]}, True),
        ("no object", {"definition": None}, True),
        ("D-6", {"calendar": "desk", "target": {"kind": "business_seconds", "seconds": 0}}, True),
        ("D-6 cannot be resolved", {"calendar": "never", "target": {"kind": "working_days", "days": 1, "until": "close"}}, True),
        ("D-6 can be resolved", {"calendar": "desk", "target": {"kind": "working_days", "days": 1, "until": "close"}}, False),
        ("D-3 needs no hours", {"calendar": "never", "target": {"kind": "calendar_days", "days": 1, "until": "close"}}, False),
        ("T-1", {"calendar": "desk", "instant": "2026-03-02T10:00:00"}, True),
        ("T-1 with offset", {"calendar": "desk", "instant": "2026-03-02T10:00:00+05:45"}, False),
        ("T-6 no leap seconds", {"calendar": "desk", "instant": "2016-12-31T23:59:60Z"}, True),
        ("X-5 no such time of day", {"calendar": "desk", "instant": "2026-03-02T25:00:00Z"}, True),
        ("X-5 a date only", {"calendar": "desk", "instant": "2026-03-02"}, True),
        ("X-5 a number", {"calendar": "desk", "instant": 1772445600}, True),
        ("a bad calendar", {"calendar": "bad", "target": FOUR_HOURS}, True),
    ],
)  # fmt: skip
def test_a_reject_case_asks_whether_something_would_be_refused(rule, case, rejected):
    assert result({"type": "reject", **case}) == {"rejected": rejected}


# --- bad input -----------------------------------------------------------------------------------

DAY_TARGET = {"kind": "working_days", "days": 1, "until": "close"}
ERRORS = [
    ({}, "required", "type"),
    ({"type": "dew"}, "unknown_type", "type"),
    ({"type": ["due"]}, "unknown_type", "type"),
    ({"type": "due"}, "required", "calendar"),
    (DUE | {"colour": "red"}, "unknown_field", "colour"),
    (DUE | {"calendar": "desc"}, "unknown_calendar", "calendar"),
    (DUE | {"calendar": ["desk"]}, "wrong_type", "calendar"),
    (DUE | {"calendar": None}, "wrong_type", "calendar"),
    (DUE | {"calendar": "bad"}, "zero_length", "calendars.bad.weekly.mon[0]"),
    (DUE | {"calendar": "guess"}, "unknown_zone", "calendars.guess.timezone"),
    (DUE | {"start": "2026-03-02T10:00:00"}, "no_offset", "start"),
    (DUE | {"start": "yesterday"}, "bad_instant", "start"),
    (DUE | {"start": "2026-02-30T10:00:00Z"}, "bad_instant", "start"),
    (DUE | {"start": "0001-01-01T00:00:00+14:00"}, "out_of_range", "start"),
    (DUE | {"start": True}, "wrong_type", "start"),
    (DUE | {"target": 14400}, "wrong_type", "target"),
    (DUE | {"target": {"kind": "business_seconds", "seconds": True}}, "wrong_type", "target.seconds"),
    (DUE | {"target": {"kind": "business_seconds", "seconds": float("inf")}}, "wrong_type", "target.seconds"),
    (DUE | {"target": {"kind": "business_seconds", "seconds": 10**30}}, "out_of_range", "target.seconds"),
    (DUE | {"target": {"kind": "business_seconds", "seconds": 60, "days": 1}}, "unknown_field", "target.days"),
    (DUE | {"calendar": "never", "target": DAY_TARGET}, "unresolvable", "target.days"),
    (DUE | {"target": DAY_TARGET | {"days": 10**18}}, "unresolvable", "target.days"),
    (CLOCK | {"calendar": "never", "target": DAY_TARGET}, "unresolvable", "target.days"),
    (RECORD | {"calendar": "never", "clocks": {"a": {"target": DAY_TARGET}}}, "unresolvable", "clocks.a.target.days"),
    (CLOCK | {"calendar": "never", "events": [event("note"), event("retarget", target=DAY_TARGET)]}, "unresolvable", "events[1].target.days"),
    (CLOCK | {"checks": None}, "wrong_type", "checks"),
    (CLOCK | {"checks": [AT]}, "wrong_type", "checks[0]"),
    (CLOCK | {"checks": [{"at": AT}, {}]}, "required", "checks[1].at"),
    (CLOCK | {"events": {}}, "wrong_type", "events"),
    (CLOCK | {"events": [7]}, "wrong_type", "events[0]"),
    (CLOCK | {"events": [event("note"), {"type": "note"}]}, "required", "events[1].at"),
    (CLOCK | {"events": [event("note") | {"at": "2026-03-02T10:00"}]}, "no_offset", "events[0].at"),
    (CLOCK | {"events": [event("hold")]}, "unknown_type", "events[0].type"),
    (CLOCK | {"events": [event("stop", reason="x")]}, "unknown_field", "events[0].reason"),
    (CLOCK | {"events": [event("pause", reason=5)]}, "wrong_type", "events[0].reason"),
    (CLOCK | {"events": [event("pause", clocks=["a"])]}, "unknown_field", "events[0].clocks"),
    (CLOCK | {"events": [event("reopen", mode="again")]}, "unknown_value", "events[0].mode"),
    (CLOCK | {"events": [event("retarget")]}, "required", "events[0].target"),
    (CLOCK | {"events": [event("amend", target=FOUR_HOURS, apply_to_open="yes")]}, "wrong_type", "events[0].apply_to_open"),
    (CLOCK | {"events": [event("calendar")]}, "required", "events[0].calendar"),
    (CLOCK | {"events": [event("calendar", calendar="desc")]}, "unknown_calendar", "events[0].calendar"),
    (CLOCK | {"thresholds": ["50"]}, "wrong_type", "thresholds[0]"),
    (CLOCK | {"thresholds": [True]}, "wrong_type", "thresholds[0]"),
    (CLOCK | {"thresholds": [float("nan")]}, "out_of_range", "thresholds[0]"),
    (CLOCK | {"thresholds": [10**400]}, "out_of_range", "thresholds[0]"),
    (CLOCK | {"thresholds": [-1]}, "out_of_range", "thresholds[0]"),
    (CLOCK | {"thresholds": [{"offset": 1.5}]}, "wrong_type", "thresholds[0].offset"),
    (CLOCK | {"thresholds": [1] * 51}, "too_many", "thresholds"),
    (CLOCK | {"explain": 1}, "wrong_type", "explain"),
    (CLOCK | {"explain": True, "checks": [{"at": "9999-12-31T23:59:59Z"}]}, "too_many", "explain"),
    (RECORD | {"clocks": []}, "wrong_type", "clocks"),
    (RECORD | {"clocks": {"a": {}}}, "required", "clocks.a.target"),
    (RECORD | {"clocks": {"a": {"target": FOUR_HOURS, "calendar": "bad"}}}, "zero_length", "calendars.bad.weekly.mon[0]"),
    (RECORD | {"events": [event("stop", clocks=["b"])]}, "unknown_clock", "events[0].clocks[0]"),
    (RECORD | {"events": [event("stop", clocks="a")]}, "wrong_type", "events[0].clocks"),
    (MESSAGES | {"targets": {"third_reply": 5}}, "unknown_kind", "targets.third_reply"),
    (MESSAGES | {"targets": {"next_reply": 0}}, "not_positive", "targets.next_reply"),
    (MESSAGES | {"messages": [{"at": AT}]}, "required", "messages[0].author"),
    (MESSAGES | {"messages": [{"at": AT, "author": "boss", "public": True}]}, "unknown_value", "messages[0].author"),
    (MESSAGES | {"messages": [{"at": AT, "author": "agent"}]}, "required", "messages[0].public"),
    (MESSAGES | {"messages": [{"at": AT, "resolved": False}]}, "unknown_value", "messages[0].resolved"),
    ({"type": "compliance"}, "required", "clocks"),
    ({"type": "compliance", "clocks": [{"state": "fine", "breached": False}]}, "unknown_state", "clocks[0].state"),
    ({"type": "compliance", "clocks": [{"state": "met", "breached": "no"}]}, "wrong_type", "clocks[0].breached"),
    ({"type": "reject"}, "required", "definition"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "code", "field"), ERRORS, ids=[f"{row[1]}:{row[2]}" for row in ERRORS])
def test_a_bad_case_names_the_field(case, code, field):
    assert error(case) == (code, field)


def test_a_bad_case_does_not_stop_the_others():
    cases = [
        {"id": "a", **DUE},
        {"id": "b", "type": "due"},
        7,
        {"type": "due"},
        {"id": "c", **DUE},
        {"id": "a", **DUE},
    ]
    found = simulate({"calendars": CALENDARS, "cases": cases})["results"]
    assert [(each["id"], "result" in each) for each in found] == [
        ("a", True),
        ("b", False),
        (None, False),
        (None, False),
        ("c", True),
        ("a", False),
    ]
    assert [each["error"]["field"] for each in found if "error" in each] == [
        "calendar",
        "cases[2]",
        "id",
        "id",
    ]


@pytest.mark.parametrize("name", ["", "x" * 201, "\ud800", True, 1.5, None, [], {}])
def test_a_bad_id_is_refused(name):
    (found,) = simulate({"calendars": CALENDARS, "cases": [{**DUE, "id": name}]})["results"]
    assert (found["id"], found["error"]["field"]) == (None, "id")
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (None, "wrong_type", ""),
        ([], "wrong_type", ""),
        ({}, "required", "cases"),
        ({"cases": {}}, "wrong_type", "cases"),
        ({"cases": [], "calendars": []}, "wrong_type", "calendars"),
        ({"cases": [], "case": []}, "unknown_field", "case"),
        ({"cases": [{}] * 1001}, "too_many", "cases"),
    ],
)
def test_a_request_that_is_not_one_is_refused_as_a_whole(request_, code, field):
    with pytest.raises(CasesError) as refused:
        simulate(request_)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_thousand_cases_are_taken_and_annotations_are_not_read():
    cases = [{"id": str(n), "rule": "T-5", "expect": {}, **DUE} for n in range(1000)]
    assert len(simulate({"calendars": CALENDARS, "cases": cases})["results"]) == 1000


def test_hostile_amounts_are_answered_in_bounded_time():
    began = time.perf_counter()
    far = {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}
    assert result(SPAN | far)["seconds"] > 0
    many = [
        {
            "at": f"2026-03-02T{n // 60 % 24:02}:{n % 60:02}:00Z",
            "type": ("pause", "resume")[n % 2],
            "reason": str(n // 2),
        }
        for n in range(9_000)
    ]
    assert result(CLOCK | {"events": many, "thresholds": [50, 75, 90]})[0]["state"]
    assert result(DUE | {"target": {"kind": "working_days", "days": 5000, "until": "close"}})["due"] is None
    assert time.perf_counter() - began < 5


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([AT, "desk", "bad", "pause", "working_days", "close", "00:00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["at", "type", "kind", "days", "seconds", "until", "target", "offset", "reason"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [
            SPAN,
            DUE,
            CLOCK,
            RECORD,
            MESSAGES,
            {"type": "compliance", "clocks": []},
            {"type": "reject", "definition": {}},
        ]
    ),
    st.data(),
)
def test_no_shape_of_json_makes_it_fail(case, data):
    case = {"id": "x", **case}
    for key in data.draw(st.sets(st.sampled_from(sorted(case)), min_size=1, max_size=3)):
        case[key] = data.draw(anything)
    calendars = CALENDARS if data.draw(st.booleans()) else {"desk": data.draw(anything)}
    (found,) = simulate({"calendars": calendars, "cases": [case]})["results"]
    assert ("result" in found) != ("error" in found)
    json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
