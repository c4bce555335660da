"""External service needed? The decision, its action, and the contract that ends it."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.access import Denied
from actions import lifecycle
from actions.models import Action
from agreements import services as agreements
from agreements.models import Edition
from records.models import Activity, Link
from sla.models import Agreement
from sourcing import services
from sourcing.models import Procurement
from tests.cast import MONDAY, Cast
from tests.sourcing.week import DAY, HOUR, make_contract, make_supplier, target

pytestmark = [pytest.mark.django_db, pytest.mark.req("SLM-26")]


@pytest.fixture
def edition(cast: Cast) -> Edition:
    agreement = Agreement.objects.create(code="acme-sla", customer=cast.acme, name_en="Acme SLA")
    terms = {"calendar": "office", "targets": [target(8)]}
    return agreements.draft(
        agreement, terms=terms, effective_from=MONDAY + 30 * DAY, actor=cast.mona.actor, now=MONDAY
    )


def decide(cast: Cast, edition: Edition, **over: Any) -> Procurement:
    facts: dict[str, Any] = {
        "is_needed": True, "reason": "Nobody of ours mends lines.", "responsible": cast.bob,
        "due_on": date(2026, 3, 20), "actor": cast.mona.actor, "now": MONDAY, **over,
    }  # fmt: skip
    return services.decide(edition, **facts)


def verbs(edition: Edition) -> list[str]:
    rows = Activity.objects.filter(record=edition.pk, verb__startswith="sourcing.").order_by("pk")
    return [row.verb for row in rows]


def test_yes_opens_an_action_that_is_done_when_the_contract_is_linked(cast: Cast, edition: Edition) -> None:
    made = decide(cast, edition)
    action = Action.objects.get()
    assert made.action == action
    assert (action.source, action.assignee, action.due_on) == ("supplier", cast.bob, date(2026, 3, 20))
    assert "Select a supplier and agree a UC" in action.title
    assert Link.objects.filter(source=action.pk, target=edition.pk, type="caused_by").exists()
    contract = make_contract(cast, make_supplier()).agreement
    linked = services.link_contract(made, contract=contract, actor=cast.mona.actor, now=MONDAY + DAY)
    assert (linked.contract, linked.linked_at) == (contract, MONDAY + DAY)
    action.refresh_from_db()
    assert (action.state, "Contract uc-line" in action.outcome) == (lifecycle.DONE, True)
    assert verbs(edition) == ["sourcing.needed", "sourcing.contract_linked"]
    with pytest.raises(ValidationError, match="linked already"):
        services.link_contract(made, contract=contract, actor=cast.mona.actor, now=MONDAY + DAY)


def test_no_is_recorded_with_reason_person_and_date_and_opens_nothing(cast: Cast, edition: Edition) -> None:
    made = decide(cast, edition, is_needed=False, reason="We do it ourselves.", responsible=None, due_on=None)
    assert (made.reason, made.decided_by, made.decided_at) == ("We do it ourselves.", cast.mona, MONDAY)
    assert not Action.objects.exists()
    assert verbs(edition) == ["sourcing.not_needed"]
    contract = make_contract(cast, make_supplier()).agreement
    with pytest.raises(ValidationError, match="no contract is asked for"):
        services.link_contract(made, contract=contract, actor=cast.mona.actor, now=MONDAY)


def test_a_later_decision_replaces_the_earlier_one_and_calls_its_action_off(
    cast: Cast, edition: Edition
) -> None:
    first = decide(cast, edition)
    decide(cast, edition, is_needed=False, reason="A colleague learnt it.", now=MONDAY + HOUR)
    first.refresh_from_db()
    assert first.replaced_at == MONDAY + HOUR
    assert Action.objects.get().state == lifecycle.CANCELLED
    assert Procurement.objects.filter(edition=edition, replaced_at=None).count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Procurement.objects.filter(pk=first.pk).update(replaced_at=None)


@pytest.mark.parametrize(
    ("field", "over"),
    [("reason", {"reason": " "}), ("responsible", {"responsible": None}), ("due_on", {"due_on": None}),
     ("due_on", {"due_on": date(2026, 3, 1)})],
)  # fmt: skip
def test_what_is_missing_is_named(cast: Cast, edition: Edition, field: str, over: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        decide(cast, edition, **over)
    assert set(refused.value.message_dict) == {field}
    assert not Procurement.objects.exists()


def test_only_managers_decide_and_only_about_what_is_being_made(cast: Cast, edition: Edition) -> None:
    with pytest.raises(Denied):
        decide(cast, edition, actor=cast.alice.actor)
    agreements.withdraw(edition, reason="Not wanted.", actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="being made"):
        decide(cast, edition)


def test_a_contract_without_a_signed_version_or_that_is_none_is_refused(cast: Cast, edition: Edition) -> None:
    made, supplier = decide(cast, edition), make_supplier()
    unsigned = Agreement.objects.create(code="uc-x", kind="uc", supplier=supplier, name_en="X")
    for contract, words in ((unsigned, "signed yet"), (cast.agreement.agreement, "with a supplier")):
        with pytest.raises(ValidationError, match=words):
            services.link_contract(made, contract=contract, actor=cast.mona.actor, now=MONDAY)
