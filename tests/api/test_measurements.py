"""Measured figures and early warnings over HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Grant
from accounts.roles import Role
from analysis import warning
from analysis.asking import figure_of
from kpis import closing, engine
from kpis.engine import Asked
from kpis.models import Measurement
from reports.period import Period
from tests.analysis.made import measured, this_month
from tests.api.conftest import Api
from tests.cast import Cast, make_user

Make = Callable[..., Api]
pytestmark = pytest.mark.django_db
LIST = "/api/v1/measurements/"


@pytest.mark.req("RPT-07", "PLT-04")
def test_measured_figures_are_listed_and_narrowed(cast: Cast, api: Make) -> None:
    measured("X21", [1, 2, 3])
    measured("X22", [80, None, 70])
    measured("X21", [9], customer=cast.acme.pk)
    mona = api(cast.mona)
    rows = mona.get(f"{LIST}?kpi=x21&customer=none").json()["results"]
    assert [row["value"] for row in rows] == [1, 2, 3]
    assert rows[0]["span"]["code"] == "month"
    assert (rows[0]["is_final"], rows[0]["is_confirmed"], rows[0]["customer"]) == (True, False, None)
    empty = mona.get(f"{LIST}?kpi=X22").json()["results"][1]
    assert (empty["value"], empty["no_data"]) == (None, True)
    assert [r["value"] for r in mona.get(f"{LIST}?customer=acme").json()["results"]] == [9]
    last = this_month().previous
    within = mona.get(f"{LIST}?kpi=X21&customer=none&from={last.first}&to={last.next.first}")
    assert [row["value"] for row in within.json()["results"]] == [3]
    assert mona.get(f"{LIST}?from={last.next.first}").json()["results"] == []
    one = mona.get(f"{LIST}{rows[0]['id']}/").json()
    assert one == rows[0]
    for bad in ("from=soon", "customer=nobody", "span=minute", "part=-1", "kind=month"):
        assert mona.get(f"{LIST}?{bad}").status_code == 400, bad


@pytest.mark.req("KPI-06")
def test_the_confirmed_figure_is_told(cast: Cast, api: Make) -> None:
    measured("X21", [55])
    last = this_month().previous
    kpi = engine.get("X21")
    assert kpi
    period = Period(last.first, last.last, last.zone)
    closing.confirm(kpi, Asked(cast.mona.actor, period, timezone.now()))
    row = api(cast.mona).get(f"{LIST}?kpi=X21").json()["results"][0]
    assert (row["value"], row["is_confirmed"]) == (0, True)
    assert Measurement.objects.get().number == 55


def test_who_covers_one_customer_gets_those_of_that_one(cast: Cast, api: Make) -> None:
    measured("X21", [1])
    for customer in (cast.acme, cast.globex):
        measured("X21", [7], customer=customer.pk)
    scoped = make_user("max", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    rows = api(scoped).get(LIST).json()["results"]
    assert [row["customer"]["code"] for row in rows] == ["acme"]
    other = Measurement.objects.get(customer=cast.globex)
    assert api(scoped).get(f"{LIST}{other.pk}/").status_code == 404
    for person in (cast.alice, cast.carla, cast.charlie):
        assert api(person).get(LIST).status_code == 403


def test_a_page_of_measured_figures_leads_to_the_next(cast: Cast, api: Make) -> None:
    measured("X21", list(range(60)))
    mona = api(cast.mona)
    first = mona.get(LIST).json()
    assert len(first["results"]) == 50
    assert len(mona.get(first["next"]).json()["results"]) == 10


@pytest.mark.req("RPT-08")
def test_early_warnings_say_what_and_why(cast: Cast, api: Make) -> None:
    measured("P12.R1.K1", [90, 99, 98, 97, 96])
    warning.set_rule(
        figure_of("P12.R1.K1"), customer=None, span_kind="month", better=1, forecast=True, row=3, limits=True,
        responsible=None, is_active=True, actor=cast.mona.actor,
    )  # fmt: skip
    warning.watch(now=timezone.now().replace(microsecond=0) - timedelta(seconds=1))
    mona = api(cast.mona)
    row = mona.get("/api/v1/early-warnings/?is_over=false&cause=row").json()["results"][0]
    assert (row["kpi"], row["cause"]["code"]) == ("P12.R1.K1", "row")
    assert row["words"] == "96 % now, worse 3 times in a row."
    assert row["action"].startswith("ACT")
    assert mona.get("/api/v1/early-warnings/?is_over=true").json()["results"] == []
    assert api(cast.alice).get("/api/v1/early-warnings/").status_code == 403
