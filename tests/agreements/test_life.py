"""The life of an agreement, from draft to its end, and everything that is refused on the way."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

import amendments.services
from accounts.access import Denied
from accounts.models import User
from agreements import checks, ending, follow_up, keepers, lifecycle, services, tasks
from agreements.models import Countersignature, Edition, FollowUp, Keeper, Signature
from records.lifecycle import IllegalMove
from records.models import Activity, Record
from records.services import Stale
from sla import editions
from sla.models import Agreement, AgreementVersion, Clock
from sla.terms import SECTIONS, Terms
from tests.amendments import acts
from tests.cast import EARLY, MONDAY, Cast, make_incident

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
METHOD = {"en": "from the tickets", "zh": "依据工单"}
TERMS: dict[str, Any] = {
    "calendar": "office",
    "targets": [
        {
            "metric": "resolution",
            "promise": {"kind": "business_seconds", "seconds": 8 * 3600},
            "method": METHOD,
        }
    ],
    "sections": {code: {"en": "Words", "zh": "文字"} for code in SECTIONS},
}


def terms(**over: Any) -> dict[str, Any]:
    return {**deepcopy(TERMS), **over}


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


def draft(cast: Cast, agreement: Agreement, **over: Any) -> Edition:
    facts = {
        "terms": terms(),
        "effective_from": MONDAY,
        "actor": cast.mona.actor,
        "now": MONDAY - DAY,
        **over,
    }
    return services.draft(agreement, **facts)


def to_sign(cast: Cast, edition: Edition) -> Edition:
    """Reviewed by the administrator, checked, offered and agreed to."""
    mona, admin, now = cast.mona.actor, cast.admin.actor, MONDAY - DAY
    current = services.submit(edition, reviewers=[cast.admin], actor=mona, now=now)
    for row in current.countersignatures.all():
        services.countersign(current, result="approved", comment="", actor=row.reviewer.actor, now=now)
    services.check_legality(current, result="passed", note="", actor=admin, now=now)
    current = services.offer(fresh(current), actor=mona, now=now)
    return services.agree(current, note="Carla, by letter", actor=mona, now=now)


def sign(cast: Cast, edition: Edition, party: str, by: User | None = None) -> Signature:
    return services.sign(
        edition, party=party, person="Somebody", role="Director", signed_on=(MONDAY - DAY).date(),
        actor=(by or cast.admin).actor, now=MONDAY - DAY,
    )  # fmt: skip


def in_force(cast: Cast, edition: Edition) -> Edition:
    current = to_sign(cast, edition)
    for party in Signature.Party.values:
        sign(cast, current, party)
    if amendments.services.current(current):
        acts.approve(cast, current, now=MONDAY)
    return services.activate(fresh(current), actor=cast.mona.actor, now=MONDAY)


def fresh(edition: Edition) -> Edition:
    found: Edition = Edition.objects.get(pk=edition.pk)
    return found


def ola(cast: Cast, hours: int) -> Agreement:
    """The desk's promise to solve within so many working hours."""
    made = Agreement.objects.create(code="ola-desk", kind="ola", team=cast.desk, name_en="Desk OLA")
    promise = {"kind": "business_seconds", "seconds": hours * 3600}
    editions.publish(
        made, Terms.parse(terms(targets=[{"metric": "resolution", "promise": promise, "method": METHOD}])),
        effective_from=EARLY, effective_until=None, actor=cast.system, now=EARLY,
    )  # fmt: skip
    return made


def resting_on_the_desk() -> dict[str, Any]:
    found = terms()
    found["targets"][0]["underpinned_by"] = [{"agreement": "ola-desk", "target": "resolution//"}]
    return found


# --- the way through ---------------------------------------------------------------------------


@pytest.mark.req("SLM-14", "SLM-17", "SLM-18", "SLM-45")
def test_an_agreement_goes_from_draft_to_force_and_new_tickets_are_measured_by_it(
    cast: Cast, agreement: Agreement
) -> None:
    before = make_incident(cast, now=MONDAY - timedelta(hours=1))
    edition = in_force(cast, draft(cast, agreement))
    assert edition.state == lifecycle.IN_FORCE
    version = AgreementVersion.objects.get(agreement=agreement)
    assert edition.signed_version == version
    assert version.effective_from == MONDAY
    after = make_incident(cast, now=MONDAY + timedelta(hours=1))
    assert {c.agreement_version for c in Clock.objects.filter(record=after.pk)} == {version}
    assert version not in {c.agreement_version for c in Clock.objects.filter(record=before.pk)}
    log = list(Activity.objects.filter(record=edition.pk).order_by("pk").values_list("verb", flat=True))
    assert log == [
        "agreement.open", "agreement.submit", "agreement.countersign", "agreement.check_legality",
        "agreement.offer", "agreement.agree", "agreement.sign", "agreement.sign", "agreement.activate",
    ]  # fmt: skip


@pytest.mark.req("SLM-23", "SLM-44")
def test_an_amendment_supersedes_and_asks_every_ola_behind_it(cast: Cast, agreement: Agreement) -> None:
    desk = ola(cast, 4)
    first = in_force(cast, draft(cast, agreement, terms=resting_on_the_desk()))
    assert not follow_up.open_items(agreement).exists()
    second = draft(
        cast, agreement, terms=resting_on_the_desk(), effective_from=MONDAY + DAY, change_reason="New hours"
    )
    in_force(cast, second)
    services.roll(agreement, actor=cast.system, now=MONDAY + DAY)
    assert fresh(first).state == lifecycle.SUPERSEDED
    assert fresh(second).state == lifecycle.IN_FORCE
    item = follow_up.open_items(agreement).get()
    assert (item.agreement, item.kind) == (desk, FollowUp.Kind.AMEND)
    with pytest.raises(ValidationError, match="No later version"):
        follow_up.finish(item, outcome="amended", reason="", actor=cast.mona.actor, now=MONDAY + DAY)
    with pytest.raises(ValidationError, match="not affected"):
        follow_up.finish(item, outcome="unaffected", reason=" ", actor=cast.mona.actor, now=MONDAY + DAY)
    follow_up.finish(
        item, outcome="unaffected", reason="Same figures", actor=cast.mona.actor, now=MONDAY + DAY
    )
    assert not follow_up.open_items(agreement).exists()
    with pytest.raises(ValidationError, match="finished already"):
        follow_up.finish(item, outcome="unaffected", reason="x", actor=cast.mona.actor, now=MONDAY + DAY)


@pytest.mark.req("SLM-24", "SLM-46")
def test_a_terminated_agreement_counts_no_more_and_starts_the_end_of_what_is_behind_it(
    cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 4)
    edition = in_force(cast, draft(cast, agreement, terms=resting_on_the_desk()))
    with pytest.raises(ValidationError, match="why the agreement ends"):
        services.terminate(edition, reason="", at=MONDAY + DAY, actor=cast.mona.actor, now=MONDAY)
    services.terminate(edition, reason="Customer left", at=MONDAY + DAY, actor=cast.mona.actor, now=MONDAY)
    assert follow_up.open_items(agreement).get().kind == FollowUp.Kind.END
    late = make_incident(cast, now=MONDAY + 2 * DAY)
    assert Clock.objects.filter(record=late.pk, agreement_version__agreement=agreement).count() == 0
    with pytest.raises(ValidationError, match="was terminated"):
        draft(
            cast, Agreement.objects.get(pk=agreement.pk), change_reason="again", now=MONDAY + 2 * DAY,
            effective_from=MONDAY + 3 * DAY,
        )  # fmt: skip
    with pytest.raises(IllegalMove):
        services.terminate(fresh(edition), reason="x", at=MONDAY + DAY, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("SLM-20")
def test_an_edition_expires_at_its_end(cast: Cast, agreement: Agreement) -> None:
    edition = in_force(cast, draft(cast, agreement, effective_until=MONDAY + DAY))
    services.roll(agreement, actor=cast.system, now=MONDAY + DAY - timedelta(seconds=1))
    assert fresh(edition).state == lifecycle.IN_FORCE
    for _ in range(2):
        services.roll(agreement, actor=cast.system, now=MONDAY + DAY)
        assert fresh(edition).state == lifecycle.EXPIRED


@pytest.mark.req("SLM-20")
def test_the_task_lets_what_ran_out_expire_once(cast: Cast, agreement: Agreement) -> None:
    edition = in_force(cast, draft(cast, agreement, effective_until=MONDAY + DAY))
    for _ in range(2):  # MONDAY lies in the past of the task's clock
        tasks.roll()
    assert fresh(edition).state == lifecycle.EXPIRED
    assert Activity.objects.filter(record=edition.pk, verb="agreement.expire").count() == 1


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.req("SLM-12", "SLM-13", "SLM-15")
@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"sections": {}}, "Introduction"),
        ({"targets": []}, "no quantified target"),
        (
            {"targets": [{"metric": "resolution", "promise": {"kind": "business_seconds", "seconds": 60}}]},
            "how these targets are measured: Resolution · all services",
        ),
        (
            {"services": ["mail"], "targets": [{**TERMS["targets"][0], "service": "other"}]},
            "services have no quantified target: E-mail",
        ),
    ],
)
def test_an_incomplete_draft_cannot_be_submitted(
    cast: Cast, agreement: Agreement, over: dict[str, Any], words: str
) -> None:
    edition = draft(cast, agreement, terms=terms(**over))
    with pytest.raises(ValidationError, match=words):
        services.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    assert fresh(edition).state == lifecycle.DRAFT


@pytest.mark.req("SLM-17")
def test_nothing_is_offered_before_every_reviewer_has_approved(cast: Cast, agreement: Agreement) -> None:
    edition = services.submit(
        draft(cast, agreement), reviewers=[cast.admin, cast.alice], actor=cast.mona.actor, now=MONDAY
    )
    services.countersign(edition, result="approved", comment="", actor=cast.admin.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="Not yet approved by Alice"):
        services.offer(fresh(edition), actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="what you object to"):
        services.countersign(edition, result="objected", comment="", actor=cast.admin.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="not asked to review"):
        services.countersign(edition, result="approved", comment="", actor=cast.mona.actor, now=MONDAY)


def test_the_author_reviews_checks_and_signs_nothing_of_his_own(cast: Cast, agreement: Agreement) -> None:
    edition = draft(cast, agreement)
    with pytest.raises(ValidationError, match="other than the author"):
        services.submit(edition, reviewers=[cast.mona], actor=cast.mona.actor, now=MONDAY)
    current = services.submit(edition, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="a second person must"):
        services.check_legality(current, result="passed", note="", actor=cast.mona.actor, now=MONDAY)
    services.send_back(fresh(current), reason="Again", actor=cast.mona.actor, now=MONDAY)
    signing = to_sign(cast, fresh(edition))
    with pytest.raises(ValidationError, match="a second person must"):
        sign(cast, signing, "provider", by=cast.mona)


@pytest.mark.req("SLM-14")
def test_nobody_signs_what_was_not_checked_and_nobody_signs_twice(cast: Cast, agreement: Agreement) -> None:
    signing = to_sign(cast, draft(cast, agreement))
    Edition.objects.filter(pk=signing.pk).update(legality="failed")
    with pytest.raises(ValidationError, match="breaks no law"):
        sign(cast, signing, "provider")
    Edition.objects.filter(pk=signing.pk).update(legality="passed")
    sign(cast, signing, "provider")
    with pytest.raises(ValidationError, match="signed already"):
        sign(cast, signing, "provider")
    with pytest.raises(ValidationError, match="the other party is missing"):
        services.activate(fresh(signing), actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("SLM-21", "SLM-22")
def test_a_looser_promise_behind_a_target_blocks_until_somebody_else_decides(
    cast: Cast, agreement: Agreement
) -> None:
    ola(cast, 16)
    signing = to_sign(cast, draft(cast, agreement, terms=resting_on_the_desk()))
    sign(cast, signing, "counterparty")
    with pytest.raises(ValidationError, match="Resolution · all services stands a looser promise"):
        sign(cast, signing, "provider")
    assert not AgreementVersion.objects.filter(agreement=agreement).exists()
    with pytest.raises(ValidationError, match="a second person must"):
        services.excuse(
            signing, target_key="resolution//", reason="So be it", actor=cast.mona.actor, now=MONDAY
        )
    with pytest.raises(ValidationError, match="nothing to accept here"):
        services.excuse(signing, target_key="closure//", reason="x", actor=cast.admin.actor, now=MONDAY)
    services.excuse(
        signing, target_key="resolution//", reason="Until June", actor=cast.admin.actor, now=MONDAY
    )
    sign(cast, signing, "provider")
    assert services.activate(fresh(signing), actor=cast.mona.actor, now=MONDAY).state == lifecycle.IN_FORCE
    kept = fresh(signing).exceptions.get()
    assert (kept.decided_by, kept.reason) == (cast.admin, "Until June")


@pytest.mark.req("SLM-21", "SLM-22")
def test_what_cannot_be_judged_blocks_until_somebody_else_decides(cast: Cast, agreement: Agreement) -> None:
    desk = ola(cast, 4)
    signing = to_sign(cast, draft(cast, agreement, terms=resting_on_the_desk()))
    for party in Signature.Party.values:
        sign(cast, signing, party)
    Agreement.objects.filter(pk=desk.pk).update(ended_at=EARLY + DAY)
    with pytest.raises(ValidationError, match="Resolution · all services stands something that cannot be"):
        services.activate(fresh(signing), actor=cast.mona.actor, now=MONDAY)
    services.excuse(
        signing, target_key="resolution//", reason="It is being renewed", actor=cast.admin.actor, now=MONDAY
    )
    assert services.activate(fresh(signing), actor=cast.mona.actor, now=MONDAY).state == lifecycle.IN_FORCE


@pytest.mark.req("SLM-21", "SLM-22")
def test_an_ola_that_would_leave_an_agreement_in_force_carried_by_less_is_refused(
    cast: Cast, agreement: Agreement
) -> None:
    desk = ola(cast, 4)
    in_force(cast, draft(cast, agreement, terms=resting_on_the_desk()))
    slower = terms()
    slower["targets"][0]["promise"]["seconds"] = 9 * 3600
    facts = {"effective_from": MONDAY + DAY, "change_reason": "Fewer people"}
    for part, who in (
        (Keeper.Part.PROVIDING_DEPARTMENT, cast.alice),
        (Keeper.Part.RECEIVING_DEPARTMENT, cast.bob),
    ):
        keepers.name(part, who, agreement=desk, actor=cast.mona.actor, now=MONDAY)
    signing = to_sign(cast, draft(cast, desk, terms=slower, **facts))
    sign(cast, signing, "counterparty")
    with pytest.raises(ValidationError, match="Behind Acme SLA: Resolution · all services stands a looser"):
        sign(cast, signing, "provider")
    services.excuse(
        signing, target_key="acme#resolution//", reason="Until June", actor=cast.admin.actor, now=MONDAY
    )
    log = Activity.objects.get(record=signing.pk, verb="agreement.excuse")
    assert log.data["target"]["en"] == "Acme SLA: Resolution · all services"
    sign(cast, signing, "provider")
    assert services.activate(fresh(signing), actor=cast.mona.actor, now=MONDAY).state == lifecycle.IN_FORCE


def test_what_was_signed_is_void_when_it_goes_back_to_draft(cast: Cast, agreement: Agreement) -> None:
    signing = to_sign(cast, draft(cast, agreement))
    sign(cast, signing, "counterparty")
    back = services.send_back(fresh(signing), reason="Price", actor=cast.mona.actor, now=MONDAY)
    assert back.state == lifecycle.DRAFT
    assert not back.signatures.exists()
    assert fresh(back).legality == ""
    services.submit(back, reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY)
    assert Countersignature.objects.get(edition=back.pk).result == ""


def test_of_two_managers_editing_one_draft_the_second_is_told(cast: Cast, agreement: Agreement) -> None:
    edition = draft(cast, agreement)
    changed = terms(review_months=6)
    services.revise(
        edition, {"terms": changed}, actor=cast.mona.actor, now=MONDAY, expected_version=edition.version
    )
    with pytest.raises(Stale):
        services.revise(
            edition, {"terms": terms(review_months=3)}, actor=cast.admin.actor, now=MONDAY,
            expected_version=edition.version,
        )  # fmt: skip
    assert fresh(edition).terms["review_months"] == 6
    parts = Activity.objects.get(record=edition.pk, verb="agreement.revise").data["parts"]
    assert parts["en"] == "Reviews"


def test_terms_are_changed_in_a_draft_only(cast: Cast, agreement: Agreement) -> None:
    signing = to_sign(cast, draft(cast, agreement))
    with pytest.raises(IllegalMove):
        services.revise(
            fresh(signing), {"terms": terms(review_months=6)}, actor=cast.mona.actor, now=MONDAY,
            expected_version=None,
        )  # fmt: skip


def test_there_is_one_edition_in_the_making(cast: Cast, agreement: Agreement) -> None:
    first = draft(cast, agreement)
    with pytest.raises(ValidationError, match=f"{first.number} is being made already"):
        draft(cast, agreement, change_reason="Twice")
    services.withdraw(first, reason="Not needed", actor=cast.mona.actor, now=MONDAY)
    assert draft(cast, agreement, change_reason="Anew").edition_number == 2


def test_dates_and_terms_that_make_no_sense_are_refused_with_their_field(
    cast: Cast, agreement: Agreement
) -> None:
    with pytest.raises(ValidationError) as refused:
        draft(cast, agreement, effective_until=MONDAY)
    assert list(refused.value.message_dict) == ["effective_until"]
    with pytest.raises(ValidationError, match=r"targets\[0\].metric"):
        draft(cast, agreement, terms=terms(targets=[{**TERMS["targets"][0], "metric": "speed"}]))
    assert checks.terms(TERMS).targets[0].key == "resolution//"


@pytest.mark.req("SLM-09", "SLM-20")
def test_two_agreements_of_one_customer_may_not_be_in_force_at_once(cast: Cast, agreement: Agreement) -> None:
    first = in_force(cast, draft(cast, agreement, effective_until=MONDAY + 30 * DAY))
    other = Agreement.objects.create(
        code="acme-2", customer=cast.acme, name_en="Acme again", name_zh="又一份"
    )
    with pytest.raises(ValidationError, match="Acme SLA is in force for this customer at the same time"):
        services.submit(draft(cast, other), reviewers=[cast.admin], actor=cast.mona.actor, now=MONDAY - DAY)
    services.withdraw(Edition.objects.get(agreement=other), reason="x", actor=cast.mona.actor, now=MONDAY)
    later = draft(cast, other, effective_from=MONDAY + 30 * DAY, change_reason="After the first")
    assert in_force(cast, later).state == lifecycle.IN_FORCE
    assert fresh(first).state == lifecycle.IN_FORCE


@pytest.mark.req("SLM-46")
def test_a_planned_end_makes_room_for_the_next_agreement(cast: Cast, agreement: Agreement) -> None:
    first = in_force(cast, draft(cast, agreement))
    end = MONDAY + 9 * DAY
    ending.request(first, reason="A new contract", at=end, actor=cast.mona.actor, now=MONDAY)
    other = Agreement.objects.create(
        code="acme-2", customer=cast.acme, name_en="Acme again", name_zh="又一份"
    )
    assert in_force(cast, draft(cast, other, effective_from=end)).state == lifecycle.IN_FORCE


def test_targets_that_rest_on_each_other_are_refused(cast: Cast, agreement: Agreement) -> None:
    ola(cast, 4)
    circular = terms()
    circular["targets"][0]["underpinned_by"] = [{"agreement": "acme", "target": "resolution//"}]
    signing = to_sign(cast, draft(cast, agreement, terms=circular))
    with pytest.raises(ValidationError, match="this is a circle: Acme SLA"):
        sign(cast, signing, "provider")


def test_only_managers_make_agreements_and_customers_see_none_of_it(cast: Cast, agreement: Agreement) -> None:
    with pytest.raises(Denied):
        draft(cast, agreement, actor=cast.alice.actor)
    with pytest.raises(Denied):
        draft(cast, agreement, actor=cast.carla.actor)
    edition = draft(cast, agreement)
    with pytest.raises(Denied):
        services.submit(edition, reviewers=[cast.admin], actor=cast.alice.actor, now=MONDAY)
    for person in (cast.carla, cast.rita, cast.charlie):
        assert not Record.objects.visible_to(person.actor).filter(pk=edition.pk).exists()
    assert Record.objects.visible_to(cast.mona.actor).filter(pk=edition.pk).exists()
    assert not Record.objects.visible_to(cast.mona.actor).tickets().filter(pk=edition.pk).exists()


def test_an_edition_has_no_clocks(cast: Cast, agreement: Agreement) -> None:
    edition = in_force(cast, draft(cast, agreement))
    assert not Clock.objects.filter(record=edition.pk).exists()
