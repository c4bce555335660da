"""Dashboards of processes and of the management: what they tell, to whom, and each number with its list."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

import dashboards.asking
import incidents.services
import kpis.closing
import reports.asking
from accounts.models import Grant
from dashboards import indicators, processes, risks
from dashboards.asking import View
from kpis import engine, measuring
from kpis.engine import Asked
from kpis.models import Weighing
from records import services, spans
from reports.period import Period
from tests.cast import MONDAY, Cast, make_agreement, make_incident
from tests.figure_links import listed, numbers, read, whole

Browser = Callable[[Any], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MARCH = spans.parse("2026-03", ZONE)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are read on 20 March, when it is noon in Shanghai."""
    for module in (reports.asking, dashboards.asking):
        monkeypatch.setattr(module, "now_utc", lambda: NOW)


@pytest.fixture
def month(cast: Cast) -> Cast:
    """February and March with tickets met, missed and open, of two customers."""
    make_agreement(cast.calendar, cast.globex)
    for n in range(8):
        at = MONDAY - 30 * DAY + n * 6 * DAY
        facts: dict[str, Any] = (
            {} if n % 3 else {"customer": cast.globex, "requester": cast.charlie, "service": None}
        )
        incident = make_incident(cast, now=at, impact=1 + n % 3, **facts)
        if n % 2:
            services.comment(incident, text="Hello", is_public=True, actor=cast.alice.actor, now=at + HOUR)
        if n < 6:
            incidents.services.resolve(
                incident, code="solved", steps="Done", actor=cast.bob.actor, now=at + n * DAY + HOUR
            )
    return cast


def view(cast: Cast, **over: Any) -> View:
    facts: dict[str, Any] = {"actor": cast.mona.actor, "span": MARCH, "now": NOW, "customer": None}
    return View(**{**facts, **over})


def slugs(*, of_processes: bool = True) -> list[str]:
    return [slug for slug, found in processes.processes().items() if found.is_process or not of_processes]


@pytest.mark.req("RPT-14", "KPI-01")
def test_the_catalogue_has_a_dashboard_for_each_of_its_17_processes(month: Cast, client_of: Browser) -> None:
    text = read(client_of(month.mona), "/dashboards/")
    assert len(slugs()) == 17
    for slug in slugs(of_processes=False):
        assert f"/dashboards/{slug}/?month=2026-03" in html.unescape(text)


@pytest.mark.req("RPT-14", "KPI-01")
@pytest.mark.parametrize("customer", ["", "acme"])
def test_every_number_of_every_process_opens_exactly_its_rows(
    month: Cast, client_of: Browser, customer: str
) -> None:
    client, seen = client_of(month.mona), 0
    measuring.measure(MARCH, now=NOW)
    words = f"&customer={month.acme.pk}" if customer else ""
    for slug in slugs(of_processes=False):
        for url, n in numbers(whole(client, f"/dashboards/{slug}/?month=2026-03{words}")):
            assert listed(client, url) == n, (slug, url)
            seen += bool(n)
    assert seen > 20


@pytest.mark.req("RPT-14", "KPI-01")
def test_every_number_of_the_management_opens_exactly_its_rows(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    for words in ("2026-03", "2026-02", f"2026-03&customer={month.acme.pk}"):
        found = numbers(whole(client, f"/dashboards/management/?month={words}"))
        assert len(found) >= 8
        assert sum(n for _url, n in found) > 5
        for url, n in found:
            assert listed(client, url) == n, url


@pytest.mark.req("RPT-14")
def test_attainment_by_customer_is_net_and_gross_and_adds_up(month: Cast, client_of: Browser) -> None:
    text = read(client_of(month.mona), "/dashboards/management/customers/?month=2026-03")
    assert "Acme" in text
    assert "Globex" in text
    whole_card = read(client_of(month.mona), "/dashboards/management/?month=2026-03")
    decided = re.search(r'/reports/targets/all/decided/[^"]*" data-count="(\d+)"', whole_card)
    assert decided is not None
    assert sum(n for url, n in numbers(text) if "excluded" not in url) == int(decided[1])


def test_a_customer_without_figures_is_told_why(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    text = read(client, "/dashboards/management/customers/?month=2020-01")
    assert "no agreement" in text or "no target was decided" in text
    assert "0 %" not in text


@pytest.mark.req("RPT-14")
def test_an_empty_month_has_no_data_and_no_share(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    text = whole(client, "/dashboards/management/?month=2020-01")
    assert "no data" in text
    assert "nobody was asked in this month" in text
    assert "none ended" in text
    assert "nothing was decided" in text
    assert ">0 %" not in text
    assert "no data" in whole(client, "/dashboards/change-management/?month=2020-01")


def test_a_month_that_is_not_over_or_has_not_begun_is_told_as_such(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    assert "The month is not over (62 % of it gone)" in read(client, "/dashboards/incident-management/")
    assert "not over" not in read(client, "/dashboards/incident-management/?month=2026-02")
    text = whole(client, "/dashboards/incident-management/?month=2026-05")
    assert "This month has not begun." in text
    assert "not begun" in text


def test_what_was_counted_at_night_is_shown_and_then_counted_anew(month: Cast, client_of: Browser) -> None:
    client = client_of(month.mona)
    kpi = engine.get("X21")
    assert kpi is not None
    assert "This month was not counted yet" in read(client, "/dashboards/service-desk/?month=2026-03")
    measuring.measure(MARCH, now=NOW - DAY)
    make_incident(month, now=NOW - HOUR)
    stored = indicators.indicators(view(month), [kpi], is_live=False)[0]
    live = indicators.indicators(view(month), [kpi], is_live=True)[0]
    assert stored.value is not None
    assert live.value is not None
    assert live.value.record_count == stored.value.record_count + 1
    first = read(client, "/dashboards/service-desk/?month=2026-03")
    assert "being counted again" in first
    assert "data-count" not in first
    assert f'data-count="{live.value.record_count}"' in read(
        client, "/dashboards/service-desk/now/?month=2026-03"
    )


@pytest.mark.req("KPI-06")
def test_what_was_confirmed_stays_and_opens_the_rows_of_then(month: Cast, client_of: Browser) -> None:
    february = spans.parse("2026-02", ZONE)
    asked = Asked(month.admin.actor, Period(february.first, february.last, ZONE), NOW)
    kpi = engine.get("X21")
    assert kpi is not None
    kept = kpis.closing.confirm(kpi, asked)
    make_incident(month, now=february.start + DAY)
    client = client_of(month.mona)
    text = read(client, "/dashboards/service-desk/now/?month=2026-02")
    found = {url: n for url, n in numbers(text) if "/kpis/X21/" in url}
    assert len(found) == 1
    ((url, n),) = found.items()
    assert "kept=1" in url
    assert n == kept.figures[0]["record_count"] == listed(client, url)
    assert engine.compute(kpi.parts[0], asked).record_count == n + 1


@pytest.mark.req("KPI-02")
def test_goal_and_change_are_told_with_which_of_them_is_better(month: Cast) -> None:
    Weighing.objects.create(
        kpi="X23", since=MARCH.first, goal=Decimal(95), floor=Decimal(50), set_by=month.admin, set_at=NOW
    )
    measuring.measure(spans.parse("2026-02", ZONE), now=NOW)
    kpi = engine.get("X23")
    assert kpi is not None
    found = indicators.indicators(view(month), [kpi], is_live=True)[0]
    row = indicators.row_of(found, view(month))
    assert found.before is not None
    assert found.value is not None
    assert found.value.number is not None
    assert row["goal"] == "95.00 %"
    assert row["tone"] == "bad"
    assert row["change_tone"] == ("good" if found.value.number > found.before else "bad")
    assert len(row["points"]) == 12


@pytest.mark.req("RPT-08")
def test_risks_name_what_is_in_danger_and_open_it(month: Cast, client_of: Browser) -> None:
    found = risks.risks(view(month))
    assert 0 < len(found) <= 5
    assert [risk.weight for risk in found] == sorted((risk.weight for risk in found), reverse=True)
    assert any("past" in risk.words for risk in found)
    client = client_of(month.mona)
    for risk in found:
        assert client.get(risk.url).status_code == 200, risk.url


@pytest.mark.req("RPT-14")
def test_who_covers_one_customer_sees_no_figure_of_another(month: Cast, client_of: Browser) -> None:
    measuring.measure(MARCH, now=NOW)
    Grant.objects.filter(user=month.mona).update(organisation=month.globex)
    client = client_of(month.mona)
    text = whole(client, "/dashboards/management/?month=2026-03")
    assert "Globex" in text
    assert "Acme" not in text
    for slug in ("incident-management", "service-desk"):
        assert "Acme" not in whole(client, f"/dashboards/{slug}/?month=2026-03")
    for url, n in numbers(text):
        assert listed(client, url) == n, url
        assert "Acme" not in read(client, url)
    # another customer named in the address gives nothing at all
    other = whole(client, f"/dashboards/management/?month=2026-03&customer={month.acme.pk}")
    assert sum(n for _url, n in numbers(other)) == 0


@pytest.mark.req("RPT-14")
def test_dashboards_are_for_managers(month: Cast, client_of: Browser) -> None:
    for url in (
        "/dashboards/",
        "/dashboards/management/",
        "/dashboards/release-management/",
        "/dashboards/list/open/",
    ):
        for user, status in ((month.mona, 200), (month.admin, 200), (month.alice, 403), (month.rita, 403)):
            assert client_of(user).get(url).status_code == status, (url, user)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/dashboards/?month=yesterday", 400),
        ("/dashboards/?month=2026-Q1", 400),
        ("/dashboards/management/?customer=x", 400),
        ("/dashboards/moon/", 404),
        ("/dashboards/management/moon/", 404),
        ("/dashboards/list/moon/", 404),
        ("/dashboards/list/open/?kind=moon", 400),
        ("/dashboards/list/open/?age=9", 400),
    ],
)
def test_what_cannot_be_read_is_a_clear_answer(cast: Cast, client_of: Browser, url: str, status: int) -> None:
    assert client_of(cast.mona).get(url).status_code == status


def test_first_views_ask_few_questions(
    month: Cast, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    client = client_of(month.mona)
    for url, most in (
        ("/dashboards/management/?month=2026-03", 36), ("/dashboards/incident-management/?month=2026-03", 16),
        ("/dashboards/management/customers/?month=2026-03", 10),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            client.get(url)
