"""Whether an improvement shows in a figure is told with how sure that is, and kept with the improvement."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Grant
from accounts.roles import Role
from actions import plans
from actions.models import ImprovementPlan
from analysis import comparing
from analysis.models import BeforeAfter
from records.spans import Span
from tests.analysis.made import measured, this_month
from tests.analysis.test_pages import shown, spec, told
from tests.cast import Cast, make_user

pytestmark = pytest.mark.django_db


def make_plan(cast: Cast, **over: Any) -> ImprovementPlan:
    now = timezone.now().replace(microsecond=0)
    facts = {
        "title": "Rota at night", "title_zh": "夜间轮值", "objective": "Answer at night as by day",
        "owner": cast.mona, "people": "", "resources": "", "starts_on": timezone.localdate(now),
        "ends_on": timezone.localdate(now) + timedelta(days=30), "indicator": "X17", "value_before": "80 %",
        "value_wanted": "95 %", "agreement": None, **over,
    }  # fmt: skip
    return plans.propose(**facts, actor=cast.mona.actor, now=now)


def improved(n: int = 6) -> Span:
    """The month from which on it is better: ``n`` months ago, so that as many are over since."""
    return this_month().moved(-n)


def ask(span: Span, figure: str = "P12.R1.K1", **over: Any) -> dict[str, Any]:
    return {"figure": figure, "day": span.first.isoformat(), "count": 6, **over}


@pytest.fixture
def mona(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mona)
    return client


@pytest.mark.req("RPT-07")
def test_a_difference_is_told_with_its_interval(mona: Client) -> None:
    measured("P12.R1.K1", [80, 82, 79, 81, 80, 83, 95, 96, 94, 97, 95, 96])
    page = shown(mona, "/analysis/compare/", **ask(improved()))
    assert told(page) == "Better: the mean was 80.83 % and is 95.5 %."
    assert "+14.67 percentage points (in 95 of 100 cases between +13 percentage points" in page
    names = [each["name"] for each in spec(page, "sides")["series"]]
    assert names == ["Before", "Mean: Before", "After", "Mean: After"]
    worse = "P01.R1.K4"  # a deduction: less is better
    measured(worse, [1, 2, 1, 1, 2, 1, 9, 8, 9, 9, 8, 9])
    assert told(shown(mona, "/analysis/compare/", **ask(improved(), worse))).startswith("Worse: ")
    measured("X21", [1, 2, 1, 1, 2, 1, 9, 8, 9, 9, 8, 9])
    page = shown(mona, "/analysis/compare/", **ask(improved(), "X21"))
    assert told(page).startswith("Higher: ")
    assert "Nobody said which way is better" in page


@pytest.mark.req("RPT-07")
def test_the_usual_scatter_is_no_difference(mona: Client) -> None:
    measured("P12.R1.K1", [80, 90, 85, 95, 82, 88, 84, 93, 86, 91, 83, 90])
    page = shown(mona, "/analysis/compare/", **ask(improved()))
    assert told(page).startswith("No difference can be told: ")


def test_too_few_figures_tell_nothing(mona: Client) -> None:
    measured("P12.R1.K1", [80, 81, 82, 83, 90, 91])
    page = shown(mona, "/analysis/compare/", **ask(improved(2)))
    assert told(page) == (
        "Too few figures: at least 3 are needed on each side; there are 4 before and 2 after."
    )
    assert "not over yet: look again later" in page
    page = shown(mona, "/analysis/compare/", **ask(improved(), "X22"))
    assert "No span before or after the day is measured and over." in page


def test_the_span_of_the_day_belongs_to_neither_side(mona: Client) -> None:
    measured("P12.R1.K1", [80, 81, 82, 50, 90, 91, 92])
    middle = this_month().moved(-4)
    page = shown(
        mona, "/analysis/compare/", **ask(middle, day=(middle.first + timedelta(days=9)).isoformat())
    )
    assert middle.code not in spec(page, "sides")["categories"]
    assert told(page) == "Better: the mean was 81 % and is 91 %."


@pytest.mark.req("RPT-07")
def test_a_comparison_is_kept_with_its_improvement_once(cast: Cast, mona: Client) -> None:
    plan = make_plan(cast)
    measured("P12.R1.K1", [80, 82, 79, 81, 80, 83, 95, 96, 94, 97, 95, 96])
    address = f"/analysis/compare/keep/?figure=P12.R1.K1&day={improved().first}&count=6"
    for _n in range(2):
        response = mona.post(address, {"improvement": plan.number})
        assert response.status_code == 302
        assert response["Location"] == f"{plan.get_absolute_url()}#comparisons"
    kept = BeforeAfter.objects.get()
    assert (kept.kpi, kept.count, kept.kept_by, kept.customer) == ("P12.R1.K1", 6, cast.mona, None)
    page = shown(mona, plan.get_absolute_url())
    assert "Better: the mean was 80.83 % and is 95.5 %." in page
    for words in ({}, {"improvement": "SIP999"}):
        response = mona.post(address, words)
        assert response.status_code == 422
        assert "Choose the improvement" in html.unescape(response.content.decode())
    assert mona.post(f"/analysis/compare/{kept.pk}/drop/").status_code == 302
    assert mona.post(f"/analysis/compare/{kept.pk}/drop/").status_code == 404
    assert "No figure is compared yet" in shown(mona, plan.get_absolute_url())


def test_what_is_kept_of_a_customer_is_for_who_covers_it(cast: Cast, client: Client) -> None:
    plan = make_plan(cast)
    for customer, value in ((cast.acme, 71), (cast.globex, 61)):
        measured("P12.R1.K1", [value] * 12, customer=customer.pk)
        BeforeAfter.objects.create(
            improvement=plan, kpi="P12.R1.K1", customer=customer, span_kind="month", day=improved().first,
            kept_by=cast.mona, kept_at=timezone.now(),
        )  # fmt: skip
    scoped = make_user("max", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    client.force_login(scoped)
    globex = BeforeAfter.objects.get(customer=cast.globex)
    assert client.post(f"/analysis/compare/{globex.pk}/drop/").status_code in (403, 404)
    client.force_login(cast.mona)
    page = shown(client, plan.get_absolute_url())
    assert "71 %" in page
    assert "61 %" in page
    panel = comparing.panel(plan, scoped.actor, now=timezone.now())
    assert panel
    assert [row["kept"].customer for row in panel["rows"]] == [cast.acme]
    for person in (cast.alice, cast.carla):
        assert comparing.panel(plan, person.actor, now=timezone.now()) is None
