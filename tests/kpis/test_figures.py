"""Every figure is its list, and fifty of them are what plain SQL counts in the same tables."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from kpis import engine, shown
from kpis.engine import Asked, Unit
from reports.period import Period
from tests.cast import Cast
from tests.kpis import plain_sql

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")


def asked_of(username: str, days: int = 45) -> Asked:
    now = timezone.now()
    last = now.astimezone(ZONE).date() - timedelta(days=1)
    actor = User.objects.prefetch_related("grants", "memberships").get(username=username).actor
    return Asked(actor, Period(last - timedelta(days=days), last, ZONE), now)


@pytest.fixture
def demo(db: None) -> None:
    call_command("demo", stdout=io.StringIO())


@pytest.mark.req("KPI-01", "KPI-05", "RPT-14")
def test_every_figure_of_the_demo_is_its_list_and_what_plain_sql_counts(demo: None) -> None:
    asked = asked_of("slm")
    different, not_nothing = {}, set()
    for kpi in engine.all_kpis():
        for place, part in enumerate(kpi.parts):
            value = engine.compute(part, asked)
            rows = list(engine.selected(part, asked))
            assert value.record_count == len(rows) == len({row.pk for row in rows}), kpi.id
            assert len(shown.lines(engine.selected(part, asked), part)) == len(rows)
            if part.hit is not None and rows:
                assert value.numerator == engine.selected(part, asked).filter(part.hit).count(), kpi.id
            if part.unit != Unit.COUNT and not rows:
                assert value.number is None, kpi.id
            if (kpi.id, place) in plain_sql.SQL:
                found = plain_sql.counted((kpi.id, place), asked)
                not_nothing |= {kpi.id} if found[-1] else set()
                if not plain_sql.agrees(part, value, found):
                    different[kpi.id, place] = (value, found)
    assert different == {}
    assert len({kpi for kpi, _place in plain_sql.SQL}) >= 50
    assert len(not_nothing) >= 50  # a comparison of nothing with nothing proves nothing


@pytest.mark.req("KPI-01", "KPI-05")
def test_each_of_the_catalogue_is_computed_or_says_which_record_it_waits_for() -> None:
    waiting = {kpi.id for kpi in engine.all_kpis() if not kpi.parts}
    assert len(engine.all_kpis()) == 156
    assert waiting == {
        "P03.R3.K2", "P06.R1.K1", "P07.R1.K1", "P07.R1.K2", "P07.R2.K1", "P07.R2.K2", "P07.R2.K3",
        "P07.R2.K4", "P07.R3.K1", "P07.R3.K2", "P08.R1.K2", "P09.R1.K1", "P09.R1.K3", "P13.R1.K1",
        "P14.R1.K1", "P16.R1.K1", "P16.R1.K2", "P17.R1.K1", "P17.R1.K2", "X31", "X32", "X33", "X41", "X42",
        "X55", "X56", "X57",
    }  # fmt: skip
    for kpi in engine.all_kpis():
        assert kpi.parts or kpi.waits_for, kpi.id


@pytest.mark.req("KPI-07")
def test_beside_each_number_that_only_counts_stands_one_that_tells_of_quality() -> None:
    known = {kpi.id: kpi for kpi in engine.all_kpis()}
    for kpi in known.values():
        if kpi.parts and kpi.parts[0].unit == Unit.COUNT:
            assert kpi.beside, kpi.id
        for other in kpi.beside:
            assert known[other].parts, (kpi.id, other)
            assert other != kpi.id


@pytest.mark.req("KPI-01")
def test_the_pages_show_what_the_lists_hold_and_say_what_is_waited_for(demo: None, client: Client) -> None:
    asked = asked_of("slm")
    client.force_login(User.objects.get(username="slm"))
    query = {"from": asked.period.first.isoformat(), "to": asked.period.last.isoformat()}
    page = client.get("/kpis/X21/", query)
    listed = sum(b"data-row" in line for line in page.content.splitlines())
    opened = engine.get("X21")
    assert opened
    total = engine.compute(opened.parts[0], asked).record_count
    assert f"data-total>{total}<".encode() in page.content
    assert listed > 0
    people = page.context["people"]
    assert sum(int(each["number"].replace(",", "")) for each in people) == total
    seen, url = len(page.context["lines"]), page.context["next_url"]
    while url:
        page = client.get(f"/kpis/X21/{url}")
        seen, url = seen + len(page.context["lines"]), page.context["next_url"]
    assert seen == total
    waiting = client.get("/kpis/P16.R1.K1/", query)
    with translation.override("zh-hans"):  # as the demo's manager reads
        assert str(waiting.context["kpi"].waits_for) in waiting.content.decode()
    assert client.get("/kpis/P99/").status_code == 404


@pytest.mark.req("KPI-05")
def test_an_empty_period_has_no_share_and_no_mean(cast_asked: Asked) -> None:
    for kpi in engine.all_kpis():
        for part in kpi.parts:
            value = engine.compute(part, cast_asked)
            if part.unit != Unit.COUNT and not value.record_count:
                assert value.is_no_data, kpi.id
                assert shown.number(part, value) == "no data"


@pytest.fixture
def cast_asked(cast: Cast) -> Asked:
    period = Period(timezone.localdate().replace(year=2001), timezone.localdate().replace(year=2001), ZONE)
    return Asked(cast.mona.actor, period, timezone.now())
