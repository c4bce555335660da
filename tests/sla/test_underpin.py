"""The underpinning proof against brute force, and the rules of section 5.1.1 one by one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla.calendar import ALWAYS, Calendar, from_seconds, to_seconds
from sla.curves import Duration, curve
from sla.target import Target
from sla.underpin import (
    Circular,
    Figure,
    Link,
    chained,
    compare,
    compare_figures,
    first_gap,
    refuse_circles,
    stages,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = Calendar.parse(
    {
        "timezone": "Asia/Shanghai",
        "weekly": {day: [["09:00", "18:00"]] for day in DAYS},
        "holidays": ["2026-10-01"],
    }
)


def hours(amount: float) -> Target:
    return Target("business_seconds", int(amount * 3600))


def link(promise: Target, calendar: Calendar, stage: int = 1, name: str = "ola") -> Link:
    return Link(name, "resolution//", stage, promise, calendar)


@pytest.mark.req("SLM-21", "SLM-22")
def test_eight_working_hours_are_looser_than_eight_hours_round_the_clock() -> None:
    found = compare("resolution//1", Duration(hours(8), ALWAYS), [link(hours(8), OFFICE)], begin=BEGIN)
    assert found.state == "looser"
    assert found.slack is not None
    assert found.slack < 0
    example = found.counterexample
    assert example is not None
    assert (example.sla_due - example.chain_due).total_seconds() == found.slack
    assert example.sla_due - example.start == timedelta(hours=8)


@pytest.mark.req("SLM-21")
def test_the_same_promise_on_the_same_calendar_is_proved_with_no_slack() -> None:
    found = compare("k", Duration(hours(4), OFFICE), [link(hours(4), OFFICE)], begin=BEGIN)
    assert (found.state, found.slack) == ("proved", 0)


@pytest.mark.req("SLM-22")
def test_stages_run_one_after_another_and_links_of_a_stage_side_by_side() -> None:
    sla = Duration(hours(4), OFFICE)
    fits = [link(hours(1), OFFICE), link(hours(0.5), OFFICE), link(hours(3), OFFICE, 2)]
    assert compare("k", sla, fits, begin=BEGIN).state == "proved"
    one_second = Target("business_seconds", 3 * 3600 + 1)
    late = compare("k", sla, [*fits[:2], link(one_second, OFFICE, 2)], begin=BEGIN)
    assert late.state == "looser"
    # at closing time one second more costs the whole weekend or holiday
    assert late.slack is not None
    assert late.slack < -24 * 3600


def test_a_target_without_a_chain_is_not_underpinned_and_one_that_never_comes_due_unknown() -> None:
    shut = Calendar("UTC", ((),) * 7)
    assert compare("k", Duration(hours(1), OFFICE), [], begin=BEGIN).state == "not_underpinned"
    assert compare("k", Duration(hours(1), OFFICE), [link(hours(1), shut)], begin=BEGIN).state == "unknown"


def test_a_friday_evening_is_named_as_the_counterexample_in_the_calendars_zone() -> None:
    begin = datetime(2026, 3, 6, 17, 50, tzinfo=SHANGHAI)
    found = compare("k", Duration(hours(16), ALWAYS), [link(hours(3), OFFICE)], begin=begin, seconds=1)
    example = found.counterexample
    assert example is not None
    assert example.chain_due.astimezone(SHANGHAI) == datetime(2026, 3, 9, 11, 50, tzinfo=SHANGHAI)
    assert example.sla_due.astimezone(SHANGHAI) == datetime(2026, 3, 7, 9, 50, tzinfo=SHANGHAI)


def test_hours_not_contained_are_named_by_their_first_second() -> None:
    gap = first_gap(ALWAYS, OFFICE, begin=datetime(2026, 3, 2, 9, tzinfo=SHANGHAI))
    assert gap == datetime(2026, 3, 2, 18, tzinfo=SHANGHAI)
    assert first_gap(OFFICE, ALWAYS, begin=BEGIN) is None
    assert first_gap(OFFICE, OFFICE, begin=BEGIN) is None


def figure(measure: str, operator: str, value: float, unit: str, period: str = "month") -> Figure:
    return Figure(measure, operator, value, unit, period, "ola", "t")


@pytest.mark.req("SLM-21", "SLM-22")
@pytest.mark.parametrize(
    ("wanted", "chain", "state", "combined"),
    [
        (("availability", ">=", 99.8, "percent"), [99.9, 99.9], "proved", 99.8001),
        (("availability", ">=", 99.9, "percent"), [99.9, 99.9], "looser", 99.8001),
        (("failures", "<=", 3, "count"), [1, 2], "proved", 3),
        (("failures", "<=", 3, "count"), [2, 2], "looser", 4),
        (("throughput", ">=", 100, "per_hour"), [120, 90], "looser", 90),
        (("workload", "<=", 500, "count"), [600], "proved", 600),
        (("workload", "<=", 500, "count"), [400], "looser", 400),
        (("mtbf", ">=", 100, "hours"), [200, 200], "proved", 100),
    ],
)
def test_figures_are_combined_by_their_kind(
    wanted: tuple[str, str, float, str], chain: list[float], state: str, combined: float
) -> None:
    measure, operator, _, unit = wanted
    found = compare_figures("k", figure(*wanted), [figure(measure, operator, value, unit) for value in chain])
    assert found.state == state
    assert found.combined == pytest.approx(combined)


def test_figures_in_other_units_are_converted_and_strange_ones_refused() -> None:
    wanted = figure("transaction_time", "<=", 2, "seconds")
    assert compare_figures("k", wanted, [figure("transaction_time", "<=", 0.05, "minutes")]).state == "looser"
    strange = compare_figures("k", wanted, [figure("transaction_time", "<=", 2, "count")])
    assert (strange.state, strange.warnings[0].code) == ("unknown", "unit")
    yearly = figure("availability", ">=", 99.9, "percent", "year")
    monthly = figure("availability", ">=", 99.9, "percent")
    assert compare_figures("k", monthly, [yearly]).warnings[0].code == "period"
    assert compare_figures("k", monthly, []).state == "not_underpinned"


def test_a_circle_is_refused_and_named_and_a_diamond_is_none() -> None:
    a, b, c, d = ("a", "r"), ("b", "r"), ("c", "r"), ("d", "r")
    refuse_circles({a: [b, c], b: [d], c: [d]})
    with pytest.raises(Circular, match="b r -> c r -> b r"):
        refuse_circles({a: [b], b: [c], c: [b]})


# brute force: every second of some days on calendars with windows of minutes

DAY = 86_400
ZONES = {"UTC": date(2026, 3, 2), "Europe/Berlin": date(2026, 3, 28), "America/New_York": date(2026, 10, 31)}


@st.composite
def calendars(draw: st.DrawFn, zone: str) -> Calendar:
    """Windows in whole minutes near midnight, a break, a holiday, a make-up day."""
    weekly = {}
    for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
        begin = draw(st.integers(0, 23))
        end = draw(st.sampled_from(["24:00", f"{(begin + 2) % 24:02}:{draw(st.integers(1, 59)):02}"]))
        if draw(st.integers(0, 4)) and not (begin >= 21 and end != "24:00"):
            weekly[day] = [[f"{begin:02}:{draw(st.integers(0, 59)) if end != '24:00' else 0:02}", end]]
    weekly = weekly or {"mon": [["01:30", "03:10"]]}
    holidays = [(ZONES[zone] + timedelta(days=draw(st.integers(0, 5)))).isoformat()]
    return Calendar.parse({"timezone": zone, "weekly": weekly, "holidays": holidays})


PROMISES = st.one_of(
    st.builds(Target, st.just("business_seconds"), st.integers(1, 30_000)),
    st.builds(
        Target,
        st.sampled_from(["working_days", "calendar_days"]),
        st.integers(1, 3),
        st.sampled_from(["same_time", "close"]),
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_curve_of_a_promise_is_its_due_time_at_every_second(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(sorted(ZONES)))
    duration = Duration(data.draw(PROMISES), data.draw(calendars(zone)))
    begin = to_seconds(datetime.combine(ZONES[zone], datetime.min.time(), UTC))
    found = curve(duration, begin, begin + 2 * DAY)
    for piece, end in found.spans():
        for start in {piece.start, end - 1, *range(piece.start, end, 97)}:
            assert piece.at(start) == duration.due(start), from_seconds(start)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_worst_slack_is_that_of_trying_every_second(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(sorted(ZONES)))
    promised = Duration(data.draw(PROMISES), data.draw(calendars(zone)))
    chain = [
        link(data.draw(PROMISES), data.draw(calendars(zone)), stage, str(n))
        for n, stage in enumerate(data.draw(st.lists(st.integers(1, 2), min_size=1, max_size=3)))
    ]
    begin, span = datetime.combine(ZONES[zone], datetime.min.time(), UTC) + timedelta(hours=20), 40_000
    found = compare("k", promised, chain, begin=begin, seconds=span)
    since = to_seconds(begin)
    slacks = {start: promised.due(start) - brute(chain, start) for start in range(since, since + span)}
    worst = min(slacks.values())
    assert found.slack == worst
    assert found.counterexample is not None
    assert slacks[to_seconds(found.counterexample.start)] == worst


def brute(chain: list[Link], start: int) -> int:
    for links in stages(chain):
        start = max(each.duration.due(start) for each in links)
    return start


def test_a_chain_has_at_least_one_link() -> None:
    with pytest.raises(ValueError, match="at least one"):
        chained([], 0, 1)


@pytest.mark.parametrize("zone", sorted(ZONES))
@pytest.mark.parametrize(
    "promise",
    [
        Target("business_seconds", 9 * 3600),
        Target("working_days", 1, "same_time"),
        Target("working_days", 2, "close"),
        Target("calendar_days", 1, "same_time"),
    ],
    ids=str,
)
def test_night_shifts_over_a_change_of_clocks_have_exact_curves(zone: str, promise: Target) -> None:
    nights = {day: [["22:15", "06:05"]] for day in ("mon", "tue", "fri", "sat", "sun")}
    holiday = (ZONES[zone] + timedelta(days=2)).isoformat()
    calendar = Calendar.parse({"timezone": zone, "weekly": nights, "holidays": [holiday]})
    duration = Duration(promise, calendar)
    begin = to_seconds(datetime.combine(ZONES[zone], datetime.min.time(), UTC))
    found = curve(duration, begin, begin + 2 * DAY)
    wrong = [
        from_seconds(start)
        for piece, end in found.spans()
        for start in {piece.start, end - 1, *range(piece.start, end, 13)}
        if piece.at(start) != duration.due(start)
    ]
    assert wrong == []
