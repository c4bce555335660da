"""What licences allow against what is used."""

from datetime import date, timedelta

import pytest

from assets.licensing import Right, Verdict, standing

TODAY = date(2026, 3, 2)
LONG_AGO = date(2020, 1, 1)
GONE = Right(50, LONG_AGO, TODAY - timedelta(days=1))
TO_COME = Right(50, TODAY + timedelta(days=1), None)


@pytest.mark.req("CMDB-09")
@pytest.mark.parametrize(
    ("rights", "used", "verdict", "entitled", "over"),
    [
        ([Right(10, LONG_AGO, None)], 10, Verdict.IN_ORDER, 10, 0),
        ([Right(10, LONG_AGO, None)], 12, Verdict.OVER_USED, 10, 2),
        ([Right(10, LONG_AGO, None), Right(5, LONG_AGO, None)], 12, Verdict.IN_ORDER, 15, 0),
        ([Right(None, LONG_AGO, None), Right(1, LONG_AGO, None)], 99, Verdict.IN_ORDER, None, 0),
        ([Right(10, LONG_AGO, TODAY)], 3, Verdict.ENDS_SOON, 10, 0),
        ([Right(10, LONG_AGO, TODAY + timedelta(days=61))], 3, Verdict.IN_ORDER, 10, 0),
        ([GONE], 3, Verdict.EXPIRED, 0, 3),
        ([GONE], 0, Verdict.EXPIRED, 0, 0),
        ([TO_COME], 3, Verdict.UNLICENSED, 0, 3),
        ([], 3, Verdict.UNLICENSED, 0, 3),
        ([], 0, Verdict.UNUSED, 0, 0),
        ([GONE, Right(2, LONG_AGO, None)], 3, Verdict.OVER_USED, 2, 1),
    ],
)
def test_use_is_judged_by_the_licences_in_force(
    rights: list[Right], used: int, verdict: Verdict, entitled: int | None, over: int
) -> None:
    found = standing(rights, used, today=TODAY)
    assert (found.verdict, found.entitled, found.over) == (verdict, entitled, over)


def test_the_last_day_of_a_licence_counts() -> None:
    right = Right(1, LONG_AGO, TODAY)
    assert right.holds_on(TODAY)
    assert not right.holds_on(TODAY + timedelta(days=1))
