"""Impact over stored relations: by type, in both directions, within what one may see."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Role
from accounts.models import Grant, User
from cmdb import impact, services
from cmdb.models import Item, Relation
from tests.cast import MONDAY, Cast, make_user
from tests.cmdb.made import a_type, an_item, approved, relation_type

WAYS = {
    "runs_on": ("impact", "backward"),
    "depends_on": ("impact", "backward"),
    "uses": ("impact", "backward"),
    "part_of": ("impact", "forward"),
}


def names(cast: Cast, item: Item, direction: impact.Direction) -> list[str]:
    found = impact.reached([item.pk], direction=direction, actor=cast.alice.actor)
    items = Item.objects.in_bulk([each.item_id for each in found])
    return [items[each.item_id].name for each in found]


def tie(cast: Cast, source: Item, kind: str, target: Item) -> Relation:
    return services.relate(source, target, relation_type(kind), actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CMDB-06")
def test_a_failure_goes_the_way_the_type_says(cast: Cast) -> None:
    app, server, disk, system, manual = (an_item(cast, name) for name in ("APP", "SRV", "DISK", "ALL", "DOC"))
    tie(cast, app, "runs_on", server)
    tie(cast, disk, "part_of", server)
    tie(cast, app, "part_of", system)
    tie(cast, manual, "documents", server)
    tie(cast, server, "connects_to", system)
    assert names(cast, disk, "impact") == ["SRV", "APP", "ALL"]
    assert names(cast, system, "depends") == ["APP", "SRV", "DISK"]
    assert names(cast, manual, "impact") == []
    assert names(cast, app, "depends") == ["SRV", "DISK"]


@pytest.mark.req("CMDB-06")
def test_a_circle_ends_and_retired_items_are_not_gone_through(cast: Cast) -> None:
    one, two, three = (an_item(cast, name) for name in ("A", "B", "C"))
    tie(cast, two, "depends_on", one)
    tie(cast, three, "depends_on", two)
    tie(cast, one, "depends_on", three)
    assert names(cast, one, "impact") == ["B", "C"]
    services.retire(two, authority=approved(two), actor=cast.mona.actor, now=MONDAY)
    assert names(cast, one, "impact") == []


def test_the_services_of_what_is_reached_are_named(cast: Cast) -> None:
    one, two = an_item(cast, "A"), an_item(cast, "B")
    services.name_service(two, cast.mail, actor=cast.mona.actor, now=MONDAY)
    services.name_service(two, cast.mail, actor=cast.mona.actor, now=MONDAY)
    assert impact.services_of([one.pk]) == []
    assert impact.services_of([one.pk, two.pk]) == [cast.mail.pk]
    assert impact.services_of([]) == []


def test_only_what_one_may_see_is_gone_through(cast: Cast) -> None:
    agent = make_user("ann", cast.provider)
    Grant.objects.create(user=agent, role=Role.AGENT, organisation=cast.acme)
    shared = an_item(cast, "SHARED")
    ours, theirs = an_item(cast, "OURS", customer=cast.acme), an_item(cast, "THEIRS", customer=cast.globex)
    behind = an_item(cast, "BEHIND", customer=cast.acme)
    for item in (ours, theirs):
        tie(cast, item, "runs_on", shared)
    tie(cast, behind, "depends_on", theirs)
    actor = User.objects.get(pk=agent.pk).actor
    found = impact.reached([shared.pk], direction="impact", actor=actor)
    assert [each.item_id for each in found] == [ours.pk]
    assert impact.reached([shared.pk], direction="impact", actor=cast.carla.actor) == []


@pytest.mark.req("CMDB-06")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ties=st.lists(st.tuples(st.sampled_from(sorted(WAYS)), st.integers(0, 6), st.integers(0, 6)), max_size=25)
)
def test_the_two_directions_mirror_each_other(cast: Cast, ties: list[tuple[str, int, int]]) -> None:
    Relation.objects.all().delete()
    kind = a_type()
    items = [Item.objects.get_or_create(name=f"N{n}", type=kind)[0] for n in range(7)]
    rows = {(code, one, other) for code, one, other in ties if one != other}
    Relation.objects.bulk_create(
        Relation(source=items[one], target=items[other], type=relation_type(code))
        for code, one, other in rows
    )
    actor = cast.alice.actor
    hit = {
        one.pk: {r.item_id for r in impact.reached([one.pk], direction="impact", actor=actor)}
        for one in items
    }
    need = {
        one.pk: {r.item_id for r in impact.reached([one.pk], direction="depends", actor=actor)}
        for one in items
    }
    for one in items:
        for other in items:
            assert (other.pk in hit[one.pk]) == (one.pk in need[other.pk])
