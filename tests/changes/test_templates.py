"""Models of standard changes: four eyes, frozen, withdrawn; and unauthorised changes."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.access import Denied, Role
from accounts.models import Grant
from changes import lifecycle, services, templates, unauthorised
from changes.models import Change, ChangeTemplate, UnauthorisedChange
from records.models import Link, Record
from tests.cast import MONDAY, Cast, make_incident, make_user
from tests.changes.making import TEMPLATE, make_change, make_item, make_template


def propose(cast: Cast) -> ChangeTemplate:
    return templates.propose(code="gateway", facts=TEMPLATE, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CHG-15")
def test_a_model_is_approved_by_somebody_else_than_who_wrote_it(cast: Cast) -> None:
    model = propose(cast)
    with pytest.raises(ValidationError):
        make_change(cast, category=lifecycle.STANDARD, template=model)
    with pytest.raises(ValidationError):
        templates.approve(model, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(Denied):
        templates.approve(model, actor=cast.alice.actor, now=MONDAY)
    assert templates.approve(model, actor=cast.admin.actor, now=MONDAY).state == "approved"
    assert make_change(cast, category=lifecycle.STANDARD, template=model).plan == TEMPLATE["plan"]


def test_who_writes_last_does_not_approve(cast: Cast) -> None:
    model = templates.amend(propose(cast), TEMPLATE, actor=cast.admin.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        templates.approve(model, actor=cast.admin.actor, now=MONDAY)
    assert templates.approve(model, actor=cast.mona.actor, now=MONDAY).approved_by == cast.mona


@pytest.mark.req("CHG-13")
def test_an_approved_model_is_frozen_in_the_database_too(cast: Cast) -> None:
    model = make_template(cast)
    with pytest.raises(ValidationError):
        templates.amend(model, TEMPLATE, actor=cast.mona.actor, now=MONDAY)
    for over in ({"plan": "Other"}, {"state": "proposed"}, {"approved_by": cast.bob}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ChangeTemplate.objects.filter(pk=model.pk).update(**over)
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeTemplate.objects.filter(pk=model.pk).delete()


@pytest.mark.req("CHG-15")
def test_a_withdrawn_model_is_taken_no_more(cast: Cast) -> None:
    model = make_template(cast)
    draft = make_change(cast, category=lifecycle.STANDARD, template=model)
    templates.withdraw(model, reason="It went wrong twice.", actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        services.take_standard(draft, actor=cast.bob.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        make_change(cast, category=lifecycle.STANDARD, template=model)


def test_a_new_edition_takes_the_place_of_the_old_one(cast: Cast) -> None:
    old = make_template(cast)
    new = templates.propose(
        code=old.code, facts={**TEMPLATE, "plan": "Better."}, actor=cast.mona.actor, now=MONDAY
    )
    assert (new.edition, ChangeTemplate.objects.get(pk=old.pk).state) == (2, "approved")
    templates.approve(new, actor=cast.admin.actor, now=MONDAY)
    assert ChangeTemplate.objects.get(pk=old.pk).state == "withdrawn"


def test_a_model_without_a_plan_or_its_test_is_refused(cast: Cast) -> None:
    facts = {**TEMPLATE, "plan": " ", "test_words": ""}
    with pytest.raises(ValidationError) as refused:
        templates.propose(code="x", facts=facts, actor=cast.mona.actor, now=MONDAY)
    assert sorted(refused.value.message_dict) == ["plan", "test_words"]


# --- unauthorised ----------------------------------------------------------------------------


@pytest.mark.req("CHG-10")
def test_an_unauthorised_change_is_recorded_once_by_its_cause_and_counted(cast: Cast) -> None:
    item, cause = make_item(cast), make_incident(cast)
    for _ in range(2):
        unauthorised.record(item=item, found="Revision 9", cause=cause, actor=cast.mona.actor, now=MONDAY)
    assert UnauthorisedChange.objects.visible_to(cast.mona.actor).open().count() == 1
    assert not UnauthorisedChange.objects.visible_to(cast.carla.actor).exists()
    with pytest.raises(Denied):
        unauthorised.record(item=item, found="x", cause=None, actor=cast.carla.actor, now=MONDAY)


@pytest.mark.req("CHG-10")
def test_it_becomes_a_regular_emergency_change_or_is_backed_out(cast: Cast) -> None:
    item, cause = make_item(cast), make_incident(cast)
    row = unauthorised.record(item=item, found="Revision 9", cause=cause, actor=cast.mona.actor, now=MONDAY)
    with pytest.raises(Denied):
        unauthorised.back_out(row, words="x", actor=cast.alice.actor, now=MONDAY)
    change = unauthorised.regularise(
        row, title="Revision 9 of mail-01", reason="It is needed.", expected_effect="As it is.",
        actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    assert (change.category, change.description) == (lifecycle.EMERGENCY, "Revision 9")
    assert change.change_items.get().item == item
    assert Link.objects.filter(source=change.pk, target=cause.pk, type=Link.Type.CAUSED_BY).exists()
    row.refresh_from_db()
    assert (row.state, row.change, row.settled_by) == ("regular", change, cast.mona)
    with pytest.raises(ValidationError):
        unauthorised.back_out(row, words="Too late.", actor=cast.mona.actor, now=MONDAY)
    other = unauthorised.record(item=item, found="A port", cause=None, actor=cast.alice.actor, now=MONDAY)
    done = unauthorised.back_out(other, words="Closed again.", actor=cast.mona.actor, now=MONDAY)
    assert done.state == "backed_out"
    assert Change.objects.count() == 1


def test_who_works_for_one_customer_does_not_see_what_another_ones_ticket_brought_to_light(
    cast: Cast,
) -> None:
    item, cause = make_item(cast), make_incident(cast)
    unauthorised.record(item=item, found="Port 25", cause=cause, actor=cast.mona.actor, now=MONDAY)
    leo = make_user("leo", cast.provider)
    Grant.objects.create(user=leo, role=Role.AGENT, organisation=cast.globex)
    assert UnauthorisedChange.objects.shown_to(leo.actor).get().cause is None
    assert UnauthorisedChange.objects.shown_to(cast.mona.actor).get().cause == Record.objects.get(pk=cause.pk)
