"""The arithmetic of freezes, maintenance windows and bookings, against the slowest way to tell."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windows.recurring import Weekly
from windows.slots import Booking, Kind, Span, Work, conflicts, next_free

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
HORIZON = 90  # minutes
ids = st.frozensets(st.integers(1, 3), max_size=2)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


@st.composite
def booked(draw: st.DrawFn) -> Booking:
    begin = draw(st.integers(-10, HORIZON))
    seconds = draw(st.sampled_from([60, 90, 600, 1500]))
    return Booking("CHG1", at(begin), at(begin) + timedelta(seconds=seconds), draw(ids), draw(ids))


@st.composite
def window(draw: st.DrawFn) -> Span:
    begin = draw(st.integers(-10, HORIZON))
    return Span(
        window_id=draw(st.integers(1, 4)),
        is_freeze=draw(st.booleans()),
        start=at(begin),
        end=at(begin + draw(st.integers(1, 40))) + timedelta(seconds=draw(st.sampled_from([0, 30]))),
        everything=draw(st.booleans()),
        items=draw(ids),
        services=draw(ids),
        binds_from=draw(st.sampled_from([None, at(20)])),
        binds_until=draw(st.sampled_from([None, at(60), at(45.5)])),
    )


def does(start: datetime, end: datetime, items: set[int], services: set[int], others: list[Booking],
         windows: list[Span]) -> bool:  # fmt: skip
    """Told anew from the rules, half a minute at a time."""
    for other in others:
        overlaps = other.start < end and start < other.end
        if overlaps and (other.items & items or other.services & services):
            return False
    mine = [w for w in windows if w.everything or w.items & items or w.services & services]
    if any(w.is_freeze and w.start < end and start < w.end for w in mine):
        return False
    things: list[tuple[set[int], set[int]]] = [({i}, set()) for i in items]
    things += [(set(), {s}) for s in services]
    for one_items, one_services in things or [(set(), set())]:
        own = [
            w for w in windows
            if not w.is_freeze and (w.everything or w.items & one_items or w.services & one_services)
        ]  # fmt: skip
        if not any(w.binds(start, end) for w in own):
            continue
        half = start
        while half < end:
            if not any(w.start <= half < w.end for w in own):
                return False
            half += timedelta(seconds=30)
    return True


@pytest.mark.req("CHG-16")
@given(
    length=st.integers(1, 40),
    first=st.integers(0, 30),
    items=ids,
    services=ids,
    others=st.lists(booked(), max_size=5),
    windows=st.lists(window(), max_size=5),
)
def test_the_next_free_slot_has_nothing_against_it_and_is_the_earliest_minute_that_has_not(
    length: int, first: int, items: frozenset[int], services: frozenset[int], others: list[Booking],
    windows: list[Span],
) -> None:  # fmt: skip
    size = timedelta(minutes=length)
    found = next_free(
        size, after=at(first), before=at(HORIZON), items=items, services=services, bookings=others,
        windows=windows,
    )  # fmt: skip
    expected = None
    for minute in range(first, HORIZON - length + 1):
        begin = at(minute)
        if does(begin, begin + size, set(items), set(services), others, windows):
            expected = begin
            break
    assert found == expected
    if found:
        assert not conflicts(
            found, found + size, items=items, services=services, bookings=others, windows=windows
        )


@given(
    start=st.integers(0, HORIZON), length=st.integers(1, 30), items=ids, services=ids,
    others=st.lists(booked(), max_size=4), windows=st.lists(window(), max_size=4),
)  # fmt: skip
def test_conflicts_are_empty_exactly_when_the_time_does(
    start: int, length: int, items: frozenset[int], services: frozenset[int], others: list[Booking],
    windows: list[Span],
) -> None:  # fmt: skip
    begin, end = at(start), at(start + length)
    found = conflicts(begin, end, items=items, services=services, bookings=others, windows=windows)
    assert bool(found) is not does(begin, end, set(items), set(services), others, windows)
    for conflict in found:
        if conflict.kind is Kind.BOOKING:
            assert conflict.items <= items and conflict.services <= services  # noqa: PT018 - of one kind
            assert conflict.items or conflict.services


def test_bookings_that_touch_end_to_end_or_share_nothing_do_not_collide() -> None:
    other = Booking("CHG2", at(10), at(20), frozenset({1}), frozenset())
    for start, end, items in ((0, 10, {1}), (20, 30, {1}), (10, 20, {2})):
        assert not conflicts(at(start), at(end), items=items, services=(), bookings=[other], windows=[])
    (found,) = conflicts(at(19), at(30), items={1, 2}, services=(), bookings=[other], windows=[])
    assert (found.kind, found.number, found.items) == (Kind.BOOKING, "CHG2", frozenset({1}))


def test_two_windows_side_by_side_hold_work_that_neither_holds_alone() -> None:
    own = Span(1, False, at(0), at(30), services=frozenset({7}))
    all_ = Span(2, False, at(30), at(60), everything=True)
    assert not conflicts(at(20), at(50), items=(), services={7}, bookings=[], windows=[own, all_])
    (found,) = conflicts(at(50), at(61), items=(), services={7}, bookings=[], windows=[own, all_])
    assert (found.kind, found.window_ids, found.services) == (Kind.OUTSIDE, (1, 2), frozenset({7}))


def test_what_has_no_window_of_its_own_is_bound_by_that_of_another_only_where_it_is_for_everything() -> None:
    own = Span(1, False, at(0), at(30), services=frozenset({7}))
    assert not conflicts(at(50), at(60), items={1}, services={8}, bookings=[], windows=[own])
    whole = Span(2, False, at(0), at(30), everything=True)
    assert conflicts(at(50), at(60), items={1}, services={8}, bookings=[], windows=[whole])
    assert conflicts(at(50), at(60), items=(), services=(), bookings=[], windows=[whole])


def test_work_without_length_is_refused_and_no_room_is_said() -> None:
    options = {"items": {1}, "services": (), "bookings": [], "windows": [Span(1, True, at(0), at(99), True)]}
    with pytest.raises(ValueError, match="takes some time"):
        next_free(timedelta(0), after=at(0), before=at(60), **options)  # type: ignore[arg-type]
    assert next_free(timedelta(minutes=5), after=at(0), before=at(60), **options) is None  # type: ignore[arg-type]


def test_a_year_with_many_bookings_and_weekly_windows_is_searched_quickly() -> None:
    week = Weekly(6, time(2), time(6), "Asia/Shanghai")
    spans = [
        Span(1, False, begin, end, services=frozenset({1}))
        for begin, end in week.between(START, START + timedelta(days=365))
    ]
    others = [
        Booking(f"CHG{n}", b.start, b.end, frozenset(), frozenset({1})) for n, b in enumerate(spans[:-2])
    ]
    work = Work.of(items=range(2000), services={1}, bookings=others, windows=spans)
    assert len(work.rules) == 1
    found = next_free(
        timedelta(hours=2), after=START, before=START + timedelta(days=365), items=range(2000), services={1},
        bookings=others, windows=spans,
    )  # fmt: skip
    assert found == spans[-2].start


# --- weekly windows in their own zone ---------------------------------------------------------------------


@given(
    day=st.integers(0, 6),
    begin=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    until=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]
    ),
    offset=st.integers(0, 400),
)
def test_a_weekly_window_opens_on_its_weekday_at_its_wall_time_whatever_the_clocks_do(
    day: int, begin: time, until: time, zone: str, offset: int
) -> None:
    start = START + timedelta(days=offset)
    end = start + timedelta(days=21)
    found = list(Weekly(day, begin, until, zone).between(start, end))
    assert 2 <= len(found) <= 4
    assert found == sorted(found)
    info = ZoneInfo(zone)
    for opens, closes in found:
        assert opens < end
        assert closes > start
        local, shut = opens.astimezone(info), closes.astimezone(info)
        # in the hour that is skipped it opens at the end of the gap
        gap = local.replace(tzinfo=None) - datetime.combine(local.date(), begin)
        assert local.weekday() == day
        assert timedelta(0) <= gap <= timedelta(hours=1)
        assert (shut.date() - local.date()).days == (0 if until > begin else 1)


def test_the_night_the_clocks_change_has_three_hours_in_spring_one_less_and_in_autumn_one_more() -> None:
    sunday = Weekly(6, time(1), time(4), "Europe/Berlin")
    spring = list(sunday.between(datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)))
    assert spring == [(datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC))]
    autumn = list(sunday.between(datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)))
    assert autumn == [(datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC))]
    gone = Weekly(6, time(2), time(3), "Europe/Berlin")
    assert not list(gone.between(datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)))
