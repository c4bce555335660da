"""The pages of the analysis say what the figures say, and why where they say nothing."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Grant
from accounts.roles import Role
from analysis import asking
from kpis import engine
from kpis.models import Measurement
from sla.models import Clock, Metric
from tests.analysis.made import measured, this_month
from tests.cast import Cast, make_incident, make_user

pytestmark = pytest.mark.django_db
PATHS = ("/analysis/", "/analysis/spread/", "/analysis/relations/", "/analysis/compare/")


def shown(client: Client, path: str, status: int = 200, **words: Any) -> str:
    response = client.get(path, words)
    assert response.status_code == status, response.content[:2000]
    return html.unescape(response.content.decode())


def spec(page: str, name: str) -> dict[str, Any]:
    found = re.search(rf'<script id="chart-{name}" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def told(page: str) -> str:
    found = re.search(r"<p data-told[^>]*>(.*?)</p>", page)
    assert found
    return found.group(1)


@pytest.fixture
def mona(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mona)
    return client


# --- trend ----------------------------------------------------------------------------------------


@pytest.mark.req("RPT-07")
def test_a_trend_shows_line_moving_mean_and_what_is_not_over(mona: Client) -> None:
    measured("X21", [10, 12, 11, None, 13, 15, 14, 16])
    measured("X21", [4], last=this_month())
    page = shown(mona, "/analysis/", figure="X21", count=9)
    series = {each["name"]: each["data"] for each in spec(page, "trend")["series"]}
    assert series["Figure"] == [10, 12, 11, None, 13, 15, 14, 16, None]
    assert series["So far"] == [None] * 8 + [4]
    assert series["Moving mean"] == [None, None, 11, None, None, None, 14, 15, None]
    assert len(series["Fitted line"]) == 9
    assert None not in series["Fitted line"]
    assert "hardly chance" in told(page)
    assert "1 span has no data" in page
    assert "its figure is drawn, but not judged" in page
    assert "On the line, " in page


@pytest.mark.req("RPT-07")
def test_figures_are_described_with_and_without_their_outliers(mona: Client) -> None:
    measured("X21", [10, 12, 11, 13, 12, 11, 12, 40])
    page = shown(mona, "/analysis/", figure="X21", count=9)
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="num">(.*?)</td><td class="num">(.*?)</td>', page)
    found = {label: (whole, cleaned) for label, whole, cleaned in rows}
    assert found["Figures"] == ("8", "7")
    assert found["Mean"] == ("15.1", "11.6")
    assert found["Median"] == ("12", "12")
    assert found["Variance"] == ("101.84", "0.95")
    assert found["Largest"] == ("40", "13")
    assert "Outliers: <span data-total>1</span>" in page
    assert "Tukey" in page
    assert spec(page, "trend")["series"][-1]["name"] == "Outlier"


@pytest.mark.req("RPT-07", "KPI-05")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"figure": "X21"}, "12 spans were not measured; figures are counted every night."),
        ({"figure": "X21"}, "No data in this period."),
        ({"figure": "X21"}, "Too few figures for a trend: 0 of at least 3."),
    ],
)
def test_what_is_not_measured_says_so(mona: Client, words: dict[str, Any], said: str) -> None:
    assert said in shown(mona, "/analysis/", **words)


def test_a_customer_without_agreement_is_told_of_in_words(cast: Cast, mona: Client) -> None:
    page = shown(mona, "/analysis/", figure="X21", customer=cast.acme.pk)
    assert "customers are measured while an agreement with them is in force" in page
    own = next(each for each in asking.figures() if not each.part.customer)
    page = shown(mona, "/analysis/", figure=own.code, customer=cast.acme.pk)
    assert "the provider's own" in page


def test_what_is_not_computed_says_what_it_waits_for(mona: Client) -> None:
    waiting = next(kpi for kpi in engine.all_kpis() if not kpi.parts)
    for path in ("/analysis/", "/analysis/spread/", "/analysis/compare/"):
        assert "It waits for" in shown(mona, path, figure=waiting.id)


@pytest.mark.parametrize(
    "path", ["/analysis/", "/analysis/spread/", "/analysis/relations/", "/analysis/compare/"]
)
@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"figure": "X99"}, 404), ({"figure": "X21:7"}, 404), ({"figure": "X21:x"}, 404),
        ({"customer": "x"}, 404), ({"customer": "99999999"}, 404), ({"span": "minute"}, 400),
        ({"until": "soon"}, 400), ({"until": "0001-01-01"}, 400), ({"count": "0"}, 400),
        ({"count": "x"}, 400), ({"count": "9999"}, 400), ({"span": "week"}, 200),
        ({"span": "year", "until": "1990-01-01"}, 200), ({"figure": "x21"}, 200), ({"pair": "9-x"}, 200),
    ],
)  # fmt: skip
def test_addresses_nobody_means_are_answered_in_words(
    mona: Client, path: str, words: dict[str, Any], status: int
) -> None:
    shown(mona, path, status, **words)


def test_a_point_leads_to_its_rows(cast: Cast, mona: Client) -> None:
    for _n in range(3):
        make_incident(cast, now=timezone.now() - timedelta(seconds=5))
    measured("X21", [3], last=this_month())
    page = shown(mona, "/analysis/", figure="X21", count=2)
    series = next(each for each in spec(page, "trend")["series"] if each["name"] == "So far")
    rows = shown(mona, series["urls"][-1])
    assert "What is looked at: <span data-total>3</span>" in rows


def test_who_covers_one_customer_sees_figures_of_that_one(cast: Cast, client: Client) -> None:
    scoped = make_user("max", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    client.force_login(scoped)
    measured("X21", [7, 7, 7, 7], customer=cast.acme.pk)
    measured("X21", [991, 991, 991, 991])
    measured("X21", [881, 881, 881, 881], customer=cast.globex.pk)
    for words in ({}, {"customer": cast.acme.pk}):
        page = shown(client, "/analysis/", figure="X21", **words)
        assert 7 in spec(page, "trend")["series"][0]["data"]
        assert "991" not in page
        assert "881" not in page
        assert "Globex" not in page
    for path in PATHS:
        shown(client, path, 404, figure="X21", customer=cast.globex.pk)


# --- spread ---------------------------------------------------------------------------------------


def solved(cast: Cast, hours: float, **over: Any) -> Clock:
    """An incident whose resolution took so many working hours."""
    ticket = make_incident(cast, **over)
    clock = Clock.objects.filter(record=ticket, metric=Metric.RESOLUTION).first()
    assert clock
    at = timezone.now() - timedelta(minutes=1)
    Clock.objects.filter(pk=clock.pk).update(
        state=Clock.State.STOPPED, stopped_at=at, spent=int(hours * 3600)
    )
    return clock


@pytest.mark.req("RPT-07")
def test_amounts_are_spread_over_bars_that_lead_to_their_rows(cast: Cast, mona: Client) -> None:
    for hours in (1, 1.5, 2, 2, 3, 4, 5, 30):
        solved(cast, hours)
    solved(cast, 2, customer=cast.globex, requester=cast.charlie)
    page = shown(mona, "/analysis/spread/", figure="X14", count=2)
    drawn = spec(page, "spread")["series"][0]
    assert sum(drawn["data"]) == 9
    for n, url in zip(drawn["data"], drawn["urls"], strict=True):
        assert (url is not None) == bool(n)
        if url:
            rows = shown(mona, url)
            assert f"<span data-total>{n}</span>" in rows
            assert rows.count("<tr data-row") == n
    assert "In working time: by the calendar of the agreement, without pauses." in page
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts["Rows"] == "9"
    assert facts["50 % are at most"] == "2 h 0 min" or facts["50 % are at most"].startswith("2 h")
    acme = shown(mona, "/analysis/spread/", figure="X14", count=2, customer=cast.acme.pk)
    assert sum(spec(acme, "spread")["series"][0]["data"]) == 8


def test_what_counts_rows_has_no_spread(mona: Client) -> None:
    assert "No amount lies behind its rows" in shown(mona, "/analysis/spread/", figure="X21")
    assert "Nothing in these spans" in shown(mona, "/analysis/spread/", figure="X14")
    shown(mona, "/analysis/spread/rows/", 404, figure="X21")
    for low in ("x", "-1", "nan", "inf"):
        shown(mona, "/analysis/spread/rows/", 400, figure="X14", low=low)


# --- relations ------------------------------------------------------------------------------------


@pytest.mark.req("RPT-07")
def test_two_indicators_are_related_as_their_figures_are(mona: Client) -> None:
    measured("X21", [1, 2, 3, 4, 5, 6, 7])
    measured("X22", [9, 8, 7.5, 6, 5, 4.5, 3])
    page = shown(mona, "/analysis/relations/", figure=["X21", "X22"], count=8)
    assert "very strong: one rises as the other falls" in page
    assert len(spec(page, "scatter")["series"][0]["data"]) == 7
    assert '<table class="table-it matrix">' not in page
    measured("P11.R1.K1", [5, 5, 5, 5, 5, 5, 5])
    page = shown(mona, "/analysis/relations/", figure=["X21", "X22", "P11.R1.K1"], count=8, pair="0-2")
    assert "One of them never changes" in page
    assert '<table class="table-it matrix">' in page
    assert page.count("<tr data-row") == 3


def test_a_relation_that_a_few_points_make_says_so(mona: Client) -> None:
    measured("X21", [5, 4, 6, 5, 4, 6, 60])
    measured("X22", [6, 6, 5, 4, 5, 6, 70])
    page = shown(mona, "/analysis/relations/", figure=["X21", "X22"], count=8)
    assert "very strong: they rise and fall together; a few points make most of it" in page


def test_too_few_points_are_not_related(mona: Client) -> None:
    measured("X21", [1, 2, 3, 4, 5])
    measured("X22", [1, 2, 3, 4, 5])
    page = shown(mona, "/analysis/relations/", figure=["X21", "X22"], count=8)
    assert "Too few points: 5 spans in which both have a figure, of at least 6." in page
    assert "Choose at least two indicators" in shown(mona, "/analysis/relations/", figure="X21")


def test_pages_ask_as_much_for_many_spans_as_for_few(
    mona: Client, django_assert_max_num_queries: Any
) -> None:
    for kpi in ("X21", "X22", "X14"):
        measured(kpi, list(range(1, 37)))
    with django_assert_max_num_queries(20):
        shown(mona, "/analysis/relations/", figure=["X21", "X22", "X14"], count=36)
    with django_assert_max_num_queries(20):
        shown(mona, "/analysis/", figure="X21", count=36)
    assert Measurement.objects.count() == 108
