"""From figures to points: arithmetic without a database."""

from decimal import Decimal

import pytest

from kpis.scoring import Scale, Scored, score, total

UP = Scale(goal=Decimal(95), floor=Decimal(75))
DOWN = Scale(goal=Decimal(3600), floor=Decimal(7200))


@pytest.mark.req("KPI-02")
@pytest.mark.parametrize(
    ("value", "scale", "points"),
    [
        (95, UP, 100), (99, UP, 100), (85, UP, 50), (75, UP, 0), (10, UP, 0),
        (3600, DOWN, 100), (5400, DOWN, 50), (9000, DOWN, 0),
        (None, UP, None), (85, None, None), (85, Scale(), None),
    ],
)  # fmt: skip
def test_a_figure_is_worth_points_between_floor_and_goal(
    value: int | None, scale: Scale | None, points: int | None
) -> None:
    found = score(None if value is None else Decimal(value), scale, is_deduction=False)
    assert found == (None if points is None else Decimal(points))


@pytest.mark.req("KPI-02")
def test_a_deduction_takes_points_for_each_and_never_more_than_all() -> None:
    scale = Scale(points=Decimal("2.5"))
    assert score(Decimal(4), scale, is_deduction=True) == Decimal(-10)
    assert score(Decimal(0), scale, is_deduction=True) == 0
    assert score(Decimal(400), scale, is_deduction=True) == Decimal(-100)


def gained(points: int | None, weight: int = 1) -> Scored:
    return Scored(None if points is None else Decimal(points), Decimal(weight), is_deduction=False)


def taken(points: int) -> Scored:
    return Scored(Decimal(points), Decimal(1), is_deduction=True)


@pytest.mark.req("KPI-02")
@pytest.mark.parametrize(
    ("rows", "points"),
    [
        ([gained(80), gained(100, 3)], 95),
        ([gained(80), gained(None, 9)], 80),  # no data neither helps nor harms
        ([gained(80), taken(-10)], 70),
        ([gained(5), taken(-10)], 0),
        ([taken(-10)], 90),
        ([], None), ([gained(None)], None), ([gained(50, 0)], None),
    ],
)  # fmt: skip
def test_a_role_comes_to_the_weighted_mean_less_its_deductions(
    rows: list[Scored], points: int | None
) -> None:
    assert total(rows) == (None if points is None else Decimal(points))
