"""Months as addresses name them."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from records import spans

ZONE = ZoneInfo("Asia/Shanghai")
MONTHS = ("month",)
TODAY = date(2026, 3, 15)


def test_a_month_has_its_instants_in_its_zone_and_its_neighbours() -> None:
    found = spans.given("2026-12", MONTHS, today=TODAY, zone=ZONE)
    assert found.start.astimezone(UTC).isoformat() == "2026-11-30T16:00:00+00:00"
    assert (str(found.next), str(found.previous), found.last) == ("2027-01", "2026-11", date(2026, 12, 31))
    assert [str(each) for each in found.up_to(3)] == ["2026-10", "2026-11", "2026-12"]


@pytest.mark.parametrize("words", ["2026-13", "x", "2026", "0001-01", "2026-03-01", "9999-12"])
def test_what_names_none_is_refused_or_the_present_one(words: str) -> None:
    with pytest.raises(spans.BadSpan):
        spans.given(words, MONTHS, today=TODAY, zone=ZONE)
    assert str(spans.read(words, MONTHS, today=TODAY, zone=ZONE)) == "2026-03"
