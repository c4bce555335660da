"""Going through a graph breadth first: circles, depths, limits, and both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.graph import Edge, Reached, onward_in, walk

Pairs = list[tuple[int, int]]
pairs = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)


def edges_of(pairs: Pairs) -> list[Edge]:
    return [Edge(n, start, end) for n, (start, end) in enumerate(pairs)]


def depths(start: int, edges: list[Edge]) -> dict[int, int]:
    """By brute force: relax every edge until nothing changes."""
    known = {start: 0}
    while True:
        better = {
            e.end: known[e.start] + 1
            for e in edges
            if e.start in known and known[e.start] + 1 < known.get(e.end, 10**6)
        }
        if not better:
            known.pop(start)
            return known
        known |= better


@pytest.mark.req("CMDB-06")
@given(pairs, st.integers(0, 12))
def test_every_node_is_reached_once_at_its_least_depth_whatever_circles_there_are(
    pairs: Pairs, start: int
) -> None:
    edges = edges_of(pairs)
    found = walk([start], onward_in(edges), limit=100)
    assert {each.item_id: each.depth for each in found.reached} == depths(start, edges)
    assert len({each.item_id for each in found.reached}) == len(found.reached)
    assert [each.depth for each in found.reached] == sorted(each.depth for each in found.reached)
    assert not found.is_cut
    by_id = {edge.relation_id: edge for edge in edges}
    at = {start: 0} | {each.item_id: each.depth for each in found.reached}
    for each in found.reached:
        assert each.via_relation_id is not None
        edge = by_id[each.via_relation_id]
        assert (edge.end, at[edge.start]) == (each.item_id, each.depth - 1)


@pytest.mark.req("CMDB-06")
@given(pairs)
def test_what_one_reaches_forward_reaches_it_backward(pairs: Pairs) -> None:
    edges = edges_of(pairs)
    turned = [Edge(e.relation_id, e.end, e.start) for e in edges]
    forward = {n: {r.item_id for r in walk([n], onward_in(edges), limit=100).reached} for n in range(13)}
    backward = {n: {r.item_id for r in walk([n], onward_in(turned), limit=100).reached} for n in range(13)}
    for one in range(13):
        for other in range(13):
            assert (other in forward[one]) == (one in backward[other])


@given(pairs, st.integers(0, 12), st.integers(0, 5), st.integers(0, 6))
def test_limits_take_the_nearest_and_say_so(pairs: Pairs, start: int, limit: int, depth: int) -> None:
    edges = edges_of(pairs)
    whole = depths(start, edges)
    found = walk([start], onward_in(edges), limit=limit, depth=depth)
    near = {node for node, far in whole.items() if far <= depth}
    assert {each.item_id for each in found.reached} <= near
    assert len(found.reached) == min(limit, len(near))
    assert found.is_cut == (len(near) > limit)
    shown = max((each.depth for each in found.reached), default=0)
    assert all(node in {e.item_id for e in found.reached} for node in near if whole[node] < shown)


def test_several_starts_are_not_reached_themselves() -> None:
    edges = [Edge(1, 1, 2), Edge(2, 2, 1), Edge(3, 2, 3)]
    assert walk([1, 2], onward_in(edges), limit=9).reached == [Reached(3, 1, 3)]
