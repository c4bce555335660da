"""Time in a supplier's hands, targets kept, misses caused: each figure is the list behind it."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from records import exclusions
from reports.period import Period
from sla.models import Clock
from sourcing import figures
from tests.cast import MONDAY, Cast, make_incident
from tests.sourcing.week import DAY, HOUR, KEY, blame, handed, make_contract, make_sla, make_supplier

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
LATER = MONDAY + 40 * DAY  # in April
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), SHANGHAI)
APRIL = Period(date(2026, 4, 1), date(2026, 4, 30), SHANGHAI)


@pytest.mark.req("SUP-05", "SUP-09")
def test_the_months_sum_up_what_the_lists_hold(cast: Cast) -> None:
    supplier = make_supplier()
    contract = make_contract(cast, supplier).agreement
    make_sla(cast)
    handed(cast, supplier, hours=2)
    handed(cast, supplier, hours=3)
    blame(cast, handed(cast, supplier, hours=48), contract)
    handed(cast, supplier, hours=1, at=LATER)
    by_month = {m.period.first.month: m for m in figures.by_step(supplier, now=LATER + DAY)}
    march, april = by_month[3], by_month[4]
    assert (march.tickets, march.held) == (3, 53 * 3600)
    assert (march.met, march.missed, march.percent, march.breaches) == (2, 1, 66.66, 1)
    assert (april.tickets, april.held, april.met, april.missed, april.breaches) == (1, 3600, 1, 0, 0)
    assert [m.period.first for m in figures.by_step(supplier, now=LATER)][:2] == [APRIL.first, MARCH.first]
    listed = figures.held(supplier, MARCH, now=LATER)
    assert sum(row["time"].total_seconds() for row in listed) == march.held
    assert [row["time"] for row in listed] == [48 * HOUR, 3 * HOUR, 2 * HOUR]
    for outcome, count in (("decided", 3), ("met", 2), ("missed", 1)):
        assert figures.clocks(supplier, MARCH, outcome=outcome).count() == count
    assert figures.clocks(supplier, MARCH, outcome="decided", contract="uc-line", key=KEY).count() == 3
    assert figures.clocks(supplier, MARCH, outcome="decided", key="resolution//2").count() == 0


def test_a_ticket_still_in_hand_counts_until_now_and_is_cut_at_the_month(cast: Cast) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier)
    evening = MARCH.end - 2 * HOUR
    handed(cast, supplier, hours=5, at=evening)
    months = {m.period.first.month: m.held for m in figures.by_step(supplier, now=LATER)}
    assert (months[3], months[4]) == (2 * 3600, 3 * 3600)
    import incidents.services

    open_one = make_incident(cast, now=LATER)
    doing: dict[str, Any] = {"actor": cast.alice.actor, "now": LATER}
    open_one = incidents.services.start(open_one, **doing)
    incidents.services.hold(open_one, reason="supplier", note="x", supplier=supplier, **doing)
    now = LATER + timedelta(minutes=90)
    assert {m.period.first.month: m.held for m in figures.by_step(supplier, now=now)}[4] == 3 * 3600 + 5400


@pytest.mark.req("SLM-32")
def test_what_is_excluded_does_not_count_against_the_supplier(cast: Cast) -> None:
    supplier = make_supplier()
    contract = make_contract(cast, supplier).agreement
    late = handed(cast, supplier, hours=48)
    clock = Clock.every.get(record=late.pk, support__supplier=supplier)
    asked = exclusions.ask(
        late, clock, reason="force_majeure", evidence="Flood.", actor=cast.alice.actor, now=LATER
    )
    exclusions.decide(late, asked, decision="approved", note="", actor=cast.mona.actor, now=LATER)
    assert figures.clocks(supplier, MARCH, outcome="decided").count() == 0
    assert figures.by_target(contract, MARCH.start, MARCH.end) == {}


def test_a_supplier_without_tickets_has_zeros_and_no_share(cast: Cast) -> None:
    months = figures.by_step(make_supplier(), now=MONDAY)
    assert len(months) == figures.STEPS["month"]
    assert {(m.held, m.tickets, m.decided, m.percent, m.breaches) for m in months} == {(0, 0, 0, None, 0)}


def test_the_months_cost_the_same_however_many_tickets_there_are(cast: Cast) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier)
    handed(cast, supplier, hours=1)
    with CaptureQueriesContext(connection) as few:
        figures.by_step(supplier, now=LATER)
    handed(cast, supplier, hours=2)
    with CaptureQueriesContext(connection) as many:
        figures.by_step(supplier, now=LATER)
    assert len(many) == len(few)
