"""Breadth first through a graph that is asked for one frontier at a time. Pure, and safe with circles."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Edge:
    """One way from a node to the next, and the relation it goes by."""

    relation_id: int
    start: int
    end: int


@dataclass(frozen=True)
class Reached:
    """A node on the shortest way to it: how many steps, and by which relation the last one went."""

    item_id: int
    depth: int
    via_relation_id: int | None


Onward = Callable[[Sequence[int]], Iterable[Edge]]
"""From the nodes of a frontier, all edges that lead on."""


@dataclass(frozen=True)
class Walk:
    """What was reached, nearest first, the starts not among it; ``is_cut``: there is more than was asked."""

    reached: list[Reached]
    is_cut: bool


def walk(starts: Iterable[int], onward: Onward, *, limit: int, depth: int | None = None) -> Walk:
    """Every node once, at its least depth. At most ``limit`` nodes and ``depth`` steps (None: any number).

    A circle is gone through once: a node that was seen is never asked again.
    """
    frontier = sorted(set(starts))
    seen = set(frontier)
    reached: list[Reached] = []
    step = 0
    while frontier and (depth is None or step < depth):
        step += 1
        found: dict[int, int] = {}
        for edge in onward(frontier):
            if edge.end in seen:
                continue
            known = found.get(edge.end)
            if known is None or edge.relation_id < known:
                found[edge.end] = edge.relation_id
        room = limit - len(reached)
        frontier = sorted(found)
        is_cut = len(frontier) > room
        frontier = frontier[:room]
        reached += [Reached(node, step, found[node]) for node in frontier]
        seen.update(frontier)
        if is_cut:
            return Walk(reached, is_cut=True)
    return Walk(reached, is_cut=False)


def onward_in(edges: Collection[Edge]) -> Onward:
    """The same for a graph that is in memory."""
    by_start: dict[int, list[Edge]] = {}
    for edge in edges:
        by_start.setdefault(edge.start, []).append(edge)
    return lambda frontier: [edge for node in frontier for edge in by_start.get(node, [])]
