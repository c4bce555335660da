"""Adding and altering items: numbers, control, versions, history, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.access import Denied, Role
from accounts.models import Grant, User
from cmdb import services
from cmdb.authority import Authority
from cmdb.models import Alteration, Item, ItemType
from tests.cast import MONDAY, Cast, make_user
from tests.cmdb.made import a_type, an_attribute, an_item, approved

LATER = MONDAY + timedelta(hours=1)


def alter(cast: Cast, item: Item, by: User | None = None, **over: Any) -> Item:
    how = {key: over.pop(key) for key in ("authority", "expected_version") if key in over}
    return services.alter_item(item, over, actor=(by or cast.mona).actor, now=LATER, **how)


@pytest.mark.req("CMDB-01")
@pytest.mark.parametrize(
    ("category", "prefix"),
    [
        ("hardware", "HW"),
        ("software", "SW"),
        ("document", "DOC"),
        ("user", "USR"),
        ("process", "PRC"),
        ("service", "SVC"),
    ],
)
def test_items_cover_six_categories_and_are_numbered_by_them(cast: Cast, category: str, prefix: str) -> None:
    item = an_item(cast, item_type=a_type(category, category))
    assert item.type.category == category
    assert item.number.startswith(prefix)
    assert len(item.number) == len(prefix) + 6
    assert item.number.removeprefix(prefix).isdigit()


@pytest.mark.req("CMDB-02")
def test_an_item_has_owner_state_number_and_history(cast: Cast) -> None:
    item = an_item(cast, owner=cast.alice, state="planned", site="Room 1")
    assert (item.owner, item.state, item.is_active) == (cast.alice, "planned", True)
    alter(cast, item, site="Room 2")
    done = list(Alteration.objects.of([item.pk]))
    assert [(a.act, a.actor, a.before, a.after) for a in done[:1]] == [
        ("altered", cast.mona, {"site": "Room 1"}, {"site": "Room 2"})
    ]
    assert done[1].act == "added"
    assert done[1].after["owner"] == cast.alice.label


@pytest.mark.req("CMDB-02")
def test_a_plain_row_gets_a_number_too_and_keeps_it(cast: Cast) -> None:
    kind = ItemType.objects.create(code="own", name_en="Own", prefix="OWN")
    one = Item.objects.create(name="A", type=kind)
    two, three = Item.objects.bulk_create([Item(name=name, type=kind) for name in "BC"])
    assert [row.number for row in (one, two, three)] == ["OWN000001", "OWN000002", "OWN000003"]
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Item.objects.filter(pk=one.pk).update(number="OWN000009")


def test_a_number_that_was_brought_along_does_not_count(cast: Cast) -> None:
    kind = ItemType.objects.create(code="own", name_en="Own", prefix="OWN")
    Item.objects.create(name="A", type=kind, number="XY-7")
    assert Item.objects.get().number == "OWN000001"


def test_what_is_stored_as_inactive_is_retired(cast: Cast) -> None:
    assert Item.objects.create(name="Old", type=a_type(), is_active=False).state == "in_use"
    assert Item.objects.get(name="Old").state == "retired"


@pytest.mark.req("CMDB-05")
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"state": "maintenance"}, "state"),
        ({"revision": "2.0"}, "revision"),
        ({"owner": None}, "owner"),
        ({"attributes": {"firmware": "7"}}, "attributes.firmware"),
    ],
)
@pytest.mark.parametrize(
    ("authority", "why"),
    [
        (None, "no_change"),
        (Authority("CHG0000001", frozenset(), is_approved=True), "not_named"),
        (Authority("CHG0000001", frozenset(), is_approved=False), "not_approved"),
    ],
)
def test_controlled_facts_need_an_approved_change_that_names_the_item(
    cast: Cast, facts: dict[str, Any], field: str, authority: Authority | None, why: str
) -> None:
    an_attribute(a_type(), "firmware", is_controlled=True)
    item = an_item(cast, owner=cast.alice)
    with pytest.raises(ValidationError) as refused:
        alter(cast, item, authority=authority, **facts)
    assert list(refused.value.message_dict) == [field]
    row = Alteration.objects.get(item=item, is_refused=True)
    assert (row.refusal, row.actor, row.authority) == (why, cast.mona, authority.number if authority else "")
    assert list(row.after) == [field.partition(".")[0]]
    item.refresh_from_db()
    assert (item.state, item.revision, item.owner, item.attributes) == ("in_use", "", cast.alice, {})
    done = alter(cast, item, by=cast.alice, authority=approved(item), **facts)
    assert done.version == 2
    assert Alteration.objects.of([item.pk])[0].authority == "CHG0000001"


@pytest.mark.req("CMDB-05")
def test_who_may_not_is_refused_and_that_is_kept(cast: Cast) -> None:
    item = an_item(cast)
    with pytest.raises(Denied):
        alter(cast, item, by=cast.bob, site="Elsewhere")
    row = Alteration.objects.get(item=item, is_refused=True)
    assert (row.refusal, row.actor, row.after) == ("not_permitted", cast.bob, {"site": "Elsewhere"})


def test_the_owner_alters_what_is_not_under_control(cast: Cast) -> None:
    item = an_item(cast, owner=cast.bob)
    assert alter(cast, item, by=cast.bob, site="Elsewhere").site == "Elsewhere"
    with pytest.raises(Denied):
        alter(cast, item, by=cast.bob, is_important=True)


def test_a_leader_of_one_customer_alters_neither_anothers_nor_shared_items(cast: Cast) -> None:
    boss = make_user("boss", cast.provider)
    Grant.objects.create(user=boss, role=Role.MANAGER, organisation=cast.acme)
    ours, theirs, shared = (
        an_item(cast, f"X-{customer}", customer=customer) for customer in (cast.acme, cast.globex, None)
    )
    boss = User.objects.get(pk=boss.pk)
    assert alter(cast, ours, by=boss, site="2").site == "2"
    for item in (theirs, shared):
        with pytest.raises(Denied):
            alter(cast, item, by=boss, site="2")


def test_a_stale_version_is_refused(cast: Cast) -> None:
    item = an_item(cast)
    alter(cast, item, site="2", expected_version=1)
    with pytest.raises(services.Stale) as stale:
        alter(cast, item, site="3", expected_version=1)
    assert stale.value.item.version == 2


def test_what_is_so_already_is_no_alteration(cast: Cast) -> None:
    item = an_item(cast, owner=cast.alice)
    assert alter(cast, item, state="in_use", owner=cast.alice, attributes={}).version == 1
    assert Alteration.objects.filter(item=item).count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "Other"}, "name"),
        ({"state": "broken"}, "state"),
        ({"number": "HW000009"}, "number"),
        ({"attributes": {"wheels": 4}}, "attributes.wheels"),
        ({"attributes": {"ram": "much"}}, "attributes.ram"),
    ],
)
def test_wrong_input_is_refused_by_field(cast: Cast, facts: dict[str, Any], field: str) -> None:
    an_attribute(a_type(), "ram", kind="number")
    an_item(cast, "Other")
    item = an_item(cast)
    with pytest.raises(ValidationError) as refused:
        alter(cast, item, **facts)
    assert list(refused.value.message_dict) == [field]
    assert not Alteration.objects.filter(is_refused=True).exists()


def test_a_customer_cannot_own_an_item(cast: Cast) -> None:
    item = an_item(cast)
    with pytest.raises(ValidationError) as refused:
        alter(cast, item, owner=cast.rita, authority=approved(item))
    assert list(refused.value.message_dict) == ["owner"]


@pytest.mark.req("CMDB-02")
def test_retiring_takes_a_change_and_makes_the_item_inactive(cast: Cast) -> None:
    item = an_item(cast)
    with pytest.raises(ValidationError):
        services.retire(item, actor=cast.mona.actor, now=LATER)
    done = services.retire(item, authority=approved(item), actor=cast.mona.actor, now=LATER)
    assert (done.state, done.is_active) == ("retired", False)


def test_history_is_never_changed(cast: Cast) -> None:
    an_item(cast)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Alteration.objects.update(authority="CHG0000009")


@pytest.mark.req("CMDB-05")
@pytest.mark.django_db(transaction=True)
def test_a_refusal_survives_the_transaction_around_it(cast: Cast) -> None:
    item = an_item(cast)
    with pytest.raises(ValidationError), transaction.atomic():
        alter(cast, item, state="maintenance")
    assert Alteration.objects.filter(item=item, is_refused=True, refusal="no_change").count() == 1
