"""What a target comes to in seconds: rules D of docs/sla-clock.md."""

# ruff: noqa: E501 - one case of a rule is one row

import pytest

from sla import timing
from sla.timing import Target, TargetError
from tests.sla.week import (
    DESK,
    HOUR,
    NEVER,
    NIGHT,
    calendar,
    clock,
    said,
    t,
)

TARGETS = [
    ("D-1 business seconds are the number", DESK, "mon 10:00", ("business_seconds", 14400, None), 14400),
    ("D-2 the start's own date is day 0", DESK, "mon 10:00", ("working_days", 1, "close"), 17 * HOUR),
    ("D-2 after midnight of a night shift the date has moved on", NIGHT, "2026-03-03T01:00+01:00", ("working_days", 1, "close"), 5 * HOUR + 16 * HOUR),
    ("D-2 two days over a weekend", DESK, "fri 10:00", ("working_days", 2, "close"), 26 * HOUR),
    ("D-2 holidays are not working days", calendar(holidays=["2026-03-03"]), "mon 10:00", ("working_days", 1, "close"), 17 * HOUR),
    ("D-3 same time, round the clock, whatever the calendar", NEVER, "mon 10:00", ("calendar_days", 2, "same_time"), 48 * HOUR),
    ("D-3 23 hours in spring", calendar("Europe/Berlin"), "2026-03-28T10:00+01:00", ("calendar_days", 1, "same_time"), 23 * HOUR),
    ("D-3 25 hours in autumn", calendar("Europe/Berlin"), "2026-10-24T10:00+02:00", ("calendar_days", 1, "same_time"), 25 * HOUR),
    ("D-3 a wall time that does not exist is the end of the gap", calendar("Europe/Berlin"), "2026-03-28T02:30+01:00", ("calendar_days", 1, "same_time"), int(23.5 * HOUR)),
    ("D-3 a wall time that exists twice is the first", calendar("Europe/Berlin"), "2026-10-24T02:30+02:00", ("calendar_days", 1, "same_time"), 24 * HOUR),
    ("D-4 the end of the date", DESK, "mon 10:00", ("calendar_days", 1, "close"), 38 * HOUR),
    ("D-4 in the calendar's zone", calendar("Asia/Shanghai"), "2026-03-02T10:00Z", ("calendar_days", 1, "close"), 30 * HOUR),
    ("D-5 same time", DESK, "mon 10:00", ("working_days", 1, "same_time"), 9 * HOUR),
    ("D-5 a start out of hours moves to the opening", DESK, "tue 20:00", ("working_days", 1, "same_time"), 9 * HOUR),
    ("D-5 close does not move the start", DESK, "tue 20:00", ("working_days", 1, "close"), 9 * HOUR),
    ("D-5 on a shorter day", calendar(special={"2026-03-03": [["09:00", "12:00"]]}), "mon 15:00", ("working_days", 1, "same_time"), 6 * HOUR),
]  # fmt: skip


@pytest.mark.req("INC-17")
@pytest.mark.parametrize(
    ("rule", "cal", "start", "target", "expected"), TARGETS, ids=[row[0] for row in TARGETS]
)
def test_a_target_resolves_to_seconds(rule, cal, start, target, expected):
    assert timing.resolve(Target(*target), cal, t(start)) == expected


def test_received_after_hours_one_working_day_is_due_the_next_closing_d_5():
    state = clock(start="tue 20:00", target=Target("working_days", 1, "same_time"))
    assert said(state.at(t("tue 20:00")), "due") == ("wed 18:00",)


def test_a_leap_day_is_a_day_t_6():
    state = clock(start="2028-02-28T10:00Z", target=Target("calendar_days", 1, "same_time"))
    assert state.at(t("2028-02-28T10:00Z")).due == t("2028-02-29T10:00Z")


@pytest.mark.parametrize(
    ("definition", "code", "field"),
    [
        ({"kind": "business_seconds", "seconds": 0}, "not_positive", "seconds"),
        ({"kind": "business_seconds", "seconds": -5}, "not_positive", "seconds"),
        ({"kind": "business_seconds", "seconds": 1.5}, "wrong_type", "seconds"),
        ({"kind": "business_seconds", "seconds": True}, "wrong_type", "seconds"),
        ({"kind": "business_seconds", "seconds": "60"}, "wrong_type", "seconds"),
        ({"kind": "business_seconds", "seconds": float("nan")}, "wrong_type", "seconds"),
        ({"kind": "business_seconds", "seconds": 2**63}, "out_of_range", "seconds"),
        ({"kind": "business_seconds"}, "required", "seconds"),
        ({"kind": "business_seconds", "seconds": 60, "until": "close"}, "unknown_field", "until"),
        ({"kind": "business_hours", "hours": 4}, "unknown_kind", "kind"),
        ({"kind": ["working_days"]}, "unknown_kind", "kind"),
        ({"kind": "working_days", "days": 0, "until": "close"}, "not_positive", "days"),
        ({"kind": "working_days", "days": 2}, "required", "until"),
        ({"kind": "calendar_days", "days": 2, "until": "noon"}, "unknown_value", "until"),
        ({"days": 2}, "required", "kind"),
        ([], "wrong_type", ""),
    ],
)
def test_a_bad_target_is_refused_by_field_d_6(definition, code, field):
    with pytest.raises(TargetError) as refused:
        Target.parse(definition)
    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("until", ["same_time", "close"])
def test_a_target_that_cannot_be_resolved_is_refused_d_6(until):
    for cal, days in ((NEVER, 1), (calendar(special={"2026-03-03": []}, holidays=[]), 10**9)):
        with pytest.raises(TargetError) as refused:
            timing.resolve(Target("working_days", days, until), cal, t("mon 10:00"))
        assert refused.value.code == "unresolvable"
    with pytest.raises(TargetError):
        timing.resolve(Target("calendar_days", 10**15, until), DESK, t("mon 10:00"))


def test_a_target_keeps_its_json_form():
    for form in (
        {"kind": "business_seconds", "seconds": 60},
        {"kind": "working_days", "days": 2, "until": "close"},
    ):
        assert Target.parse(form).definition() == form
