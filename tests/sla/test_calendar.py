"""Working time: rules C and T of docs/sla-clock.md, and the arithmetic against a naive reference."""

# ruff: noqa: E501 - one case of a rule is one row

import pickle
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla.calendar import (
    ALWAYS,
    Calendar,
    CalendarError,
    add,
    between,
    is_open,
    is_working_day,
    next_opening,
    spans,
    to_seconds,
)

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
DAYS = (*WORKDAYS, "sat", "sun")


def week(*windows, days=WORKDAYS):
    return {day: [list(window) for window in windows] for day in days}


def definition(zone="Europe/Berlin", weekly=None, **more):
    return {"timezone": zone, "weekly": week(("09:00", "18:00")) if weekly is None else weekly, **more}


def calendar(*args, **kwargs):
    return Calendar.parse(definition(*args, **kwargs))


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def local(text, zone="Europe/Berlin", fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def hours(cal, start, end):
    return between(cal, start, end) / 3600


NIGHT = week(("22:00", "06:00"))

SPANS = [
    ("C-1 windows are wall clock of the calendar's zone", definition("Asia/Shanghai"), "2026-03-02T00:00+00:00", "2026-03-03T00:00+00:00", 9),
    ("C-1 a zone with 45 minutes", definition("Asia/Kathmandu"), "2026-03-02T03:15+00:00", "2026-03-02T04:15+00:00", 1),
    ("C-2 several windows a day", definition("UTC", week(("09:00", "12:00"), ("13:30", "18:00"))), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 7.5),
    ("C-2 24:00 ends a window", definition("UTC", week(("00:00", "24:00"), days=DAYS)), "2026-03-02T00:00Z", "2026-03-09T00:00Z", 168),
    ("C-2 begin inclusive, end exclusive", definition("UTC"), "2026-03-02T17:59:59Z", "2026-03-02T19:00Z", 1 / 3600),
    ("C-2 always open loses no second", {"timezone": "UTC", "always_open": True}, "2026-01-01T00:00Z", "2027-01-01T00:00Z", 8760),
    ("C-3 windows may touch", definition("UTC", week(("09:00", "12:00"), ("12:00", "18:00"))), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 9),
    ("C-3 windows may touch across midnight", definition("UTC", {"mon": [["22:00", "06:00"]], "tue": [["06:00", "08:00"]]}), "2026-03-02T00:00Z", "2026-03-04T00:00Z", 10),
    ("C-4 an end before its begin is on the next date", definition("UTC", {"mon": [["22:00", "06:00"]]}), "2026-03-03T00:00Z", "2026-03-04T00:00Z", 6),
    ("C-4 until midnight", definition("UTC", {"mon": [["22:00", "00:00"]]}), "2026-03-02T00:00Z", "2026-03-04T00:00Z", 2),
    ("C-4 from Sunday into Monday", definition("UTC", {"sun": [["22:00", "06:00"]]}), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 6),
    ("C-5 a break is subtracted", definition("UTC", breaks=week(("12:00", "13:00"))), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 8),
    ("C-5 a break belongs to its civil weekday", definition("UTC", {"mon": [["22:00", "06:00"]]}, breaks={"tue": [["02:00", "02:30"]]}), "2026-03-02T00:00Z", "2026-03-04T00:00Z", 7.5),
    ("C-5 the break of the opening day does not move", definition("UTC", {"mon": [["22:00", "06:00"]]}, breaks={"mon": [["02:00", "02:30"]]}), "2026-03-02T00:00Z", "2026-03-04T00:00Z", 8),
    ("C-5 overlapping breaks count once", definition("UTC", breaks=week(("12:00", "13:00"), ("12:30", "13:30"))), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 7.5),
    ("C-6 a holiday removes its windows", definition("UTC", holidays=["2026-03-02"]), "2026-03-02T00:00Z", "2026-03-04T00:00Z", 9),
    ("C-6 a holiday listed twice is one", definition("UTC", holidays=["2026-03-02", "2026-03-02"]), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 0),
    ("C-7 the shift of the eve works to its end", definition("UTC", NIGHT, holidays=["2026-03-03"]), "2026-03-02T00:00Z", "2026-03-03T12:00Z", 8),
    ("C-7 the shift of the holiday's evening is off", definition("UTC", NIGHT, holidays=["2026-03-03"]), "2026-03-03T12:00Z", "2026-03-04T12:00Z", 0),
    ("C-9 special before make-up before holiday", definition("UTC", makeup=[{"date": "2026-03-08", "as": "mon"}], holidays=["2026-03-08"], special={"2026-03-08": [["10:00", "11:00"]]}), "2026-03-08T00:00Z", "2026-03-09T00:00Z", 1),
    ("C-9 make-up before holiday", definition("UTC", makeup=[{"date": "2026-03-08", "as": "mon"}], holidays=["2026-03-08"]), "2026-03-08T00:00Z", "2026-03-09T00:00Z", 9),
    ("C-9 a make-up day takes windows and breaks", definition("UTC", breaks={"mon": [["12:00", "13:00"]], "sun": [["09:00", "12:00"]]}, makeup=[{"date": "2026-03-08", "as": "mon"}]), "2026-03-08T00:00Z", "2026-03-09T00:00Z", 8),
    ("C-9 special hours take no breaks", definition("UTC", breaks=week(("12:00", "13:00")), special={"2026-03-02": [["10:00", "14:00"]]}), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 4),
    ("C-9 special hours of no window close", definition("UTC", special={"2026-03-02": []}), "2026-03-02T00:00Z", "2026-03-03T00:00Z", 0),
    ("C-10 no windows, no time", definition("UTC", {}), "2026-03-02T00:00Z", "2036-03-03T00:00Z", 0),
    ("T-2 fractions are cut off", definition("UTC"), "2026-03-02T10:00:00.9Z", "2026-03-02T10:00:01.1Z", 1 / 3600),
    ("T-3 spring: the missing hour is missing", definition("Europe/Berlin", week(("00:00", "06:00"), days=DAYS)), "2026-03-28T23:00Z", "2026-03-29T22:00Z", 5),
    ("T-3 autumn: the repeated hour counts twice", definition("Europe/Berlin", week(("00:00", "06:00"), days=DAYS)), "2026-10-24T22:00Z", "2026-10-25T23:00Z", 7),
    ("T-3 a window inside the gap does not happen", definition("Europe/Berlin", {"sun": [["02:15", "02:45"]]}), "2026-03-28T00:00Z", "2026-03-30T00:00Z", 0),
    ("T-3 a window inside the repeated hour happens twice", definition("Europe/Berlin", {"sun": [["02:15", "02:45"]]}), "2026-10-24T00:00Z", "2026-10-26T00:00Z", 1),
    ("T-3 half an hour on Lord Howe", definition("Australia/Lord_Howe", {"sun": [["01:00", "04:00"]]}), "2026-04-04T00:00Z", "2026-04-06T00:00Z", 3.5),
    ("T-3 a night shift over the change is one piece", definition("America/New_York", {"sat": [["22:00", "06:00"]]}), "2026-03-07T00:00Z", "2026-03-09T00:00Z", 7),
    ("T-3 Friday was skipped: only Thursday", definition("Pacific/Apia"), "2011-12-29T10:00Z", "2012-01-01T10:00Z", 9),
    ("T-6 a leap day is a day", definition("UTC", week(("00:00", "24:00"), days=DAYS)), "2028-02-28T00:00Z", "2028-03-01T00:00Z", 48),
    ("X-1 backwards is nothing", definition("UTC"), "2026-03-03T00:00Z", "2026-03-02T00:00Z", 0),
]  # fmt: skip


@pytest.mark.req("PLT-06", "SD-06")
@pytest.mark.parametrize(("rule", "given_", "start", "end", "expected"), SPANS, ids=[row[0] for row in SPANS])
def test_working_time_between_two_instants(rule, given_, start, end, expected):
    cal = Calendar.parse(given_)
    start, end = datetime.fromisoformat(start), datetime.fromisoformat(end)
    assert hours(cal, start, end) == pytest.approx(expected, abs=1e-9)


REFUSED = [
    ("C-1 no zone", {"weekly": {}}, "required", "timezone"),
    ("C-1 a zone that is no text", definition(8), "wrong_type", "timezone"),
    ("X-5 unknown zone", definition("Mars/Base"), "unknown_zone", "timezone"),
    ("X-5 an offset is no zone", definition("+08:00"), "unknown_zone", "timezone"),
    ("X-5 a path is no zone", definition("../etc/passwd"), "unknown_zone", "timezone"),
    ("X-5 zones are written exactly", definition("europe/berlin"), "unknown_zone", "timezone"),
    ("X-5 unknown weekday", definition(weekly={"monday": []}), "unknown_weekday", "weekly.monday"),
    ("X-5 weekday of a break", definition(breaks={"Mon": []}), "unknown_weekday", "breaks.Mon"),
    ("C-2 seconds", definition(weekly={"mon": [["09:00:30", "18:00"]]}), "bad_time", "weekly.mon[0][0]"),
    ("X-5 25 o'clock", definition(weekly={"mon": [["09:00", "25:00"]]}), "bad_time", "weekly.mon[0][1]"),
    ("X-5 minute 60", definition(weekly={"mon": [["09:60", "18:00"]]}), "bad_time", "weekly.mon[0][0]"),
    ("X-5 a number is no time", definition(weekly={"mon": [[9, 18]]}), "bad_time", "weekly.mon[0][0]"),
    ("X-5 other digits", definition(weekly={"mon": [["٠٩:00", "18:00"]]}), "bad_time", "weekly.mon[0][0]"),
    ("C-2 24:00 begins nothing", definition(weekly={"mon": [["24:00", "06:00"]]}), "bad_time", "weekly.mon[0][0]"),
    ("C-2 nothing after 24:00", definition(weekly={"mon": [["09:00", "24:01"]]}), "bad_time", "weekly.mon[0][1]"),
    ("C-2 three values", definition(weekly={"mon": [["09:00", "12:00", "18:00"]]}), "wrong_type", "weekly.mon[0]"),
    ("C-2 a window that is no list", definition(weekly={"mon": ["09:00"]}), "wrong_type", "weekly.mon[0]"),
    ("C-3 overlap", definition(weekly={"mon": [["09:00", "12:00"], ["11:59", "18:00"]]}), "overlap", "weekly.mon"),
    ("C-3 the same window twice", definition(weekly={"mon": [["09:00", "12:00"]] * 2}), "overlap", "weekly.mon"),
    ("C-3 overlap across midnight", definition(weekly={"mon": [["22:00", "06:00"]], "tue": [["05:00", "07:00"]]}), "overlap", "weekly.mon"),
    ("C-3 overlap from Sunday", definition(weekly={"sun": [["22:00", "06:00"]], "mon": [["05:00", "07:00"]]}), "overlap", "weekly.sun"),
    ("C-3 overlap with a window after one over midnight", definition(weekly={"mon": [["22:00", "06:00"], ["23:00", "24:00"]]}), "overlap", "weekly.mon"),
    ("C-3 overlap of special hours", definition(special={"2026-03-02": [["09:00", "12:00"], ["11:00", "13:00"]]}), "overlap", "special.2026-03-02"),
    ("C-3 special hours into a night shift", definition(weekly=NIGHT, special={"2026-03-03": [["05:00", "09:00"]]}), "overlap", "special.2026-03-03"),
    ("C-3 zero length", definition(weekly={"mon": [["09:00", "09:00"]]}), "zero_length", "weekly.mon[0]"),
    ("C-5 a break over midnight", definition(breaks={"mon": [["23:30", "00:30"]]}), "crosses_midnight", "breaks.mon[0]"),
    ("C-5 a break of zero length", definition(breaks={"mon": [["12:00", "12:00"]]}), "zero_length", "breaks.mon[0]"),
    ("C-6 month and day only", definition(holidays=["12-24"]), "bad_date", "holidays[0]"),
    ("C-6 no such day", definition(holidays=["2026-02-30"]), "bad_date", "holidays[0]"),
    ("C-6 another way to write a date", definition(holidays=["20260217"]), "bad_date", "holidays[0]"),
    ("C-6 not a list", definition(holidays="2026-02-17"), "wrong_type", "holidays"),
    ("C-9 make-up as no weekday", definition(makeup=[{"date": "2026-02-14", "as": "friday"}]), "unknown_weekday", "makeup[0].as"),
    ("C-9 make-up without as", definition(makeup=[{"date": "2026-02-14"}]), "required", "makeup[0].as"),
    ("C-9 make-up as two weekdays", definition(makeup=[{"date": "2026-02-14", "as": "fri"}, {"date": "2026-02-14", "as": "mon"}]), "duplicate", "makeup[1].date"),
    ("C-9 special of no date", definition(special={"christmas": []}), "bad_date", "special.christmas"),
    ("X-5 unknown field", definition(holiday=[]), "unknown_field", "holiday"),
    ("X-5 no week", {"timezone": "UTC"}, "required", "weekly"),
    ("X-5 not always open, no week", {"timezone": "UTC", "always_open": False}, "required", "weekly"),
    ("X-5 1 is not true", {"timezone": "UTC", "always_open": 1}, "wrong_type", "always_open"),
    ("X-5 no object", ["UTC"], "wrong_type", ""),
    ("X-5 nothing", None, "wrong_type", ""),
    ("X-5 week of a list", definition(weekly=[]), "wrong_type", "weekly"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "given_", "code", "field"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_bad_definition_is_refused_by_field(rule, given_, code, field):
    with pytest.raises(CalendarError) as refused:
        Calendar.parse(given_)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.detail


def test_what_may_look_odd_but_is_allowed():
    assert calendar(breaks={"mon": [["20:00", "21:00"], ["23:00", "24:00"]]})
    assert calendar(weekly={"mon": [["00:00", "24:00"]], "tue": [["00:00", "01:00"]]})
    assert calendar(makeup=[{"date": "2026-02-14", "as": "fri"}, {"date": "2026-02-14", "as": "fri"}])
    assert Calendar.parse({"timezone": "UTC", "always_open": True, "weekly": {}}) == ALWAYS


def test_calendars_of_equal_content_are_one_value():
    one, two = calendar(holidays=["2026-03-02"]), calendar(holidays=["2026-03-02", "2026-03-02"])
    assert one == two
    assert hash(one) == hash(two)
    assert one != calendar()
    assert one.timeline is two.timeline
    assert pickle.loads(pickle.dumps(one)) == two  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("rule", "given_", "day", "expected"),
    [
        ("C-8 a weekday", definition("UTC"), date(2026, 3, 2), True),
        ("C-8 a day without windows", definition("UTC"), date(2026, 3, 7), False),
        ("C-8 swallowed by breaks", definition("UTC", breaks={"mon": [["08:00", "18:00"]]}), date(2026, 3, 2), False),
        ("C-8 a night shift is the day it opens", definition("UTC", {"mon": [["22:00", "06:00"]]}), date(2026, 3, 2), True),
        ("C-8 and not the day it closes", definition("UTC", {"mon": [["22:00", "06:00"]]}), date(2026, 3, 3), False),
        ("C-6 a holiday", definition("UTC", holidays=["2026-03-02"]), date(2026, 3, 2), False),
        ("C-9 a make-up Sunday", definition("UTC", makeup=[{"date": "2026-03-08", "as": "mon"}]), date(2026, 3, 8), True),
        ("T-3 a date that was skipped", definition("Pacific/Apia"), date(2011, 12, 30), False),
        ("T-3 a window that was skipped", definition("Europe/Berlin", {"sun": [["02:15", "02:45"]]}), date(2026, 3, 29), False),
    ],
)  # fmt: skip
def test_working_days(rule, given_, day, expected):
    assert is_working_day(Calendar.parse(given_), day) is expected


def test_a_due_time_is_the_closing_not_the_next_opening_t_5():
    cal = calendar("UTC")
    assert add(cal, at("2026-03-06T10:00"), 8 * 3600) == at("2026-03-06T18:00")
    assert add(cal, at("2026-03-06T10:00"), 8 * 3600 + 1) == at("2026-03-09T09:00:01")
    assert add(cal, at("2026-03-06T10:00"), 0) == at("2026-03-06T10:00")


def test_a_calendar_that_never_opens_answers_never_c_10():
    after = at("2026-03-02T10:00")
    for cal in (
        calendar("UTC", {}),
        calendar("UTC", {}, special={"2025-12-24": [["09:00", "12:00"]]}),
        calendar("UTC", {"mon": [["09:00", "10:00"]]}, breaks={"mon": [["08:00", "11:00"]]}),
    ):
        assert cal.never_opens(after)
        assert add(cal, after, 1) is None
        assert next_opening(cal, after) is None
    last = calendar("UTC", {}, special={"2026-12-24": [["09:00", "12:00"]]})
    assert not last.never_opens(after)
    assert add(last, after, 3 * 3600) == at("2026-12-24T12:00")
    assert add(last, after, 3 * 3600 + 1) is None


def test_a_due_time_more_than_4000_days_ahead_is_none_x_6():
    start = at("2026-03-02T00:00")
    assert add(ALWAYS, start, 4000 * 86400) == start + timedelta(days=4000)
    assert add(ALWAYS, start, 4000 * 86400 + 1) is None
    assert add(ALWAYS, start, 10**18) is None


def test_hostile_spans_take_bounded_time():
    cal = calendar("America/New_York", breaks=week(("12:00", "13:00")), holidays=["2026-12-25"])
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    middle = at("2026-03-02T10:00")
    assert between(cal, first, last) == between(cal, first, middle) + between(cal, middle, last)
    assert 0.23 < between(cal, first, last) / (last - first).total_seconds() < 0.25


def test_next_opening_and_is_open():
    cal = calendar(breaks=week(("12:00", "13:00")))
    assert next_opening(cal, local("2026-03-02T10:00")) == local("2026-03-02T10:00")
    assert next_opening(cal, local("2026-03-02T12:00")) == local("2026-03-02T13:00")
    assert next_opening(cal, local("2026-03-06T18:00")) == local("2026-03-09T09:00")
    assert is_open(cal, local("2026-03-06T17:59:59"))
    assert not is_open(cal, local("2026-03-06T18:00"))


def test_an_instant_without_offset_is_refused_t_1():
    with pytest.raises(TypeError):
        between(calendar(), datetime(2026, 3, 2), datetime(2026, 3, 3, tzinfo=UTC))  # noqa: DTZ001


def test_spans_name_each_reason():
    cal = calendar("UTC", breaks=week(("12:00", "13:00")), holidays=["2026-03-03"])
    found = [
        (span.reason, span.counted, span.start.strftime("%a %H:%M"), span.detail)
        for span in spans(cal, at("2026-03-02T08:00"), at("2026-03-04T10:00"))
    ]
    assert found == [
        ("closed", False, "Mon 08:00", "outside working hours"),
        ("open", True, "Mon 09:00", "mon 09:00-18:00"),
        ("break", False, "Mon 12:00", "12:00-13:00"),
        ("open", True, "Mon 13:00", "mon 09:00-18:00"),
        ("closed", False, "Mon 18:00", "outside working hours"),
        ("holiday", False, "Tue 00:00", "2026-03-03"),
        ("closed", False, "Wed 00:00", "outside working hours"),
        ("open", True, "Wed 09:00", "wed 09:00-18:00"),
    ]


# --- against a reference that walks minute by minute --------------------------------------------

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Asia/Kathmandu", "UTC")
# around the changes of clocks, a year's end and a leap day
ANCHORS = (
    "2026-03-06",
    "2026-03-27",
    "2026-04-03",
    "2026-10-02",
    "2026-10-23",
    "2026-10-30",
    "2026-12-29",
    "2028-02-27",
)


@st.composite
def day_windows(draw):
    """Windows of a day that do not overlap; the last may end on the next date by 06:00."""
    marks = sorted(draw(st.sets(st.integers(6 * 4, 24 * 4), min_size=0, max_size=6)))
    pairs = [[marks[n] * 15, marks[n + 1] * 15] for n in range(0, len(marks) - 1, 2)]
    if draw(st.booleans()):
        pairs = [pair for pair in pairs if pair[1] <= 22 * 60] + [[22 * 60, draw(st.integers(1, 24)) * 15]]
    return [[f"{b // 60:02}:{b % 60:02}", f"{e // 60:02}:{e % 60:02}"] for b, e in pairs]


@st.composite
def day_breaks(draw):
    begin = draw(st.integers(0, 23 * 4))
    length = draw(st.integers(1, 96 - begin)) if draw(st.booleans()) else 1
    end = begin + length
    return [[f"{begin // 4:02}:{begin % 4 * 15:02}", f"{end // 4:02}:{end % 4 * 15:02}"]]


@st.composite
def cases(draw):
    zone = draw(st.sampled_from(ZONES))
    anchor = date.fromisoformat(draw(st.sampled_from(ANCHORS)))
    near = st.integers(-2, 9).map(lambda days: (anchor + timedelta(days=days)).isoformat())
    days = st.sampled_from(DAYS)
    given_ = {
        "timezone": zone,
        "weekly": draw(st.dictionaries(days, day_windows(), max_size=7)),
        "breaks": draw(st.dictionaries(days, day_breaks(), max_size=4)),
        "holidays": draw(st.lists(near, max_size=2)),
        "makeup": [{"date": d, "as": a} for d, a in draw(st.dictionaries(near, days, max_size=2)).items()],
        "special": draw(st.dictionaries(near, day_windows(), max_size=2)),
    }
    start = datetime.combine(anchor, datetime.min.time(), UTC) + timedelta(
        seconds=draw(st.integers(0, 2 * 86400))
    )
    return given_, start, start + timedelta(seconds=draw(st.integers(0, 6 * 86400)))


def _minutes(text):
    return int(text[:2]) * 60 + int(text[3:])


def _worked_on(given_, day):
    """(windows, breaks on the day itself, breaks on the day after) by the letter of C-4 to C-9."""
    name, civil_next = DAYS[day.weekday()], DAYS[(day.weekday() + 1) % 7]
    makeup = {entry["date"]: entry["as"] for entry in given_["makeup"]}
    if day.isoformat() in given_["special"]:
        return given_["special"][day.isoformat()], [], []
    name = makeup.get(day.isoformat(), name)
    if day.isoformat() in given_["holidays"] and day.isoformat() not in makeup:
        return [], [], []
    return (
        given_["weekly"].get(name, []),
        given_["breaks"].get(name, []),
        given_["breaks"].get(civil_next, []),
    )


def _is_worked(given_, wall):
    minute = wall.hour * 60 + wall.minute
    for day, shift in ((wall.date(), 0), (wall.date() - timedelta(days=1), 1440)):
        windows, breaks_today, breaks_next = _worked_on(given_, day)
        for begin, end in windows:
            begin, end = _minutes(begin), _minutes(end)
            end += 1440 if end < begin else 0
            if begin <= minute + shift < end:
                breaks = breaks_next if shift else breaks_today
                return not any(_minutes(b) <= minute < _minutes(e) for b, e in breaks)
    return False


def worked_minutes(given_, start, end):
    """Every minute of [start, end) that is worked, with the seconds of it inside, found one by one."""
    zone, minute = ZoneInfo(given_["timezone"]), start.replace(second=0, microsecond=0)
    while minute < end:
        if _is_worked(given_, minute.astimezone(zone)):
            begin, finish = max(minute, start), min(minute + timedelta(minutes=1), end)
            yield begin, int((finish - begin).total_seconds())
        minute += timedelta(minutes=1)


def parse_or_skip(given_):
    try:
        return Calendar.parse(given_)
    except CalendarError as refused:
        assume(refused.code != "overlap")
        raise


@pytest.mark.req("PLT-06")
@settings(max_examples=120, deadline=None)
@given(cases(), st.integers(1, 4 * 86400))
def test_between_and_add_equal_a_walk_minute_by_minute(case, seconds):
    given_, start, end = case
    cal = parse_or_skip(given_)
    walked = list(worked_minutes(given_, start, end))
    assert between(cal, start, end) == sum(length for _, length in walked)
    due, used = None, 0
    for begin, length in walked:
        if used + length >= seconds:
            due = begin + timedelta(seconds=seconds - used)
            break
        used += length
    found = add(cal, start, seconds)
    assert found == due if due else found is None or found > end


@settings(max_examples=100, deadline=None)
@given(cases(), st.floats(0, 1))
def test_splitting_a_span_never_changes_its_sum_t_4(case, share):
    given_, start, end = case
    cal = parse_or_skip(given_)
    middle = start + timedelta(seconds=int((end - start).total_seconds() * share))
    assert between(cal, start, end) == between(cal, start, middle) + between(cal, middle, end)


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(1, 10 * 86400))
def test_add_and_between_are_inverse_and_add_is_earliest_t_5(case, seconds):
    given_, start, _ = case
    cal = parse_or_skip(given_)
    due = add(cal, start, seconds)
    if due is None:
        assert cal.never_opens(start + timedelta(days=4000)) or seconds > between(
            cal, start, start + timedelta(days=4000)
        )
    else:
        assert between(cal, start, due) == seconds
        assert between(cal, start, due - timedelta(seconds=1)) == seconds - 1


@settings(max_examples=100, deadline=None)
@given(cases())
def test_spans_cover_all_without_gap_and_count_what_between_counts(case):
    given_, start, end = case
    cal = parse_or_skip(given_)
    found = list(spans(cal, start, end))
    assert [span.start for span in found] == [start, *(span.end for span in found[:-1])][: len(found)]
    assert not found or found[-1].end == end
    assert sum((s.end - s.start).total_seconds() for s in found if s.counted) == between(cal, start, end)


far = st.integers(-62_000_000_000, 253_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.lists(far, min_size=3, max_size=3), st.lists(far, max_size=2))
def test_centuries_are_summed_like_their_days(zone, instants, dates):
    dated = {day.date().isoformat(): [["03:00", "04:00"]] for day in dates}
    cal = calendar(zone, week(("09:00", "12:00"), ("22:00", "02:00")), special=dated)
    first, middle, last = sorted(instants)
    whole = between(cal, first, last)
    assert whole == between(cal, first, middle) + between(cal, middle, last)
    plain = between(calendar(zone, week(("09:00", "12:00"), ("22:00", "02:00"))), first, last)
    assert abs(whole - plain) <= len(dates) * 7 * 3600
    assert cal.timeline.between(to_seconds(first), cal.timeline.reach(to_seconds(first), whole)) == whole
