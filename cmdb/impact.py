"""What a failing item hits, and what an item depends on: the graph of relations, asked level by level.

A relation's type says whom a failure hits: "forward" the target, "backward" the source, "none" neither. The
way of "depends" is the same edges gone the other way round, so the two are each other's mirror.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

from django.db import connection
from django.db.models.expressions import RawSQL

from accounts.access import Actor
from cmdb import graph
from cmdb.graph import Edge, Reached, Walk
from cmdb.models import ItemService

Direction = Literal["impact", "depends"]
LIMIT = 5000

# failing source -> hit target, then failing target -> hit source; retired items neither hit nor are hit
_LEVEL = """
    SELECT r.id, r.{here}_id, r.{there}_id
    FROM cmdb_relation r
    JOIN cmdb_item i ON i.id = r.{there}_id
    WHERE r.{here}_id = ANY(%s) AND i.is_active {scope}
      AND r.type_id = ANY(ARRAY(SELECT id FROM cmdb_relationtype WHERE impact = '{impact}'))
"""
_WAYS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "impact": (("source", "target", "forward"), ("target", "source", "backward")),
    "depends": (("target", "source", "forward"), ("source", "target", "backward")),
}
_SCOPE = "AND (i.customer_id IS NULL OR i.customer_id = ANY(%s))"


def reached(
    item_ids: Iterable[int], *, direction: Direction, actor: Actor, limit: int = LIMIT
) -> list[Reached]:
    """The items reached from some, nearest first, themselves not among them; at most ``limit``.

    "impact": what is hit if they fail. "depends": what they need. Only what the actor may see is gone
    through; retired items are not.
    """
    return walk(item_ids, direction=direction, actor=actor, limit=limit).reached


def walk(
    item_ids: Iterable[int],
    *,
    direction: Direction,
    actor: Actor,
    limit: int = LIMIT,
    depth: int | None = None,
) -> Walk:
    """As :func:`reached`, to a depth, and saying whether there is more."""

    def onward(frontier: Sequence[int]) -> list[Edge]:
        return edges_from(frontier, direction=direction, actor=actor)

    return graph.walk(item_ids, onward, limit=limit, depth=depth)


def edges_from(item_ids: Collection[int], *, direction: Direction, actor: Actor) -> list[Edge]:
    """The relations that lead on from some items, one query."""
    if not item_ids or not actor.is_desk_side:
        return []
    scope = "" if actor.scope is None else _SCOPE
    parts: list[str] = []
    params: list[Any] = []
    for here, there, impact in _WAYS[direction]:
        parts.append(_LEVEL.format(here=here, there=there, impact=impact, scope=scope))
        params.append(list(item_ids))
        if actor.scope is not None:
            params.append(sorted(actor.scope))
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return [Edge(*row) for row in cursor.fetchall()]


def among(ids: Iterable[int]) -> RawSQL:
    """Many ids for ``filter(item__in=among(ids))``: one value instead of one for each."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def services_of(item_ids: Iterable[int]) -> list[int]:
    """The ids of the services that run on any of the items."""
    rows = ItemService.objects.filter(item__in=among(item_ids)).order_by()
    return sorted(rows.values_list("service", flat=True).distinct())
