"""Baselines: the items of a scope as they were, kept for good, and how the present differs."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import InternalError, transaction
from django.utils import timezone

from accounts.access import Denied
from cmdb import services as register
from cmdb.models import Item, ItemType, Relation, RelationType
from tests.cast import Cast
from tests.verifications.test_audits import _free
from tests.verifications.test_imports import make_item, make_type
from verifications import baselines, scopes
from verifications.models import Baseline, BaselineItem, BaselineRelation


@pytest.fixture
def server(db: None) -> ItemType:
    return make_type()


def relate(cast: Cast, source: Item, target: Item, code: str = "depends_on") -> None:
    kind = RelationType.objects.get(code=code)
    register.relate(source, target, kind, actor=cast.mona.actor, now=timezone.now())


def take(cast: Cast, **over: Any) -> Baseline:
    scope = over.pop("scope", None) or scopes.make(actor=cast.mona.actor, **over)
    return baselines.take(
        name_en="Before the move", name_zh="搬迁前", scope=scope, actor=cast.mona.actor, now=timezone.now()
    )


@pytest.mark.req("CMDB-13")
def test_a_baseline_keeps_facts_and_relations_and_is_compared_with_the_present(
    cast: Cast, server: ItemType
) -> None:
    web = make_item(cast, server, "web", attributes={"ram": 64, "vendor": "huawei"})
    data = make_item(cast, server, "data")
    gone = make_item(cast, server, "gone")
    relate(cast, web, data)
    taken = take(cast, types=[server])
    assert (taken.item_count, taken.relation_count) == (3, 1)
    assert taken.items.get(item=web).facts["attributes.vendor"]["zh"] == "华为"
    assert baselines.difference(taken, None, cast.mona.actor).is_none
    now, mona = timezone.now(), cast.mona.actor
    register.alter_item(web, {"attributes": {"ram": 128}, "site": "Hall 2"}, actor=mona, now=now)
    register.retire(gone, authority=_free(gone), actor=mona, now=now)
    new = make_item(cast, server, "new")
    register.unrelate(Relation.objects.get(source=web), actor=mona, now=now)
    relate(cast, web, new)
    found = baselines.difference(taken, None, mona)
    assert (found.added, found.gone) == ((new.number,), (gone.number,))
    assert [(each.fact, each.before, each.after) for each in found.altered] == [
        ("attributes.ram", 64, 128), ("site", "", "Hall 2"),
    ]  # fmt: skip
    assert found.related == ((web.number, "depends_on", new.number),)
    assert found.unrelated == ((web.number, "depends_on", data.number),)


@pytest.mark.req("CMDB-13")
def test_two_baselines_are_compared_with_each_other(cast: Cast, server: ItemType) -> None:
    web = make_item(cast, server, "web")
    first = take(cast, types=[server])
    register.alter_item(web, {"name": "www"}, actor=cast.mona.actor, now=timezone.now())
    second = take(cast, types=[server])
    register.alter_item(web, {"name": "other"}, actor=cast.mona.actor, now=timezone.now())
    found = baselines.difference(first, second, cast.mona.actor)
    assert [(each.before, each.after) for each in found.altered] == [("web", "www")]


@pytest.mark.req("CMDB-13")
def test_the_database_keeps_a_baseline_from_being_changed(cast: Cast, server: ItemType) -> None:
    relate(cast, make_item(cast, server, "a"), make_item(cast, server, "b"))
    take(cast, types=[server])
    for model, change in (
        (Baseline, {"name_en": "x"}), (BaselineItem, {"facts": {}}), (BaselineRelation, {"type": "x"}),
    ):  # fmt: skip
        with pytest.raises(InternalError), transaction.atomic():
            model._default_manager.update(**change)
        with pytest.raises(InternalError), transaction.atomic():
            model._default_manager.all()._raw_delete("default")


def test_a_baseline_of_nothing_without_a_name_or_by_an_agent_is_refused(cast: Cast, server: ItemType) -> None:
    with pytest.raises(ValidationError) as refused:
        take(cast, types=[server])
    assert set(refused.value.message_dict) == {"scope"}
    make_item(cast, server, "a")
    scope = scopes.make(types=[server], actor=cast.mona.actor)
    with pytest.raises(ValidationError):
        baselines.take(name_en=" ", scope=scope, actor=cast.mona.actor, now=timezone.now())
    with pytest.raises(Denied):
        baselines.take(name_en="x", scope=scope, actor=cast.alice.actor, now=timezone.now())


def test_a_baseline_of_one_customer_names_no_other_customers_items(cast: Cast, server: ItemType) -> None:
    ours = make_item(cast, server, "ours")
    theirs = make_item(cast, server, "theirs", customer=cast.globex)
    relate(cast, ours, theirs)
    acmes = take(cast, customer=cast.acme)
    everything = take(cast, types=[server])
    assert (acmes.item_count, acmes.relation_count) == (1, 0)
    assert everything.relation_count == 1
    cast.mona.grants.update(organisation=cast.acme)
    mona = type(cast.mona).objects.get(pk=cast.mona.pk).actor
    assert list(Baseline.objects.visible_to(mona)) == [acmes]
    assert not Baseline.objects.visible_to(cast.carla.actor).exists()
