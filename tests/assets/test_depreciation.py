"""The straight line from cost to residual value."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.depreciation import value_on, written_off_on

BOUGHT = date(2026, 1, 31)


def value(day: date, **over: object) -> Decimal:
    facts = {"cost": Decimal(3600), "residual": Decimal(0), "since": BOUGHT, "months": 36, **over}
    return value_on(day, **facts)  # type: ignore[arg-type]


@pytest.mark.req("CMDB-07")
@pytest.mark.parametrize(
    ("day", "over", "expected"),
    [
        (date(2025, 12, 1), {}, "3600.00"),
        (BOUGHT, {}, "3600.00"),
        (date(2027, 1, 31), {}, "2401.09"),
        (date(2029, 1, 31), {}, "0.00"),
        (date(2040, 1, 1), {}, "0.00"),
        (date(2040, 1, 1), {"residual": Decimal(100)}, "100.00"),
        (date(2040, 1, 1), {"until": date(2027, 1, 31)}, "2401.09"),
        (date(2026, 2, 1), {"months": 0}, "0.00"),
    ],
)
def test_the_value_falls_evenly_to_what_is_left(day: date, over: dict[str, object], expected: str) -> None:
    assert value(day, **over) == Decimal(expected)


def test_a_life_from_the_end_of_january_ends_at_the_end_of_a_month() -> None:
    assert written_off_on(BOUGHT, 1) == date(2026, 2, 28)


def test_more_is_never_left_than_was_paid() -> None:
    with pytest.raises(ValueError, match="residual"):
        value(BOUGHT, residual=Decimal(3601))


@given(
    cost=st.decimals(0, 10**9, places=2),
    part=st.integers(0, 100),
    months=st.integers(0, 600),
    days=st.integers(-1000, 30_000),
)
def test_the_value_lies_between_cost_and_residual_and_never_rises(
    cost: Decimal, part: int, months: int, days: int
) -> None:
    residual = (cost * part / 100).quantize(Decimal("0.01"), "ROUND_DOWN")
    facts = {"cost": cost, "residual": residual, "months": months}
    first = value(date.fromordinal(BOUGHT.toordinal() + days), **facts)
    later = value(date.fromordinal(BOUGHT.toordinal() + days + 40), **facts)
    assert residual <= later <= first <= cost
