"""The assessment: five aspects, what is reached, and each promise about the services affected."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.access import Denied
from catalog.models import Service
from changes import assessing, deciding, lifecycle, risks, services, targets, writing
from changes.assessing import Judged
from changes.models import Assessment, Change, RiskEdition, TargetEffect
from changes.risk import DEFAULT
from cmdb.models import ItemService, Relation, RelationType
from records.lifecycle import IllegalMove
from sla.models import Agreement
from tests.cast import EARLY, MONDAY, Cast, make_agreement
from tests.changes.making import (
    HARMLESS,
    PLAN,
    RISKY,
    approved,
    assessed,
    begun,
    make_change,
    make_item,
    put_up,
)


def accepted(cast: Cast, **over: Any) -> Change:
    change = services.submit(make_change(cast, **over), actor=cast.bob.actor, now=MONDAY)
    return services.accept(change, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CHG-03")
def test_all_five_aspects_are_judged_with_words_before_it_is_put_up(cast: Cast) -> None:
    change = assessed(cast)
    change.assessments.filter(aspect__in=("security", "resources")).delete()
    with pytest.raises(ValidationError) as refused:
        deciding.put_up(change, actor=cast.mona.actor, now=MONDAY)
    assert "Security, Resources and cost" in str(refused.value.message_dict["assessment"])
    with pytest.raises(ValidationError):
        assessing.assess(change, {"security": Judged("none", " ")}, actor=cast.mona.actor, now=MONDAY)
    fine = Judged("slight", "A port is opened.")
    assessing.assess(change, {"security": fine, "resources": fine}, actor=cast.alice.actor, now=MONDAY)
    row = Assessment.objects.get(change=change, aspect="security")
    assert (row.judgement, row.words, row.judged_by) == ("slight", "A port is opened.", cast.alice)
    assert deciding.put_up(change, actor=cast.mona.actor, now=MONDAY).state == lifecycle.APPROVING


@pytest.mark.req("CHG-04")
def test_every_target_of_every_agreement_on_the_services_is_shown_and_judged(cast: Cast) -> None:
    acme = make_agreement(cast.calendar, cast.acme)
    change = accepted(cast)
    shown = targets.promised(change, now=MONDAY)
    assert {row.agreement for row in shown} == {cast.agreement.agreement, acme.agreement}
    assert len(shown) == 12
    assert "Resolution · all services · Priority 1: 4 working hours" in {row.name_en for row in shown}
    assert all(row.name_zh != row.name_en for row in shown)


@pytest.mark.req("CHG-04")
def test_one_promise_without_a_judgement_is_named_and_nobody_is_asked(cast: Cast) -> None:
    change = assessed(cast)
    TargetEffect.objects.get(change=change, target_key="resolution//2").delete()
    with pytest.raises(ValidationError) as refused:
        deciding.put_up(change, actor=cast.mona.actor, now=MONDAY)
    assert list(refused.value.message_dict) == ["targets"]
    words = refused.value.message_dict["targets"][0]
    assert "Agreement: Resolution · all services · Priority 2" in words
    assert "Priority 1" not in words
    assert not change.approvals.exists()


@pytest.mark.req("CHG-04")
def test_a_bad_effect_needs_words_and_a_strange_figure_is_refused(cast: Cast) -> None:
    change = accepted(cast)
    pk = cast.agreement.agreement_id
    for judged in (
        {(pk, "resolution//1"): Judged("missed", "")},
        {(pk, "resolution//1"): Judged("whatever", "x")},
        {(pk, "resolution//9"): Judged("none", "")},
        {(0, "resolution//1"): Judged("none", "")},
    ):
        with pytest.raises(ValidationError):
            assessing.judge_targets(change, judged, actor=cast.mona.actor, now=MONDAY)
    late = {(pk, "resolution//1"): Judged("missed", "Two hours without mail.")}
    assessing.judge_targets(change, late, actor=cast.mona.actor, now=MONDAY)
    row = TargetEffect.objects.get(change=change)
    assert (row.effect, row.words) == ("missed", "Two hours without mail.")


def test_a_change_of_one_customer_shows_no_other_customers_agreement(cast: Cast) -> None:
    make_agreement(cast.calendar, cast.acme)
    globex = make_agreement(cast.calendar, cast.globex)
    change = accepted(cast, customer=cast.acme)
    assert globex.agreement not in {row.agreement for row in targets.promised(change, now=MONDAY)}


def test_agreements_that_ended_or_have_not_begun_are_not_asked_about(cast: Cast) -> None:
    ended = make_agreement(cast.calendar, cast.acme)
    Agreement.objects.filter(pk=ended.agreement_id).update(ended_at=MONDAY - timedelta(days=1))
    later = make_agreement(cast.calendar, cast.globex, effective_from=MONDAY + timedelta(days=1))
    found = {row.agreement for row in targets.promised(accepted(cast), now=MONDAY)}
    assert found == {cast.agreement.agreement}
    assert later.agreement not in found


def test_services_are_found_through_what_the_items_reach(cast: Cast) -> None:
    store, server = make_item(cast, "store-01"), make_item(cast)
    ItemService.objects.filter(item=store).delete()
    kind = RelationType.objects.get(code="depends_on")
    Relation.objects.create(source=server, target=store, type=kind)
    change = accepted(cast, items=[store], services=[])
    assert [each.item_id for each in assessing.reached_items(change, actor=cast.mona.actor)] == [server.pk]
    assessing.refresh(change, actor=cast.mona.actor, now=MONDAY)
    row = change.change_services.get()
    assert (row.service, row.is_found) == (cast.mail, True)


def test_the_services_are_looked_up_again_when_it_is_put_up(cast: Cast) -> None:
    other = Service.objects.create(code="print", name_en="Printing", name_zh="打印")
    item = make_item(cast)
    change = assessed(cast, items=[item])
    ItemService.objects.create(item=item, service=other)
    put = deciding.put_up(change, actor=cast.mona.actor, now=MONDAY)
    assert set(put.change_services.values_list("service__code", flat=True)) == {"mail", "print"}


def test_nothing_is_judged_any_more_once_it_is_being_done(cast: Cast) -> None:
    change = begun(cast)
    with pytest.raises(IllegalMove):
        assessing.assess(change, {"users": Judged("none", "x")}, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(IllegalMove):
        writing.write(change, {"plan": "x"}, actor=cast.mona.actor, now=MONDAY)


def test_a_judgement_altered_after_the_approval_starts_it_anew(cast: Cast) -> None:
    change = approved(cast)
    judged = {"users": Judged("serious", "Everybody has to log in again.")}
    change = assessing.assess(change, judged, actor=cast.mona.actor, now=MONDAY)
    assert (change.state, change.round) == (lifecycle.APPROVING, 2)


# --- risk ------------------------------------------------------------------------------------


def test_all_questions_are_answered_and_the_missing_ones_named(cast: Cast) -> None:
    change = accepted(cast)
    with pytest.raises(ValidationError) as refused:
        risks.answer(change, {"reach": 1}, actor=cast.mona.actor, now=MONDAY)
    assert sorted(refused.value.message_dict) == ["backout", "experience", "parts", "security"]
    assert risks.answer(change, RISKY, actor=cast.mona.actor, now=MONDAY).risk == 4


@pytest.mark.req("CHG-13")
def test_an_old_answer_keeps_its_questions(cast: Cast) -> None:
    change = put_up(cast)
    definition = {**DEFAULT, "questions": DEFAULT["questions"][:1]}
    with pytest.raises(Denied):
        risks.write_edition(definition, reason="Shorter.", actor=cast.alice.actor, now=MONDAY)
    second = risks.write_edition(definition, reason="Shorter.", actor=cast.mona.actor, now=MONDAY)
    assert (second.number, risks.current(now=MONDAY)) == (2, second)
    change.refresh_from_db()
    assert change.risk_edition is not None
    assert change.risk_edition.number == 1
    assert change.risk_answers == HARMLESS
    newer = accepted(cast, title="Newer")
    assert risks.answer(newer, {"reach": 3}, actor=cast.mona.actor, now=MONDAY).risk == 4


def test_an_edition_is_never_changed(cast: Cast) -> None:
    edition = risks.current(now=MONDAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        RiskEdition.objects.filter(pk=edition.pk).update(definition={})
    assert risks.current(now=MONDAY).definition == DEFAULT


def test_a_wrong_edition_is_refused_with_its_place(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refused:
        risks.write_edition({**DEFAULT, "limits": [1]}, reason="x", actor=cast.mona.actor, now=MONDAY)
    assert "limits" in str(refused.value)
    with pytest.raises(ValidationError):
        risks.write_edition(DEFAULT, reason="Nothing new.", actor=cast.mona.actor, now=MONDAY)


def test_a_plan_in_the_past_or_backwards_is_refused(cast: Cast) -> None:
    change = assessed(cast)
    backwards = {"planned_start_at": PLAN["planned_end_at"], "planned_end_at": PLAN["planned_start_at"]}
    for times in (backwards, {"planned_end_at": None}, {"outage_from": EARLY}):
        with pytest.raises(ValidationError):
            writing.write(change, times, actor=cast.sven.actor, now=MONDAY)
    past = {"planned_start_at": MONDAY - timedelta(days=2), "planned_end_at": MONDAY - timedelta(days=1)}
    change = writing.write(change, past, actor=cast.sven.actor, now=MONDAY)
    with pytest.raises(ValidationError) as refused:
        deciding.put_up(change, actor=cast.mona.actor, now=MONDAY)
    assert list(refused.value.message_dict) == ["planned_start_at"]
