"""The months of an indicator on its page: measured, confirmed, so far, or not measured."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Grant
from kpis import closing, engine, measuring
from kpis.engine import Asked
from records import spans
from records.models import Record
from reports.period import Period
from tests.cast import Cast, make_incident

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
APRIL = datetime(2026, 4, 2, 9, tzinfo=ZONE)
PAGE = "/kpis/X21/?from=2026-03-01&to=2026-03-31"


def months(browser: Any, page: str = PAGE) -> dict[str, tuple[str, str]]:
    chart = browser.get(page).context["months"]
    return {month: (figure["words"], state["words"]) for month, figure, state in chart["rows"]}


@pytest.mark.req("RPT-07", "KPI-06")
def test_a_month_tells_what_was_measured_and_rather_what_was_confirmed(cast: Cast, client_of: Any) -> None:
    ticket = make_incident(cast)
    browser = client_of(cast.mona)
    assert browser.get(PAGE).context["months"]["empty"].startswith("Nothing is measured yet")
    march = spans.parse("2026-03", ZONE)
    measuring.measure(march, now=APRIL)
    assert months(browser)["2026-03"] == ("1", "measured")
    assert months(browser)["2026-02"] == ("not measured", "–")
    found = engine.get("X21")
    assert found
    period = Period(march.first, march.last, ZONE)
    closing.confirm(found, Asked(cast.mona.actor, period, APRIL))
    Record.objects.filter(pk=ticket.pk).update(opened_at=APRIL)
    assert months(browser)["2026-03"] == ("1", "confirmed")


def test_who_covers_some_customers_is_told_to_choose_one(cast: Cast, client_of: Any) -> None:
    Grant.objects.filter(user=cast.mona).update(organisation=cast.acme)
    browser = client_of(cast.mona)
    assert "Choose a customer" in browser.get(PAGE).context["months"]["empty"]
    measuring.measure(spans.parse("2026-03", ZONE), customer=cast.acme.pk, now=APRIL)
    make_incident(cast)
    assert months(browser, f"{PAGE}&customer={cast.acme.pk}")["2026-03"] == ("0", "measured")
