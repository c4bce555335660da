"""A period that is over is told as it was, whatever is switched off, altered or reopened later."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Organisation
from assets import register
from catalog.models import ServiceVersion
from kpis import engine
from kpis.engine import Asked, Value
from kpis.measures.history import customers, live_services, suppliers
from records.models import Activity
from reports.period import Period
from tests.assets.making import make_asset, make_item
from tests.cast import MONDAY, Cast, make_agreement, make_incident
from tests.sourcing.week import BEGAN, make_contract, make_supplier

pytestmark = pytest.mark.django_db
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), UTC)
APRIL, MAY = datetime(2026, 4, 5, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def march(cast: Cast, **over: Any) -> Asked:
    return Asked(cast.mona.actor, MARCH, MAY, **over)


def figure(kpi: str, asked: Asked, place: int = 0) -> Value:
    found = engine.get(kpi)
    assert found
    return engine.compute(found.parts[place], asked)


def registered(model: str, at: datetime) -> None:
    """Date what was registered until now; the database writes its own time."""
    apps.get_model(model)._default_manager.update(pgh_created_at=at)


@pytest.mark.req("KPI-01", "RPT-14")
def test_customers_of_a_period_are_those_there_were_in_it(cast: Cast) -> None:
    make_agreement(cast.calendar, cast.acme)
    registered("accounts.OrganisationEvent", JANUARY)
    before = figure("P12.R1.K1", march(cast))
    assert (before.numerator, before.denominator) == (1, 2)
    Organisation.objects.create(code="newcomer", name_en="Newcomer")
    Organisation.objects.filter(code="globex").update(is_active=False)
    assert figure("P12.R1.K1", march(cast)) == before
    now = replace(march(cast), now=MARCH.start.replace(day=15))  # the period is not over: as it is now
    assert {row.code for row in customers(now)} == {"acme", "newcomer"}


@pytest.mark.req("KPI-01")
def test_a_customer_registered_later_was_there_if_its_agreement_was(cast: Cast) -> None:
    registered("accounts.OrganisationEvent", APRIL)
    assert figure("P12.R1.K1", march(cast)).is_no_data
    make_agreement(cast.calendar, cast.acme)
    assert figure("P12.R1.K1", march(cast)).denominator == 1


@pytest.mark.req("KPI-01", "SUP-12")
def test_suppliers_of_a_period_are_those_at_work_at_its_end(cast: Cast) -> None:
    supplier = make_supplier()
    make_supplier(code="other", name_en="Other")
    registered("suppliers.SupplierEvent", JANUARY)
    make_contract(cast, supplier, at=BEGAN, until=APRIL)
    make_supplier(code="late", name_en="Late")
    supplier.is_active = False
    supplier.save()
    assert {row.code for row in suppliers(march(cast)).filter(in_contract=True)} == {"huaxun"}
    assert figure("P10.R1.K2", march(cast)).denominator == 2
    april = replace(march(cast), period=Period(date(2026, 4, 1), date(2026, 4, 30), UTC))
    assert not suppliers(april).filter(in_contract=True).exists()


@pytest.mark.req("KPI-01")
def test_assets_count_as_they_were_marked_and_tied_in_the_period(cast: Cast) -> None:
    item = make_item("laptop-1", of=cast.acme, category="laptop", code="laptop")
    asset = make_asset(cast, is_important=True, item=item)
    plain = make_asset(cast, "IT-002")
    before = figure("P03.R1.K1", march(cast))
    assert (before.numerator, before.denominator) == (1, 1)
    said: dict[str, Any] = {"actor": cast.alice.actor, "now": APRIL, "expected_version": None}
    register.change(asset, {"is_important": False}, **said)
    register.change(asset, {"item": None}, **said)
    register.change(plain, {"is_important": True}, **said)
    assert figure("P03.R1.K1", march(cast)) == before
    after = replace(march(cast), period=Period(date(2026, 4, 1), date(2026, 4, 30), UTC))
    assert figure("P03.R1.K1", after) == Value(Decimal("0.00"), 0, 1, 1)
    earlier = replace(march(cast), period=Period(date(2026, 2, 1), date(2026, 2, 28), UTC))
    assert figure("P03.R1.K1", earlier).is_no_data


@pytest.mark.req("KPI-01")
def test_how_a_problem_ended_stays_when_it_is_opened_again(cast: Cast) -> None:
    ticket = make_incident(cast)

    def said(verb: str, at: datetime) -> None:
        Activity.objects.create(
            record=ticket, customer=cast.acme, verb=verb, actor=cast.alice, at=at, logged_at=at,
            origin="web", record_version=1, data={"expert": cast.sven.label},
        )  # fmt: skip

    said("problem.accept_problem", MONDAY)
    said("problem.settle_problem", MONDAY)
    said("problem.solve_problem", MONDAY.replace(day=20))
    before = [figure(f"P02.R1.K{n}", march(cast)) for n in (2, 3, 5)]
    assert [(each.numerator, each.denominator) for each in before] == [(1, 1), (0, 1), (0, 1)]
    said("problem.reopen_problem", APRIL)
    said("problem.assign_expert", APRIL)
    said("problem.close_problem", APRIL)
    assert [figure(f"P02.R1.K{n}", march(cast)) for n in (2, 3, 5)] == before
    assert figure("P02.R2.K1", march(cast)).number == 1
    assert figure("P02.R2.K1", march(cast, person=cast.sven.pk)).number == 1
    assert figure("P02.R2.K1", march(cast, person=cast.bob.pk)).number == 0
    given = engine.get("P02.R2.K1")
    assert given
    assert [person for person, _value in engine.by_person(given.parts[0], march(cast))] == [cast.sven.pk]


@pytest.mark.req("KPI-01")
def test_a_service_withdrawn_later_was_live(cast: Cast) -> None:
    ServiceVersion.objects.create(
        service=cast.mail, number=1, effective_from=JANUARY, offer={}, created_by=cast.mona,
        created_at=JANUARY,
    )  # fmt: skip
    early = replace(march(cast), period=Period(date(2025, 12, 1), date(2025, 12, 31), UTC))
    assert not live_services(early).exists()
    assert [row.code for row in live_services(march(cast))] == ["mail"]
    cast.mail.is_published, cast.mail.withdrawn_at = False, APRIL
    cast.mail.save()
    assert [row.code for row in live_services(march(cast))] == ["mail"]
    later = replace(march(cast), period=Period(date(2026, 4, 1), date(2026, 4, 30), UTC))
    assert not live_services(later).exists()
