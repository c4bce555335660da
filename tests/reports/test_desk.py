"""The desk lead's dashboard: figures, ageing, arrivals, causes, forecast, each number with its list."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

import incidents.services
import reports.asking
from accounts.models import Grant, Membership
from kpis import engine
from reports import desk_rows
from reports.figures import Question
from reports.period import Period
from tests.cast import MONDAY, Cast, make_agreement, make_incident
from tests.figure_links import listed, numbers, read, whole

Browser = Callable[[Any], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARCH = "from=2026-03-01&to=2026-03-31"
NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are read on 20 March, when it is noon in Shanghai."""
    monkeypatch.setattr(reports.asking, "now_utc", lambda: NOW)


@pytest.fixture
def month(cast: Cast) -> Cast:
    """Tickets of two customers over 18 days: solved by the desk and by others, reopened, open of all ages."""
    make_agreement(cast.calendar, cast.globex)
    for n in range(9):
        at = MONDAY + n * 2 * DAY + n * HOUR
        incident = make_incident(cast, now=at, impact=1 + n % 3, category=("Mail", "Printer", "")[n % 3])
        if n % 3 == 0:
            incidents.services.resolve(
                incident, code="solved", steps="Done", actor=cast.alice.actor, now=at + HOUR
            )
        if n % 6 == 3:
            incident.refresh_from_db()
            incidents.services.reopen(
                incident, reason="Not at all", actor=cast.alice.actor, now=at + 2 * HOUR
            )
            incident.refresh_from_db()
            incidents.services.resolve(
                incident, code="solved", steps="Done", actor=cast.alice.actor, now=at + 3 * HOUR
            )
    make_incident(cast, customer=cast.globex, requester=cast.charlie, service=None, now=MONDAY - 20 * DAY)
    return cast


def question(cast: Cast, **picked: str) -> Question:
    period = Period(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("Asia/Shanghai"))
    return Question(cast.mona.actor, period, NOW, {}, picked)


@pytest.mark.req("RPT-14")
@pytest.mark.parametrize("words", ["", "&by=team", "&customer=acme", "&priority=3"])
def test_every_number_opens_exactly_the_tickets_it_counts(
    month: Cast, client_of: Browser, words: str
) -> None:
    client = client_of(month.mona)
    asked = f"/reports/desk/?{MARCH}{words}".replace("acme", str(month.acme.pk))
    found = numbers(whole(client, asked))
    assert len(found) > 25
    assert sum(n for _url, n in found) > 25
    for url, n in found:
        assert listed(client, url) == n, url


@pytest.mark.req("RPT-14")
@pytest.mark.parametrize("by", ["category", "service", "item", "offering"])
def test_every_bar_opens_exactly_its_tickets(month: Cast, client_of: Browser, by: str) -> None:
    client = client_of(month.mona)
    found = numbers(read(client, f"/reports/desk/pareto/?{MARCH}&by={by}"))
    assert sum(n for _url, n in found) == (0 if by == "offering" else 9)
    for url, n in found:
        assert listed(client, url) == n, url


def test_the_rest_behind_the_first_causes_is_a_bar_with_its_list(
    month: Cast, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_rows, "BARS", 1)
    monkeypatch.setattr("reports.desk_layout.BARS", 1)
    client = client_of(month.mona)
    text = read(client, f"/reports/desk/pareto/?{MARCH}&by=category")
    assert "everything else" in text
    found = numbers(text)
    assert [n for _url, n in found] == [3, 6]
    for url, n in found:
        assert listed(client, url) == n, url


@pytest.mark.req("RPT-14")
def test_ages_are_those_of_open_tickets_in_days(month: Cast) -> None:
    counted = desk_rows.ages(question(month), "team")
    whole_day = [sum(column) for column in zip(*counted.values(), strict=True)]
    # open: n = 1, 2, 4, 5, 7, 8 opened every second day from 2 March, and one of 10 February
    assert whole_day == [0, 1, 1, 2, 2, 1]
    assert sum(whole_day) == 7


def test_arrivals_stand_at_the_hour_of_the_readers_clock(month: Cast) -> None:
    counted = desk_rows.heat(question(month))
    # the first came at 02:00 UTC on a Monday: 10:00 in Shanghai
    assert counted[(1, 10)] == 1
    assert sum(counted.values()) == 9


@pytest.mark.req("RPT-14", "KPI-01")
def test_the_first_contact_rate_counts_the_rows_of_its_indicator(month: Cast) -> None:
    asked = question(month)
    kpi = engine.get("P01.R2.K2")
    assert kpi is not None
    counted = engine.compute(kpi.parts[0], engine.Asked(asked.actor, asked.period, asked.now))
    now, before = desk_rows.solutions(asked)
    assert now.at_once == counted.number == 3
    assert (now.incidents, now.came_back, now.reopen_rate) == (3, 1, desk_rows._share(1, 3))
    assert before.first_contact is None
    assert desk_rows.reopened(asked).count() == 1


def test_the_backlog_is_what_was_open_at_each_end(month: Cast) -> None:
    assert desk_rows.backlogs(question(month)) == (1, 7)


def test_what_cannot_be_read_is_a_clear_400(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    for words in ("age=6", "age=x"):
        assert client.get(f"/reports/tickets/aged/?{words}").status_code == 400
    for words in ("weekday=0", "weekday=8", "hour=24", "hour=-1"):
        assert client.get(f"/reports/tickets/arrivals/?{words}").status_code == 400
    assert client.get("/reports/tickets/about/?by=moon").status_code == 400
    assert client.get("/reports/tickets/about/?by=item&value=x").status_code == 400
    assert client.get("/reports/desk/?by=moon").status_code == 400
    assert client.get("/reports/desk/moon/").status_code == 404


def test_an_empty_month_says_so_and_shows_no_share(month: Cast, client_of: Browser) -> None:
    text = whole(client_of(month.mona), "/reports/desk/?from=2020-01-01&to=2020-01-31")
    assert "no data" in text
    assert "nothing was solved" in text
    assert "Nothing was opened in this period." in text
    assert "No ticket of this kind was opened in this period." in text
    assert "0 %" not in text.replace("100 %", "")


def test_a_period_that_is_not_over_is_told_as_such(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    assert "The period is not over" in read(client, f"/reports/desk/?{MARCH}")
    assert "The period is not over" not in read(client, "/reports/desk/?from=2026-02-01&to=2026-02-28")


def test_too_little_history_is_told_instead_of_a_forecast(cast: Cast, client_of: Browser) -> None:
    make_incident(cast, now=NOW - 10 * DAY)
    assert "too little history" in read(client_of(cast.mona), "/reports/desk/outlook/")


def test_a_forecast_says_how_wrong_it_was(cast: Cast, client_of: Browser) -> None:
    for n in range(80):
        make_incident(cast, now=NOW - n * DAY - HOUR)
    text = read(client_of(cast.mona), "/reports/desk/outlook/")
    assert "Tried on" in text
    assert "7 " in text
    assert "± 0" in text


@pytest.mark.req("RPT-14")
def test_managers_and_leads_of_teams_read_it_and_nobody_else(month: Cast, client_of: Browser) -> None:
    for user, status in ((month.mona, 200), (month.admin, 200), (month.alice, 403), (month.rita, 403)):
        assert client_of(user).get("/reports/desk/").status_code == status, user
    Membership.objects.filter(user=month.alice).update(is_lead=True)
    lead = client_of(month.alice)
    text = whole(lead, f"/reports/desk/?{MARCH}")
    assert "/reports/workload/" not in text
    for url, n in numbers(text):
        assert listed(lead, url) == n, url
    assert lead.get("/reports/").status_code == 403
    assert lead.get("/reports/targets/all/missed/").status_code == 403


@pytest.mark.req("RPT-14")
def test_who_covers_one_customer_counts_and_sees_no_other(month: Cast, client_of: Browser) -> None:
    grant = Grant.objects.filter(user=month.mona)
    grant.update(organisation=month.globex)
    client = client_of(month.mona)
    text = whole(client, "/reports/desk/?from=2026-02-01&to=2026-03-31")
    assert "Acme" not in text
    found = dict(numbers(text))
    assert max(found.values()) == 1
    assert all("Acme" not in read(client, url) for url in found)


def test_the_first_view_asks_few_questions(
    month: Cast, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    client = client_of(month.mona)
    with django_assert_max_num_queries(20):
        client.get(f"/reports/desk/?{MARCH}")
    for part in ("heat", "pareto", "outlook"):
        with django_assert_max_num_queries(12):
            client.get(f"/reports/desk/{part}/?{MARCH}")
