"""Admission conditions: checked with evidence, decided by somebody else, and when a proof ends."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, InternalError, transaction

import agreements.beginning
from accounts.access import Denied, Role
from actions.models import Action
from records.models import Delivery
from sla.models import Agreement
from sourcing import admission, contracts, tenders, upkeep
from sourcing.models import Check, Decision, Document
from suppliers import conditions, services
from suppliers.conditions import Asked
from suppliers.models import Condition, Supplier
from tests.cast import MONDAY, Cast, make_user
from tests.sourcing.week import DAY, make_contract, make_supplier

pytestmark = [pytest.mark.django_db, pytest.mark.req("SUP-01")]
ASKED = (Asked("Business licence", "营业执照", True, True), Asked("Three references", "三个案例"))
UNTIL = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _on_monday() -> Any:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def nora(cast: Cast) -> Any:
    """The second pair of eyes."""
    return make_user("nora", cast.provider, Role.MANAGER)


def publish(cast: Cast, *asked: Asked, number: int = 0, **over: Any) -> Any:
    facts: dict[str, Any] = {
        "note": "",
        "expected_number": number,
        "actor": cast.mona.actor,
        "now": MONDAY,
        **over,
    }
    return conditions.publish("external", asked or ASKED, **facts)


def candidate(cast: Cast) -> Supplier:
    return services.enter(code="novus", name_en="Novus", name_zh="新海", actor=cast.mona.actor)


def check(cast: Cast, supplier: Supplier, n: int, **over: Any) -> Check:
    condition = conditions.current(supplier.kind).conditions.get(position=n)  # type: ignore[union-attr]
    proof = {"upload": SimpleUploadedFile("licence.pdf", b"x"), "valid_until": UNTIL} if n == 1 else {}
    facts: dict[str, Any] = {
        "is_met": True, "evidence": "Seen in the original.", "actor": cast.mona.actor, "now": MONDAY,
        **proof, **over,
    }  # fmt: skip
    return admission.check(supplier, condition, **facts)


def admit(supplier: Supplier, actor: Any, now: Any = MONDAY) -> Decision:
    return admission.decide(supplier, is_admitted=True, reason="", actor=actor, now=now)


def test_a_supplier_becomes_active_only_when_all_is_checked_and_met_and_another_decides(
    cast: Cast, nora: Any
) -> None:
    publish(cast)
    supplier = candidate(cast)
    assert (supplier.is_active, supplier.admission) == (False, "candidate")
    with pytest.raises(ValidationError, match=r"Business licence .not checked.; Three references"):
        admit(supplier, nora.actor)
    check(cast, supplier, 1)
    check(cast, supplier, 2, is_met=False, evidence="One only.")
    with pytest.raises(ValidationError, match=r"Three references .not met."):
        admit(supplier, nora.actor)
    check(cast, supplier, 2)
    with pytest.raises(ValidationError, match="somebody else must"):
        admit(supplier, cast.mona.actor)
    made = admit(supplier, nora.actor)
    supplier.refresh_from_db()
    assert (supplier.is_active, supplier.admission, supplier.admitted_until) == (True, "admitted", UNTIL)
    assert (made.decided_by, made.decided_at, made.valid_until) == (nora, MONDAY, UNTIL)
    kept = Check.objects.get(pk=made.checks[0])
    assert (kept.checked_by, kept.checked_at, kept.evidence) == (cast.mona, MONDAY, "Seen in the original.")
    assert kept.document == Document.objects.get()


def test_no_other_way_makes_a_candidate_active(cast: Cast) -> None:
    supplier = candidate(cast)
    with pytest.raises(ValidationError, match="by its admission"):
        services.change(supplier, {"is_active": True}, actor=cast.mona.actor, expected_version=None)
    with pytest.raises(ValidationError, match="by its admission"):
        services.enter(code="x", name_en="X", is_active=True, actor=cast.mona.actor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Supplier.objects.filter(pk=supplier.pk).update(is_active=True)
    with pytest.raises(ValidationError, match="No conditions are made"):
        admit(supplier, cast.admin.actor)


def test_what_was_there_before_stays_active_with_the_note_that_nothing_was_checked(cast: Cast) -> None:
    old = make_supplier()
    assert (old.is_active, old.admission) == (True, "unchecked")
    assert old.may_contract(MONDAY.date())
    from importlib import import_module

    from django.apps import apps

    import_module("suppliers.migrations.0004_note_unchecked").note_unchecked(apps, None)
    old.refresh_from_db()
    assert "conditions were not checked" in old.admission_note
    assert old.is_active
    # switched off, it comes back by admission only
    services.change(old, {"is_active": False}, actor=cast.mona.actor, expected_version=None)
    with pytest.raises(ValidationError, match="by its admission"):
        services.change(old, {"is_active": True}, actor=cast.mona.actor, expected_version=None)


@pytest.mark.parametrize(
    ("field", "n", "over"),
    [
        ("evidence", 2, {"evidence": " "}), ("document", 1, {"upload": None}),
        ("valid_until", 1, {"valid_until": None}), ("valid_until", 1, {"valid_until": date(2026, 3, 1)}),
    ],
)  # fmt: skip
def test_a_check_without_its_proof_is_refused(cast: Cast, field: str, n: int, over: Any) -> None:
    publish(cast)
    with pytest.raises(ValidationError) as refused:
        check(cast, candidate(cast), n, **over)
    assert set(refused.value.message_dict) == {field}
    assert not Check.objects.exists()


def test_conditions_are_editions_of_which_the_newest_holds_and_none_changes(cast: Cast, nora: Any) -> None:
    first = publish(cast)
    supplier = candidate(cast)
    old = check(cast, supplier, 1)
    with pytest.raises(ValidationError, match="Say why the conditions change"):
        publish(cast, number=1)
    with pytest.raises(ValidationError, match="Somebody made another edition"):
        publish(cast, number=0, note="Late.")
    second = publish(cast, Asked("Insurance", "保险"), number=1, note="Insurance instead.")
    assert (first.number, second.number, conditions.current("external")) == (1, 2, second)
    with pytest.raises(ValidationError, match="Another edition"):
        admission.check(supplier, old.condition, is_met=True, evidence="x", actor=cast.mona.actor, now=MONDAY)
    assert [row.state for row in admission.standing(supplier, MONDAY)] == ["open"]
    with pytest.raises(InternalError), transaction.atomic():
        Condition.objects.update(name_en="Softer")
    with pytest.raises(InternalError), transaction.atomic():
        Check.objects.update(is_met=True)
    with pytest.raises(Denied):
        conditions.publish("external", ASKED, note="x", expected_number=2, actor=cast.alice.actor, now=MONDAY)


def test_a_proof_that_ends_warns_then_lapses_and_never_switches_off_what_runs(cast: Cast, nora: Any) -> None:
    publish(cast)
    supplier = candidate(cast)
    check(cast, supplier, 1)
    check(cast, supplier, 2)
    admit(supplier, nora.actor)
    supplier.refresh_from_db()
    make_contract(cast, supplier)
    assert upkeep.tell(now=MONDAY) == 0
    near = MONDAY + timedelta(days=100)
    with time_machine.travel(near, tick=False):
        assert (upkeep.tell(now=near), upkeep.tell(now=near)) == (1, 0)
        [warned] = Action.objects.all()
        assert "2026-06-30" in warned.title
        assert Delivery.objects.filter(activity__record=warned.pk, recipient=warned.assignee).exists()
    after = MONDAY + timedelta(days=130)
    with time_machine.travel(after, tick=False):
        assert (upkeep.tell(now=after), upkeep.tell(now=after)) == (1, 0)
        assert supplier.has_lapsed(after.date())
        assert "no new contract" in Action.objects.latest("pk").title
        # no new contract, no new order
        begin: dict[str, Any] = {"kind": "uc", "name_en": "Another", "name_zh": "", "supplier": supplier}
        with pytest.raises(ValidationError, match="admission has lapsed"):
            agreements.beginning.begin(**begin, actor=cast.mona.actor)
        assert supplier not in tenders.eligible(after.date())
        # what runs goes on
        supplier.refresh_from_db()
        assert supplier.is_active
        assert contracts.load([supplier], after)[supplier.pk][0].state == contracts.IN_FORCE
        # renewed, checked and decided again
        check(cast, supplier, 1, valid_until=date(2027, 6, 30), now=after)
        admit(supplier, nora.actor, now=after)
        supplier.refresh_from_db()
        assert agreements.beginning.begin(
            **{**begin, "supplier": supplier}, actor=cast.mona.actor
        ).kind == Agreement.Kind.UC  # fmt: skip


def test_a_decision_against_it_keeps_the_reason_and_the_candidate(cast: Cast, nora: Any) -> None:
    publish(cast)
    supplier = candidate(cast)
    with pytest.raises(ValidationError, match="Say why it is not admitted"):
        admission.decide(supplier, is_admitted=False, reason=" ", actor=nora.actor, now=MONDAY)
    admission.decide(supplier, is_admitted=False, reason="No licence.", actor=nora.actor, now=MONDAY)
    supplier.refresh_from_db()
    assert (supplier.is_active, supplier.admission) == (False, "candidate")
    assert Decision.objects.get().reason == "No licence."


def test_the_pages_show_check_decision_and_warning(client_of: Any, cast: Cast, nora: Any) -> None:
    mona, second, alice = client_of(cast.mona), client_of(nora), client_of(cast.alice)
    rows: dict[str, Any] = {
        "rows-TOTAL_FORMS": "4", "rows-INITIAL_FORMS": "0", "rows-MIN_NUM_FORMS": "0",
        "rows-MAX_NUM_FORMS": "30", "number": "0", "note": "", "rows-0-name_en": "Licence",
        "rows-0-name_zh": "执照", "rows-0-needs_document": "on", "rows-0-expires": "on",
        "rows-1-name_en": "References",
    }  # fmt: skip
    assert alice.get("/suppliers/conditions/external/").status_code == 403
    assert mona.post("/suppliers/conditions/external/", {**rows, "rows-2-name_zh": "无"}).status_code == 422
    assert mona.post("/suppliers/conditions/external/", rows).status_code == 302
    assert "Licence" in mona.get("/suppliers/conditions/").content.decode()
    assert mona.get("/suppliers/conditions/cheap/").status_code == 404
    candidate(cast)
    url = "/suppliers/novus/admission/"
    assert "2 conditions are not met" in alice.get(url).content.decode()
    first, other = Condition.objects.order_by("pk")
    words = {"is_met": "yes", "evidence": "Seen.", "valid_until": "2026-04-01"}
    assert mona.post(f"{url}{first.pk}/", words).status_code == 422
    sent = {**words, "upload": SimpleUploadedFile("l.pdf", b"x")}
    assert mona.post(f"{url}{first.pk}/", sent).status_code == 302
    assert mona.post(f"{url}{other.pk}/", {"is_met": "yes", "evidence": "Asked."}).status_code == 302
    assert alice.post(f"{url}{other.pk}/", {"is_met": "yes", "evidence": "x"}).status_code == 403
    assert "somebody else decides" in mona.get(url).content.decode()
    assert mona.post(f"{url}decide/", {"is_admitted": "yes"}).status_code == 422
    assert second.post(f"{url}decide/", {"is_admitted": "yes"}).status_code == 302
    page = alice.get("/suppliers/novus/").content.decode()
    assert "The admission ends on 2026-04-01" in page
    with time_machine.travel(MONDAY + 40 * DAY, tick=False):
        assert "The admission lapsed after 2026-04-01" in client_of(cast.alice).get(url).content.decode()
