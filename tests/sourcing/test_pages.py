"""Pages of suppliers: what a manager does there from beginning to end, and who sees nothing of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Role
from accounts.models import Grant
from agreements import services as agreements
from records import files
from reviews import services as reviews
from reviews.models import Review
from sla.models import Agreement
from sourcing.models import Document, Procurement, SupplierReport
from suppliers.models import Supplier
from tests.cast import MONDAY, Cast, make_user
from tests.sourcing.week import DAY, blame, handed, make_contract, make_sla, make_supplier, target

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
NOW = MONDAY + 9 * DAY
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
MONTHLY = {"kind": "service_level", "period": "month", "due_day": 5}


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def supplier(cast: Cast) -> Supplier:
    """With a contract that ends soon behind Acme's agreement, and three tickets, one late."""
    made = make_supplier(responsible=cast.bob)
    contract = make_contract(cast, made, until=NOW + 50 * DAY, reports=[MONTHLY]).agreement
    make_sla(cast)
    handed(cast, made, hours=2)
    handed(cast, made, hours=3)
    blame(cast, handed(cast, made, hours=48), contract)
    return made


def text(client: Client, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@pytest.mark.req("SUP-02", "SUP-09", "SUP-11")
def test_one_supplier_shows_contracts_warnings_figures_and_misses(
    client_of: Browser, cast: Cast, supplier: Supplier
) -> None:
    alice = client_of(cast.alice)
    assert "ends in 50 days" in text(alice, "/suppliers/")
    page = text(alice, "/suppliers/huaxun/")
    assert "Contract uc-line ends before Acme SLA, which rests on it." in page
    assert "holds longer, open-ended" in page
    assert "1 target missed because of this supplier" in page
    assert "Their spare part came late." in page
    assert "Resolution missed by 8 working hours" in page
    assert "66.66 %" in page
    assert "2 reports of this supplier are overdue." in page
    assert "Bob" in page


@pytest.mark.req("SUP-09")
def test_every_number_opens_its_list(client_of: Browser, cast: Cast, supplier: Supplier) -> None:
    alice = client_of(cast.alice)
    context = alice.get("/suppliers/huaxun/").context
    row, month = context["months"][0], context["months"][0]["month"]
    for name, count in (("tickets", 3), ("decided", 3), ("missed", 1), ("breaches", 1)):
        listed = alice.get(row[f"{name}_url"])
        assert listed.context["total"] == count == getattr(month, name), name
    assert alice.get(row["tickets_url"]).context["seconds"] == timedelta(seconds=month.held)
    assert alice.get("/suppliers/huaxun/misses/").context["total"] == context["missed"] == 1
    assert alice.get("/suppliers/huaxun/targets/", {**MARCH, "outcome": "luck"}).status_code == 400
    assert alice.get("/suppliers/huaxun/tickets/", {"from": "yesterday"}).status_code == 400


@pytest.mark.req("SUP-03")
def test_reviews_stand_there_with_score_conclusion_and_the_next_quarter(
    client_of: Browser, cast: Cast, supplier: Supplier
) -> None:
    alice = client_of(cast.alice)
    assert "The next review is due by 2026-04-01" in text(alice, "/suppliers/huaxun/")
    doing: dict[str, Any] = {"actor": cast.mona.actor, "now": NOW}
    review: Review = reviews.plan(
        meeting="supplier", supplier=supplier, meets_at=NOW - DAY, period_from=date(2026, 1, 1),
        period_until=date(2026, 3, 8), chair=cast.mona, **doing,
    )  # fmt: skip
    assert review.number in text(alice, "/suppliers/huaxun/")
    review = reviews.grade(review, score=71, conclusion="Needs a second team.", **doing)
    reviews.record_meeting(review, held_at=NOW - DAY, **doing)
    page = text(alice, "/suppliers/huaxun/")
    assert "71 of 100" in page
    assert "Needs a second team." in page
    assert "The next review is due by 2026-06-10" in page
    assert "71 of 100" in text(alice, "/suppliers/")


@pytest.mark.req("SUP-05")
def test_a_report_is_recorded_compared_and_corrected(
    client_of: Browser, cast: Cast, supplier: Supplier
) -> None:
    mona, alice = client_of(cast.mona), client_of(cast.alice)
    with time_machine.travel(NOW + 30 * DAY, tick=False):
        mona, alice = client_of(cast.mona), client_of(cast.alice)
        assert "overdue" in text(alice, "/suppliers/huaxun/reports/")
        url = "/suppliers/huaxun/reports/uc-line/service_level/2026-03-01/2026-03-31/"
        assert "Record the report" in text(mona, url)
        entered = {
            "received_on": "2026-04-04", "value-0": "100", "handled-0": "3",
            "upload": SimpleUploadedFile("march.txt", b"all well"),
        }  # fmt: skip
        assert mona.post(url, {**entered, "received_on": ""}).status_code == 422
        assert mona.post(url, {**entered, "value-0": "101"}).status_code == 422
        entered["upload"] = SimpleUploadedFile("march.txt", b"all well")
        assert mona.post(url, entered).status_code == 302
        page = text(alice, url)
        assert "1 figure differs from ours" in page
        assert "+33.34" in page
        assert "Record the report" not in page
        assert alice.post(url, entered).status_code == 403
        document = Document.objects.get()
        got = alice.get(f"/suppliers/huaxun/documents/{document.pk}/")
        assert (b"".join(got.streaming_content), got["X-Content-Type-Options"]) == (b"all well", "nosniff")  # type: ignore[attr-defined]
        assert mona.post(url, {"received_on": "2026-04-05", "value-0": "66.66"}).status_code == 302
        assert "differs from ours" not in text(alice, url)
    assert SupplierReport.objects.get().received_on == date(2026, 4, 5)
    assert mona.get("/suppliers/huaxun/reports/uc-line/service_level/2026-03-02/x/").status_code == 404


@pytest.mark.req("SUP-02")
def test_files_are_kept_handed_out_and_taken_away(client_of: Browser, cast: Cast, supplier: Supplier) -> None:
    mona, alice = client_of(cast.mona), client_of(cast.alice)
    contract = Agreement.objects.get(code="uc-line")
    sent = {"upload": SimpleUploadedFile("signed.pdf", b"contract"), "agreement": contract.pk}
    assert alice.post("/suppliers/huaxun/documents/", sent).status_code == 403
    sent["upload"] = SimpleUploadedFile("signed.pdf", b"contract")
    assert mona.post("/suppliers/huaxun/documents/", sent).status_code == 302
    document = Document.objects.get()
    url = f"/suppliers/huaxun/documents/{document.pk}/"
    assert "signed.pdf" in text(alice, "/suppliers/huaxun/")
    assert alice.get(url).status_code == 200
    bad = {"upload": SimpleUploadedFile("run.exe", b"x")}
    assert mona.post("/suppliers/huaxun/documents/", bad).status_code == 422
    # the nightly sweep knows whose file it is
    path = files.path_of(document.key)
    assert path not in list(files.orphans(timezone.now() + 3 * DAY))
    assert mona.post(f"{url}remove/").status_code == 302
    assert alice.get(url).status_code == 404
    assert path.exists()


def test_a_supplier_is_entered_and_changed_and_the_second_writer_is_told(
    client_of: Browser, cast: Cast
) -> None:
    mona = client_of(cast.mona)
    facts = {"code": "huaxun", "name_en": "Huaxun", "kind": "external"}
    assert mona.post("/suppliers/new/", {**facts, "code": "requests"}).status_code == 422
    assert mona.post("/suppliers/new/", facts).headers["Location"] == "/suppliers/huaxun/"
    assert mona.post("/suppliers/new/", facts).status_code == 422
    change = {**facts, "contact": "Gao Yuan", "version": "1"}
    assert mona.post("/suppliers/huaxun/edit/", change).status_code == 302
    late = mona.post("/suppliers/huaxun/edit/", {**change, "contact": "Li Ming"})
    assert (late.status_code, "Li Ming" in late.content.decode()) == (409, True)
    assert Supplier.objects.get().contact == "Gao Yuan"
    alice = client_of(cast.alice)
    assert alice.post("/suppliers/huaxun/edit/", change).status_code == 403
    assert "/suppliers/huaxun/edit/" not in text(alice, "/suppliers/huaxun/")
    assert "Candidate" in text(alice, "/suppliers/")
    Supplier.objects.update(admission="admitted", is_active=True)
    mona.post("/suppliers/huaxun/edit/", {**facts, "is_active": "", "version": "2"})
    assert "Huaxun" not in text(alice, "/suppliers/")
    assert "Huaxun" in text(alice, "/suppliers/", all="1", q="hua")


def test_who_covers_some_customers_only_learns_of_no_supplier(
    client_of: Browser, cast: Cast, supplier: Supplier
) -> None:
    scoped = make_user("gina", cast.provider)
    Grant.objects.create(user=scoped, role=Role.MANAGER, organisation=cast.acme)
    gina = client_of(scoped)
    page = text(gina, "/suppliers/")
    assert "Huaxun" not in page
    assert "Suppliers concern every customer." in page
    for name in ("", "reports/", "tickets/", "targets/", "misses/"):
        assert gina.get(f"/suppliers/huaxun/{name}").status_code == 404
    assert gina.get("/suppliers/new/").status_code == 403
    for person in (cast.carla, cast.charlie):
        assert client_of(person).get("/suppliers/huaxun/").status_code == 302


@pytest.mark.req("SLM-26")
def test_the_need_of_a_supplier_is_decided_on_its_page_and_ends_with_a_contract(
    client_of: Browser, cast: Cast, supplier: Supplier
) -> None:
    mona = client_of(cast.mona)
    globex = Agreement.objects.create(code="globex-sla", customer=cast.globex, name_en="Globex SLA")
    agreements.draft(
        globex, terms={"calendar": "office", "targets": [target(8)]}, effective_from=NOW + 30 * DAY,
        actor=cast.mona.actor, now=NOW,
    )  # fmt: skip
    assert "Still to be decided" in text(mona, "/suppliers/requests/")
    page = "/suppliers/requests/?agreement=globex-sla"
    assert "Is an external service needed?" in text(mona, "/suppliers/requests/", agreement=str(globex.pk))
    assert mona.post(page, {"is_needed": "yes", "reason": "No line crew."}).status_code == 422
    said = {"is_needed": "yes", "reason": "No line crew.", "responsible": cast.bob.pk, "due_on": "2026-04-01"}
    assert mona.post(page, said).status_code == 302
    made = Procurement.objects.get()
    shown = text(mona, "/suppliers/requests/")
    assert "supplier to be selected" in shown
    assert "Still to be decided" not in shown
    contract = Agreement.objects.get(code="uc-line")
    assert mona.post(f"/suppliers/requests/{made.pk}/contract/", {"contract": "0"}).status_code == 422
    link = {"contract": contract.pk}
    assert mona.post(f"/suppliers/requests/{made.pk}/contract/", link).status_code == 302
    assert "contract agreed" in text(mona, page)
    assert mona.get("/suppliers/requests/?agreement=nobody").status_code == 404
    assert client_of(cast.alice).get("/suppliers/requests/").status_code == 403


def test_the_list_costs_the_same_however_many_suppliers_there_are(
    client_of: Browser, cast: Cast, supplier: Supplier
) -> None:
    alice = client_of(cast.alice)
    text(alice, "/suppliers/")
    with CaptureQueriesContext(connection) as few:
        text(alice, "/suppliers/")
    for n in range(3):
        make_contract(cast, make_supplier(code=f"s{n}", name_en=f"S{n}"), code=f"uc-{n}", reports=[MONTHLY])
    with CaptureQueriesContext(connection) as many:
        text(alice, "/suppliers/")
    assert len(many) == len(few)
