"""The service-level manager's look ahead: what goals still bear, the forecast, and its error."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

import reports.asking
from records import services
from reports import ahead
from reports.figures import Question
from reports.period import Period
from tests.cast import MONDAY, Cast, make_incident
from tests.figure_links import listed, numbers, read

Browser = Callable[[Any], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), ZONE)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports.asking, "now_utc", lambda: NOW)


@pytest.fixture
def months(cast: Cast) -> Cast:
    """Replies from December to March, every fourth of them too late."""
    for n in range(56):
        at = MONDAY - 77 * DAY + n * 7 * DAY // 4
        incident = make_incident(cast, now=at)
        late = 6 * DAY if n % 4 == 3 else HOUR / 4
        services.comment(incident, text="Hello", is_public=True, actor=cast.alice.actor, now=at + late)
    return cast


@pytest.mark.req("RPT-14", "SLM-37")
def test_what_a_goal_bears_is_told_with_the_share_of_the_period_that_is_gone(
    months: Cast, client_of: Browser
) -> None:
    text = read(client_of(months.mona), "/reports/ahead/?from=2026-03-01&to=2026-03-31")
    assert "left, 62 % of the period gone" in text or "too many, 62 % of the period gone" in text
    assert "past periods ended in their range" in text


def test_the_forecast_and_its_error_come_from_the_days_that_are_over(months: Cast) -> None:
    rows = ahead.rows(Question(months.mona.actor, MARCH, NOW, {}), {})
    assert rows is not None
    first = next(row for row in rows if row["decided"]["n"])
    assert first["forecast"].endswith("%")
    assert "±" in first["error"]
    over = ahead.rows(Question(months.mona.actor, MARCH.previous(), NOW, {}), {})
    assert over is not None
    assert {row["forecast"] for row in over} == {""}


@pytest.mark.req("RPT-14")
def test_every_number_of_it_opens_its_targets(months: Cast, client_of: Browser) -> None:
    client = client_of(months.mona)
    found = numbers(read(client, "/reports/ahead/?from=2026-03-01&to=2026-03-31"))
    assert sum(n for _url, n in found) > 5
    for url, n in found:
        assert listed(client, url) == n, url


def test_long_and_empty_periods_are_told_in_words(months: Cast, client_of: Browser) -> None:
    client = client_of(months.mona)
    assert "three months at most" in read(client, "/reports/ahead/?from=2025-01-01&to=2026-03-31")
    assert "No target with a goal was decided" in read(
        client, "/reports/ahead/?from=2020-01-01&to=2020-01-31"
    )
