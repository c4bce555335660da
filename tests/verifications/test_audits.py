"""Audits of the register: a sample that is fixed, a result per item, a report, and what follows from it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import InternalError, transaction
from django.utils import timezone

from accounts.access import Denied
from actions.models import Action
from catalog.models import Service
from changes.models import UnauthorisedChange
from cmdb import services as register
from cmdb.models import Item, ItemType
from cmdb.relating import name_service
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery, Link, Record
from records.services import get_record
from tests.cast import Cast
from tests.verifications.test_imports import make_item, make_type
from verifications import audits, following, sampling, scopes
from verifications.figures import figures_of
from verifications.models import AuditDifference, AuditEntry, ItemAudit


@pytest.fixture
def server(db: None) -> ItemType:
    return make_type()


def some(cast: Cast, server: ItemType, count: int = 10, **over: Any) -> list[Item]:
    return [
        make_item(cast, server, f"web-{n:02}", attributes={"serial": f"SN{n}"}, revision="1.0", **over)
        for n in range(count)
    ]


def planned(cast: Cast, server: ItemType, **over: Any) -> ItemAudit:
    """An audit of all servers by alice, planned by mona."""
    facts: dict[str, Any] = {
        "title": "Servers, quarter 4", "scope": scopes.make(types=[server], actor=cast.mona.actor),
        "auditor": cast.alice, "planned_on": timezone.localdate(), "sample": "every", "amount": 0,
        "actor": cast.mona.actor, "now": timezone.now(), **over,
    }  # fmt: skip
    return audits.plan(**facts)


def drawn(cast: Cast, server: ItemType, **over: Any) -> ItemAudit:
    audit = planned(cast, server, **over)
    return audits.draw(audit, actor=cast.alice.actor, now=timezone.now())


def check(cast: Cast, audit: ItemAudit, position: int, result: str, **over: Any) -> AuditEntry:
    entry = audit.entries.get(position=position)
    return audits.check(entry, result=result, actor=cast.alice.actor, now=timezone.now(), **over)


def checked(cast: Cast, server: ItemType) -> ItemAudit:
    """Three items: one agrees, one differs under control, one is not found; and one more was found."""
    some(cast, server, 3, owner=cast.bob)
    audit = drawn(cast, server)
    check(cast, audit, 1, "agrees")
    check(cast, audit, 2, "differs", found={"revision": "2.0", "site": "Hall 2"})
    check(cast, audit, 3, "not_found", note="Not in the rack it should be in.")
    audits.add_unregistered(
        audit, name="Unknown switch", note="Rack 7, no label.", actor=cast.alice.actor, now=timezone.now()
    )
    return audit


def approved(cast: Cast, server: ItemType) -> ItemAudit:
    audit = checked(cast, server)
    now = timezone.now()
    audits.conclude(audit, conclusion="One of three agrees.", actor=cast.alice.actor, now=now)
    return audits.approve(
        audit, due_on=timezone.localdate() + timedelta(days=14), actor=cast.mona.actor, now=now
    )


# --- planning ---------------------------------------------------------------------------------


@pytest.mark.req("CMDB-03")
def test_an_audit_is_planned_with_a_scope_an_auditor_who_is_told_and_a_day(
    cast: Cast, server: ItemType
) -> None:
    some(cast, server, 2)
    day = timezone.localdate() + timedelta(days=3)
    audit = planned(cast, server, planned_on=day)
    assert audit.number.startswith("CIA")
    assert (audit.assignee, audit.planned_on, audit.state) == (cast.alice, day, "planned")
    assert scopes.words(audit.scope) == "types: Server"
    told = Delivery.objects.filter(activity__record=audit, activity__verb="item_audit.open")
    assert cast.alice.pk in told.values_list("recipient", flat=True)


@pytest.mark.req("CMDB-03")
def test_nobody_audits_his_own_items_and_is_told_which_they_are(cast: Cast, server: ItemType) -> None:
    own = some(cast, server, 2, owner=cast.alice)
    with pytest.raises(ValidationError) as refused:
        planned(cast, server)
    numbers = ", ".join(sorted(item.number for item in own))
    words = f"Alice owns items of this scope ({numbers}) and cannot audit them."
    assert refused.value.message_dict == {"auditor": [words]}
    audit = planned(cast, server, auditor=cast.bob)
    register.add_item(
        item_type=server, name="late", owner=cast.bob, customer=cast.acme, actor=cast.mona.actor,
        now=timezone.now(),
    )  # fmt: skip
    with pytest.raises(ValidationError):
        audits.draw(audit, actor=cast.bob.actor, now=timezone.now())


def test_a_plan_that_makes_no_sense_is_refused_by_field(cast: Cast, server: ItemType) -> None:
    def field_of(**over: Any) -> set[str]:
        with pytest.raises(ValidationError) as refused:
            planned(cast, server, **over)
        return set(refused.value.message_dict)

    assert field_of() == {"scope"}
    some(cast, server, 1)
    assert field_of(title=" ") == {"title"}
    assert field_of(planned_on=timezone.localdate() - timedelta(days=1)) == {"planned_on"}
    assert field_of(sample="share", amount=101) == {"amount"}
    assert field_of(auditor=cast.rita) == {"auditor"}
    with pytest.raises(Denied):
        planned(cast, server, actor=cast.alice.actor)


# --- the sample -------------------------------------------------------------------------------


@pytest.mark.req("CMDB-03")
def test_the_sample_is_drawn_by_a_stored_seed_and_fixed_at_the_start(cast: Cast, server: ItemType) -> None:
    some(cast, server, 10)
    audit = drawn(cast, server, sample="share", amount=30)
    audit.refresh_from_db()
    numbers = list(audit.entries.order_by("position").values_list("number", flat=True))
    assert len(numbers) == 3
    assert numbers == sampling.draw(audit.population, 3, audit.seed)
    item = Item.objects.get(number=numbers[0])
    register.alter_item(item, {"site": "elsewhere"}, actor=cast.mona.actor, now=timezone.now())
    make_item(cast, server, "new")
    assert list(audit.entries.order_by("position").values_list("number", flat=True)) == numbers
    assert audit.entries.get(number=numbers[0]).expected["site"] == ""
    with pytest.raises(IllegalMove):
        audits.draw(audit, actor=cast.alice.actor, now=timezone.now())
    with pytest.raises(InternalError), transaction.atomic():
        AuditEntry.objects.filter(audit=audit).update(expected={})


def test_only_the_auditor_draws_checks_and_concludes(cast: Cast, server: ItemType) -> None:
    some(cast, server, 1)
    audit = planned(cast, server)
    now = timezone.now()
    with pytest.raises(Denied):
        audits.draw(audit, actor=cast.mona.actor, now=now)
    audits.draw(audit, actor=cast.alice.actor, now=now)
    entry = audit.entries.get()
    with pytest.raises(Denied):
        audits.check(entry, result="agrees", actor=cast.mona.actor, now=now)
    with pytest.raises(Denied):
        audits.conclude(audit, conclusion="Fine.", actor=cast.bob.actor, now=now)


@pytest.mark.req("CMDB-03")
def test_who_came_to_own_an_item_or_checked_one_neither_checks_it_nor_approves(
    cast: Cast, server: ItemType
) -> None:
    first, second = some(cast, server, 2)
    audit = drawn(cast, server)
    Item.objects.filter(pk=first.pk).update(owner=cast.alice)
    with pytest.raises(ValidationError) as refused:
        check(cast, audit, 1, "agrees")
    assert refused.value.message_dict == {"result": ["You own this item and cannot audit it."]}
    Item.objects.filter(pk=first.pk).update(owner=None)
    check(cast, audit, 1, "agrees")
    Record.objects.filter(pk=audit.pk).update(assignee=cast.mona)  # handed over by the desk
    audit.refresh_from_db()
    now = timezone.now()
    audits.check(audit.entries.get(position=2), result="agrees", actor=cast.mona.actor, now=now)
    audits.conclude(audit, conclusion="All agree.", actor=cast.mona.actor, now=now)
    Record.objects.filter(pk=audit.pk).update(assignee=cast.alice)
    audit.refresh_from_db()
    with pytest.raises(Denied):
        audits.approve(audit, due_on=timezone.localdate(), actor=cast.mona.actor, now=now)
    assert second.pk


def test_another_auditor_and_size_until_the_sample_is_drawn(cast: Cast, server: ItemType) -> None:
    some(cast, server, 4)
    audit = planned(cast, server)
    how: dict[str, Any] = {"planned_on": audit.planned_on, "actor": cast.mona.actor, "now": timezone.now()}
    audits.replan(audit, auditor=cast.bob, sample="count", amount=2, **how)
    audit.refresh_from_db()
    assert (audit.assignee, audit.sample, audit.amount) == (cast.bob, "count", 2)
    audits.draw(audit, actor=cast.bob.actor, now=timezone.now())
    assert audit.entries.count() == 2
    with pytest.raises(IllegalMove):
        audits.replan(audit, auditor=cast.alice, sample="every", amount=0, **how)


# --- checking ---------------------------------------------------------------------------------


@pytest.mark.req("CMDB-03")
def test_each_item_gets_a_result_with_the_facts_that_differ(cast: Cast, server: ItemType) -> None:
    audit = checked(cast, server)
    entry = audit.entries.get(result="differs")
    rows = {row.fact: row for row in entry.differences.all()}
    assert {fact: (row.expected, row.found, row.is_controlled) for fact, row in rows.items()} == {
        "revision": ("1.0", "2.0", True), "site": ("", "Hall 2", False),
    }  # fmt: skip
    assert entry.is_unauthorised
    figures = figures_of(audit)
    assert {k: figures[k] for k in ("sample", "agrees", "differs", "not_found", "unregistered")} == {
        "sample": 3, "agrees": 1, "differs": 1, "not_found": 1, "unregistered": 1,
    }  # fmt: skip
    assert (figures["differences"], figures["controlled"], figures["accuracy"]) == (2, 1, 33.3)


def test_what_is_found_is_read_by_the_kind_of_the_fact_and_must_differ(cast: Cast, server: ItemType) -> None:
    some(cast, server, 1)
    audit = drawn(cast, server)

    def refusal(**over: Any) -> dict[str, list[str]]:
        with pytest.raises(ValidationError) as refused:
            check(cast, audit, 1, **{"result": "differs", **over})
        found: dict[str, list[str]] = refused.value.message_dict
        return found

    assert refusal(found={"attributes.ram": "much"}) == {"attributes.ram": ["“much” is no number."]}
    assert set(refusal(found={"revision": "1.0"})) == {"result"}
    assert set(refusal(found={"nonsense": "1"})) == {"nonsense"}
    assert set(refusal(result="not_found")) == {"note"}
    assert set(refusal(result="perhaps")) == {"result"}
    entry = check(cast, audit, 1, "differs", found={"revision": "-"}, is_unauthorised=False)
    assert entry.differences.get().found == ""
    assert not entry.is_unauthorised


def test_a_result_may_be_said_anew_until_the_audit_is_concluded(cast: Cast, server: ItemType) -> None:
    audit = checked(cast, server)
    check(cast, audit, 2, "agrees")
    assert not AuditDifference.objects.filter(entry__audit=audit).exists()
    audits.drop_unregistered(
        audit.entries.get(result="unregistered"), actor=cast.alice.actor, now=timezone.now()
    )
    assert figures_of(audit)["unregistered"] == 0
    audits.conclude(audit, conclusion="Two agree.", actor=cast.alice.actor, now=timezone.now())
    with pytest.raises(IllegalMove):
        check(cast, audit, 2, "not_found", note="Gone.")


# --- the report -------------------------------------------------------------------------------


@pytest.mark.req("CMDB-03")
def test_an_audit_is_concluded_once_every_item_is_checked_and_its_figures_are_fixed(
    cast: Cast, server: ItemType
) -> None:
    some(cast, server, 2)
    audit = drawn(cast, server)
    check(cast, audit, 1, "agrees")
    with pytest.raises(ValidationError) as refused:
        audits.conclude(audit, conclusion="Fine.", actor=cast.alice.actor, now=timezone.now())
    assert refused.value.message_dict == {"conclusion": ["1 items are not checked yet."]}
    check(cast, audit, 2, "agrees")
    audit = audits.conclude(audit, conclusion="All agree.", actor=cast.alice.actor, now=timezone.now())
    assert (audit.state, audit.figures["agrees"], audit.figures["accuracy"]) == ("reported", 2, 100.0)
    assert Delivery.objects.filter(activity__verb="item_audit.conclude_audit", recipient=cast.mona).exists()


@pytest.mark.req("CMDB-03")
def test_a_report_is_approved_by_a_manager_who_is_not_the_auditor_or_sent_back(
    cast: Cast, server: ItemType
) -> None:
    audit = checked(cast, server)
    now, due = timezone.now(), timezone.localdate()
    audits.conclude(audit, conclusion="One agrees.", actor=cast.alice.actor, now=now)
    for person in (cast.alice, cast.bob):
        with pytest.raises(Denied):
            audits.approve(audit, due_on=due, actor=person.actor, now=now)
    audits.send_back(audit, reason="Look in rack 8.", actor=cast.mona.actor, now=now)
    audits.conclude(audit, conclusion="One agrees.", actor=cast.alice.actor, now=now)
    assert audits.approve(audit, due_on=due, actor=cast.mona.actor, now=now).state == "approved"


@pytest.mark.req("CMDB-03")
def test_with_the_approval_every_difference_becomes_work_of_the_items_owner_once(
    cast: Cast, server: ItemType
) -> None:
    audit = approved(cast, server)
    made = Action.objects.filter(source="audit").order_by("pk")
    assert [action.assignee for action in made] == [cast.bob, cast.bob, cast.mona]
    assert "1.0 → 2.0" in made[0].description
    assert Link.objects.filter(target=audit, type="caused_by", source__in=made).count() == 3
    following.open_work(audit, due_on=timezone.localdate(), actor=cast.mona.actor, now=timezone.now())
    assert Action.objects.filter(source="audit").count() == 3
    assert Activity.objects.get(record=audit, verb="item_audit.approve_audit").data["actions"] == 3


@pytest.mark.req("CHG-10")
def test_what_was_altered_without_a_change_is_counted_as_an_unauthorised_change_once(
    cast: Cast, server: ItemType
) -> None:
    audit = approved(cast, server)
    found = UnauthorisedChange.objects.get()
    assert (found.item, found.cause_id) == (audit.entries.get(result="differs").item, audit.pk)
    assert "1.0 → 2.0" in found.found
    following.open_work(audit, due_on=timezone.localdate(), actor=cast.mona.actor, now=timezone.now())
    assert UnauthorisedChange.objects.count() == 1


@pytest.mark.req("CMDB-03")
def test_that_a_fact_was_put_right_is_remarked_once_after_the_approval(cast: Cast, server: ItemType) -> None:
    audit = approved(cast, server)
    row = AuditDifference.objects.get(fact="revision")
    now = timezone.now()
    following.correct(row, remark="Entered by CHG0000001.", actor=cast.bob.actor, now=now)
    following.correct(row, remark="Again.", actor=cast.alice.actor, now=now)
    row.refresh_from_db()
    assert (row.remark, row.corrected_by) == ("Entered by CHG0000001.", cast.bob)
    assert Activity.objects.filter(record=audit, verb="item_audit.corrected").count() == 1


def test_an_audit_that_is_called_off_says_why(cast: Cast, server: ItemType) -> None:
    some(cast, server, 1)
    audit = planned(cast, server)
    with pytest.raises(ValidationError):
        audits.call_off(audit, reason=" ", actor=cast.mona.actor, now=timezone.now())
    audits.call_off(audit, reason="The hall is closed.", actor=cast.mona.actor, now=timezone.now())
    with pytest.raises(IllegalMove):
        audits.draw(audit, actor=cast.alice.actor, now=timezone.now())


# --- who sees it ------------------------------------------------------------------------------


def test_customers_see_no_audit_and_a_scoped_manager_those_of_his_customers(
    cast: Cast, server: ItemType
) -> None:
    some(cast, server, 1)
    everything = planned(cast, server)
    scope = scopes.make(types=[server], customer=cast.acme, actor=cast.mona.actor)
    acmes = planned(cast, server, scope=scope)
    for person in (cast.carla, cast.rita, cast.charlie):
        assert not Record.objects.visible_to(person.actor).filter(kind="item_audit").exists()
    cast.mona.grants.update(organisation=cast.acme)
    mona = type(cast.mona).objects.get(pk=cast.mona.pk).actor
    assert list(ItemAudit.objects.visible_to(mona)) == [acmes]
    assert get_record(cast.alice.actor, everything.number).pk == everything.pk
    with pytest.raises(ValidationError):
        scopes.make(types=[server], actor=mona)


def test_a_scope_is_of_types_services_a_customer_or_chosen_items(cast: Cast, server: ItemType) -> None:
    first, second, third = some(cast, server, 3)
    other = make_item(cast, ItemType.objects.create(code="pc", name_en="PC"), "pc-1", customer=cast.globex)
    name_service(first, Service.objects.get(code="mail"), actor=cast.mona.actor, now=timezone.now())
    register.retire(third, actor=cast.mona.actor, now=timezone.now(), authority=_free(third))

    def items(**by: Any) -> set[int]:
        scope = scopes.make(**by, actor=cast.mona.actor)
        return set(scopes.items_of(scope, cast.mona.actor).values_list("pk", flat=True))

    assert items(types=[server]) == {first.pk, second.pk}
    assert items(services=[cast.mail]) == {first.pk}
    assert items(customer=cast.globex) == {other.pk}
    assert items(numbers=[second.number.lower(), other.number]) == {second.pk, other.pk}
    with pytest.raises(ValidationError) as refused:
        scopes.make(numbers=["SRV999999"], actor=cast.mona.actor)
    assert "SRV999999" in refused.value.messages[0]


def _free(item: Item) -> Any:
    from cmdb.authority import Authority

    return Authority("CHG0000001", frozenset({item.pk}), is_approved=True)
