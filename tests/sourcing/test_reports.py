"""What suppliers report: expected by the contract, late when missing, compared with our own figures."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.access import Denied
from sla.models import Agreement
from sourcing import contracts, reported, services
from sourcing.models import Claim, SupplierReport
from sourcing.reported import Expected
from sourcing.services import Claimed
from suppliers.models import Supplier
from tests.cast import Cast
from tests.sourcing.week import DAY, KEY, handed, make_contract, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-05")]
MONTHLY = {"kind": "service_level", "period": "month", "due_day": 5}
QUARTERLY = {"kind": "review", "period": "quarter", "due_day": 10}
# 7 April 2026 in Shanghai
NOW = datetime.fromisoformat("2026-04-07T10:00:00+08:00")
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def expected(supplier: Supplier, now: datetime = NOW) -> list[Expected]:
    return reported.expected(contracts.load([supplier], now).get(supplier.pk, []), now)


def receive(cast: Cast, contract: Agreement, **over: Any) -> SupplierReport:
    facts: dict[str, Any] = {
        "kind": "service_level", "first": MARCH[0], "last": MARCH[1], "received_on": date(2026, 4, 4),
        "claims": {KEY: Claimed(Decimal(100), 3)}, "note": "By mail.", "actor": cast.mona.actor, "now": NOW,
        **over,
    }  # fmt: skip
    return services.receive_report(contract, **facts)


def test_each_period_in_force_expects_its_report_and_says_how_late_it_is(cast: Cast) -> None:
    supplier = make_supplier()
    contract = make_contract(cast, supplier, reports=[MONTHLY, QUARTERLY]).agreement
    receive(cast, contract, first=date(2026, 2, 1), last=date(2026, 2, 28), received_on=date(2026, 3, 9))
    rows = {(e.kind, e.first): e for e in expected(supplier)}
    assert sorted(rows) == [
        ("review", date(2026, 1, 1)), ("service_level", date(2026, 1, 1)),
        ("service_level", date(2026, 2, 1)), ("service_level", date(2026, 3, 1)),
    ]  # fmt: skip
    march, february = rows["service_level", MARCH[0]], rows["service_level", date(2026, 2, 1)]
    assert (march.due_on, march.is_overdue, march.days_late) == (date(2026, 4, 5), True, 2)
    assert (february.is_overdue, february.days_late) == (False, 4)
    quarter = rows["review", date(2026, 1, 1)]
    assert (quarter.last, quarter.due_on, quarter.is_overdue) == (MARCH[1], date(2026, 4, 10), False)


def test_a_contract_expects_nothing_before_it_began_or_after_it_ended(cast: Cast) -> None:
    supplier = make_supplier()
    began, ended = NOW - 60 * DAY, NOW - 20 * DAY  # from 6 February to 18 March
    make_contract(cast, supplier, at=began, until=ended, reports=[MONTHLY])
    assert [e.first for e in expected(supplier, NOW + 90 * DAY)] == [MARCH[0], date(2026, 2, 1)]


def test_a_contract_that_promises_no_report_is_never_late_but_takes_one(cast: Cast) -> None:
    supplier = make_supplier()
    contract = make_contract(cast, supplier).agreement
    found = expected(supplier)
    assert len(found) == 3
    assert not any(e.due_on or e.is_overdue for e in found)
    receive(cast, contract)
    assert [bool(e.report) for e in expected(supplier)] == [True, False, False]


def test_claims_stand_beside_our_own_figures_and_differ_or_agree(cast: Cast) -> None:
    supplier = make_supplier()
    availability = {"measure": "availability", "operator": ">=", "value": 99.5, "unit": "percent"}
    contract = make_contract(cast, supplier, measures=[availability]).agreement
    handed(cast, supplier, hours=2)
    handed(cast, supplier, hours=48)

    def rows(share: int | None, handled: int | None) -> dict[str, reported.Compared]:
        claims = {KEY: Claimed(None if share is None else Decimal(share), handled),
                  "availability/": Claimed(Decimal("99.9"), None)}  # fmt: skip
        report = receive(cast, contract, claims=claims)
        return {row.term.key: row for row in reported.compare(contract, *MARCH, report.claims.all())}

    line = rows(100, 2)[KEY]
    assert (line.ours, line.counted, line.difference, line.differs) == (Decimal(50), 2, Decimal(50), True)
    assert not rows(50, 2)[KEY].differs
    assert rows(50, 3)[KEY].differs
    assert not rows(None, None)[KEY].differs
    measure = rows(50, 2)["availability/"]
    assert (measure.claimed, measure.ours, measure.differs) == (Decimal("99.9"), None, False)


def test_a_claim_about_tickets_we_know_nothing_of_differs(cast: Cast) -> None:
    contract = make_contract(cast, make_supplier()).agreement
    [row] = reported.compare(contract, *MARCH, receive(cast, contract).claims.all())
    assert (row.ours, row.counted, row.differs) == (None, 0, True)


def test_a_second_record_corrects_the_first_and_the_history_keeps_it(cast: Cast) -> None:
    contract = make_contract(cast, make_supplier()).agreement
    upload = SimpleUploadedFile("march.pdf", b"report")
    first = receive(cast, contract, upload=upload)
    again = receive(cast, contract, claims={KEY: Claimed(Decimal("97.5"), 4)}, note="Corrected.")
    assert (again.pk, again.note) == (first.pk, "Corrected.")
    assert again.document is not None
    assert again.document.name == "march.pdf"
    assert Claim.objects.get().value == Decimal("97.5")
    events: Any = Claim.objects.get().events  # type: ignore[attr-defined]
    assert [e.value for e in events.order_by("pgh_id")] == [Decimal(100), Decimal("97.5")]


@pytest.mark.parametrize(
    ("field", "over"),
    [
        ("received_on", {"received_on": MARCH[1]}),
        ("received_on", {"received_on": date(2026, 4, 8)}),
        ("claims", {"claims": {"closure//": Claimed(Decimal(1), 1)}}),
        ("claims", {"claims": {KEY: Claimed(Decimal(101), 1)}}),
        ("claims", {"claims": {KEY: Claimed(Decimal(-1), 1)}}),
        ("attachments", {"upload": SimpleUploadedFile("run.exe", b"x")}),
    ],
)
def test_bad_input_is_refused_at_its_field(cast: Cast, field: str, over: dict[str, Any]) -> None:
    contract = make_contract(cast, make_supplier()).agreement
    with pytest.raises(ValidationError) as refused:
        receive(cast, contract, **over)
    assert set(refused.value.message_dict) == {field}
    assert not SupplierReport.objects.exists()


def test_only_managers_record_reports_and_only_of_suppliers(cast: Cast) -> None:
    contract = make_contract(cast, make_supplier()).agreement
    with pytest.raises(Denied):
        receive(cast, contract, actor=cast.alice.actor)
    with pytest.raises(ValidationError, match="Only suppliers"):
        receive(cast, cast.agreement.agreement)
