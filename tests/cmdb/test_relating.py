"""Relations: refused to itself and in circles, controlled where items are important, and safe to race."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.access import Denied
from cmdb import services
from cmdb.models import Alteration, Item, Relation
from tests.cast import MONDAY, Cast
from tests.cmdb.made import a_type, an_item, approved, relation_type


def tie(cast: Cast, source: Item, kind: str, target: Item, **how: object) -> Relation:
    return services.relate(
        source,
        target,
        relation_type(kind),
        actor=cast.mona.actor,
        now=MONDAY,
        **how,  # type: ignore[arg-type]
    )


@pytest.mark.req("CMDB-06")
def test_nothing_is_related_to_itself(cast: Cast) -> None:
    item = an_item(cast)
    with pytest.raises(ValidationError, match="not related to itself"):
        tie(cast, item, "uses", item)
    with pytest.raises(DatabaseError), transaction.atomic():
        Relation.objects.create(source=item, target=item, type=relation_type("uses"))


@pytest.mark.req("CMDB-06")
def test_a_circle_is_refused_where_the_type_forbids_it_however_long(cast: Cast) -> None:
    chain = [an_item(cast, f"N{n}") for n in range(6)]
    for one, other in pairwise(chain):
        tie(cast, one, "part_of", other)
    with pytest.raises(ValidationError) as refused:
        tie(cast, chain[5], "part_of", chain[0])
    assert refused.value.error_dict["target"][0].code == "circle"
    tie(cast, chain[5], "depends_on", chain[0])
    assert Relation.objects.count() == 6


def test_relating_twice_is_the_same_as_once(cast: Cast) -> None:
    one, two = an_item(cast, "A"), an_item(cast, "B")
    assert tie(cast, one, "uses", two).pk == tie(cast, one, "uses", two).pk
    assert Alteration.objects.filter(act="related").count() == 2  # one in the history of each


@pytest.mark.req("CMDB-05")
def test_relations_of_important_items_are_under_control(cast: Cast) -> None:
    plain, important = an_item(cast, "A"), an_item(cast, "B", is_important=True)
    with pytest.raises(ValidationError, match="under control"):
        tie(cast, plain, "uses", important)
    refused = Alteration.objects.filter(is_refused=True)
    assert {(row.item_id, row.act, row.refusal) for row in refused} == {
        (plain.pk, "related", "no_change"),
        (important.pk, "related", "no_change"),
    }
    relation = tie(cast, plain, "uses", important, authority=approved(important))
    with pytest.raises(ValidationError, match="under control"):
        services.unrelate(relation, actor=cast.mona.actor, now=MONDAY)
    services.unrelate(relation, authority=approved(important), actor=cast.mona.actor, now=MONDAY)
    services.unrelate(relation, authority=approved(important), actor=cast.mona.actor, now=MONDAY)
    assert Alteration.objects.filter(act="unrelated", is_refused=False, item=plain).count() == 1
    with pytest.raises(ValidationError, match="under control"):
        services.name_service(important, cast.mail, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CMDB-05")
def test_agents_relate_what_is_theirs_and_no_more(cast: Cast) -> None:
    one, two = an_item(cast, "A"), an_item(cast, "B")
    kind = relation_type("uses")
    with pytest.raises(Denied):
        services.relate(one, two, kind, actor=cast.bob.actor, now=MONDAY)
    mine = an_item(cast, "C", owner=cast.bob)
    assert services.relate(mine, two, kind, actor=cast.bob.actor, now=MONDAY).source == mine


@pytest.mark.req("CMDB-06")
@pytest.mark.django_db(transaction=True)
def test_two_who_would_close_a_circle_together_do_not(cast: Cast) -> None:
    kind = relation_type("part_of")
    actor = cast.mona.actor
    items = [Item.objects.create(name=f"N{n}", type=a_type()) for n in range(6)]
    ring = [(items[n], items[(n + 1) % 6]) for n in range(6)]

    def close(pair: tuple[Item, Item]) -> str:
        try:
            services.relate(*pair, kind, actor=actor, now=MONDAY)
        except ValidationError as refused:
            return str(refused.error_dict["target"][0].code)
        finally:
            connection.close()
        return "related"

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(close, ring))
    assert sorted(done) == ["circle", *["related"] * 5]
    assert Relation.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_same_relation_made_at_once_is_one(cast: Cast) -> None:
    kind = relation_type("depends_on")
    actor = cast.mona.actor
    one, two = (Item.objects.create(name=name, type=a_type()) for name in "AB")

    def relate(_n: int) -> int:
        try:
            return services.relate(one, two, kind, actor=actor, now=MONDAY).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(relate, range(6)))) == 1
    assert Relation.objects.count() == 1


@pytest.mark.req("CMDB-02")
@pytest.mark.django_db(transaction=True)
def test_numbers_given_at_once_are_all_different(cast: Cast) -> None:
    kind = a_type()

    def add(n: int) -> str:
        try:
            return Item.objects.create(name=f"N{n}", type=kind).number
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(add, range(40)))
    assert len(set(numbers)) == 40


@pytest.mark.django_db(transaction=True)
def test_one_of_two_who_alter_the_same_version_is_told_so(cast: Cast) -> None:
    item = an_item(cast)
    actor = cast.mona.actor

    def alter(n: int) -> bool:
        try:
            services.alter_item(item, {"site": f"Room {n}"}, actor=actor, now=MONDAY, expected_version=1)
        except services.Stale:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(alter, range(4))) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_the_same_name_added_at_once_is_there_once(cast: Cast) -> None:
    kind, actor = a_type(), cast.mona.actor

    def add(_n: int) -> list[str]:
        try:
            services.add_item(item_type=kind, name="DB-1", actor=actor, now=MONDAY)
        except ValidationError as refused:
            return list(refused.message_dict)
        finally:
            connection.close()
        return []

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [[], ["name"], ["name"], ["name"]]
