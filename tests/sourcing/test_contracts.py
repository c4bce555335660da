"""How long contracts hold, what rests on them, and what is warned of before they end."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import Role
from accounts.models import Grant
from sourcing import contracts, shown
from sourcing.contracts import Contract
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_user
from tests.sourcing.week import DAY, make_contract, make_sla, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-11")]


def one(supplier: Supplier, now: datetime = MONDAY) -> Contract:
    [found] = contracts.load([supplier], now)[supplier.pk]
    return found


@pytest.mark.parametrize(
    ("days", "stage"), [(5, 30), (29.5, 30), (30, 60), (59.5, 60), (75, 90), (90, None), (400, None)]
)
def test_the_end_is_announced_in_three_stages(cast: Cast, days: float, stage: int | None) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier, until=MONDAY + timedelta(days=days))
    found = one(supplier)
    assert (found.warn_days, found.state) == (stage, contracts.IN_FORCE)
    said = shown.warnings([found])
    assert [w["tone"] for w in said] == ([shown.TONES[stage]] if stage else [])
    assert not stage or f"ends in {int(days)} day" in said[0]["words"]


def test_a_version_that_follows_on_takes_the_warning_away(cast: Cast) -> None:
    supplier, end = make_supplier(), MONDAY + 20 * DAY
    make_contract(cast, supplier, until=end)
    assert one(supplier).warn_days == 30
    make_contract(cast, supplier, at=end, until=end + 365 * DAY)
    found = one(supplier)
    assert (found.until, found.warn_days) == (end + 365 * DAY, None)
    assert [v.number for v in found.versions] == [2, 1]


def test_a_gap_before_the_next_version_is_an_end(cast: Cast) -> None:
    supplier, end = make_supplier(), MONDAY + 20 * DAY
    make_contract(cast, supplier, until=end)
    make_contract(cast, supplier, at=end + DAY)
    assert one(supplier).until == end


def test_an_ended_agreement_ends_though_its_version_would_go_on(cast: Cast) -> None:
    supplier = make_supplier()
    version = make_contract(cast, supplier)
    version.agreement.ended_at = MONDAY + 10 * DAY
    version.agreement.save()
    assert (one(supplier).until, one(supplier).warn_days) == (MONDAY + 10 * DAY, 30)
    after = one(supplier, MONDAY + 11 * DAY)
    assert (after.state, after.warn_days) == (contracts.ENDED, None)


def test_a_contract_that_ends_before_what_rests_on_it_is_named(cast: Cast) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier, until=MONDAY + 200 * DAY)
    sla = make_sla(cast)
    found = one(supplier)
    assert [(r.agreement.code, r.until, r.is_longer) for r in found.rests] == [("acme-sla", None, True)]
    [warned] = shown.warnings([found])
    assert warned["words"] == "Contract uc-line ends before Acme SLA, which rests on it."
    # the agreement ends first: nothing to warn of
    sla.agreement.ended_at = MONDAY + 100 * DAY
    sla.agreement.save()
    assert shown.warnings([one(supplier)]) == []


def test_a_contract_to_come_or_without_a_version_says_so(cast: Cast) -> None:
    supplier = make_supplier()
    make_contract(cast, supplier, at=MONDAY + DAY)
    assert one(supplier).state == contracts.TO_COME
    assert one(supplier, MONDAY + 2 * DAY).state == contracts.IN_FORCE


def test_loading_costs_the_same_however_many_contracts_there_are(cast: Cast) -> None:
    first = make_supplier()
    make_contract(cast, first)
    with CaptureQueriesContext(connection) as few:
        contracts.load([first], MONDAY)
    second = make_supplier(code="beta", name_en="Beta")
    for n in range(3):
        make_contract(cast, second, code=f"uc-{n}")
    with CaptureQueriesContext(connection) as many:
        found = contracts.load([first, second], MONDAY)
    assert {pk: len(own) for pk, own in found.items()} == {first.pk: 1, second.pk: 3}
    assert len(many) == len(few)


def test_suppliers_are_known_to_those_who_cover_every_customer(cast: Cast) -> None:
    supplier = make_supplier()
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    known = [p.username for p in (cast.alice, cast.mona, cast.robot, cast.carla, scoped)
             if contracts.suppliers(p.actor).filter(pk=supplier.pk).exists()]  # fmt: skip
    assert known == ["alice", "mona", "robot"]
