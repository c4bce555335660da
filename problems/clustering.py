"""Which incidents are of one kind: the same words of the same service. PURE.

Words are those a title says something with, in whatever language it is written; two incidents are of one kind
when they share two words, or their only one.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

LEAST = 3  # incidents that make a cluster
MOST_WORDS = 8  # of a title; pairs grow with the square
CORE = 2 / 3  # the share of a cluster's incidents that have a word of its core

Pair = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """An incident as far as clusters care: its service (``group``) and the words of its title."""

    incident: int
    group: int
    words: frozenset[str]


@dataclass(frozen=True)
class Cluster:
    """Incidents of a group with at least a pair of words in common; ``words`` is what most of them say."""

    group: int
    words: tuple[str, ...]
    incidents: tuple[int, ...]


def clusters(seen: Iterable[Seen], *, least: int = LEAST) -> list[Cluster]:
    """The clusters of at least ``least`` incidents, the largest first; no incident is in two.

    The order in which the incidents come does not matter.
    """
    groups: dict[int, dict[int, frozenset[str]]] = defaultdict(dict)
    for each in seen:
        groups[each.group][each.incident] = each.words
    found = [cluster for group, rows in groups.items() for cluster in _of_group(group, rows, least)]
    return sorted(found, key=lambda c: (-len(c.incidents), c.group, c.words, c.incidents))


def _of_group(group: int, rows: dict[int, frozenset[str]], least: int) -> Iterator[Cluster]:
    """Greedily by the pair of words that most of the incidents left have."""
    pairs = _paired(rows, least)
    having: dict[Pair, set[int]] = defaultdict(set)
    for incident, its_pairs in pairs.items():
        for pair in its_pairs:
            having[pair].add(incident)
    heap = [(-len(members), pair) for pair, members in having.items() if len(members) >= least]
    heapq.heapify(heap)
    while heap:
        size, pair = heapq.heappop(heap)
        members = having[pair]
        if len(members) < least:
            continue
        if len(members) != -size:  # some were taken since; there may be a larger one now
            heapq.heappush(heap, (-len(members), pair))
            continue
        yield Cluster(group, _core(pair, [rows[i] for i in members]), tuple(sorted(members)))
        for incident in list(members):
            for other in pairs[incident]:
                having[other].discard(incident)


def _paired(rows: dict[int, frozenset[str]], least: int) -> dict[int, list[Pair]]:
    """The pairs of each title's words that are common enough; a title's only word is paired with itself."""
    counts: dict[str, int] = defaultdict(int)
    for words in rows.values():
        for word in words:
            counts[word] += 1
    pairs: dict[int, list[Pair]] = {}
    for incident, words in rows.items():
        common = sorted((w for w in words if counts[w] >= least), key=lambda word: (-len(word), word))
        alone = [(word, word) for word in common] if len(words) == 1 else []
        pairs[incident] = alone + list(combinations(sorted(common[:MOST_WORDS]), 2))
    return pairs


def _core(pair: Pair, titles: list[frozenset[str]]) -> tuple[str, ...]:
    counts: dict[str, int] = defaultdict(int)
    for words in titles:
        for word in words:
            counts[word] += 1
    common = {word for word, count in counts.items() if count >= CORE * len(titles)}
    return tuple(sorted(common | set(pair), key=lambda word: (-counts[word], word)))


def are_alike(one: Collection[str], other: Collection[str]) -> bool:
    """Whether two titles say the same: two words in common and half of the shorter one's, or its only one."""
    a, b = frozenset(one), frozenset(other)
    shorter = min(len(a), len(b))
    shared = len(a & b)
    return shorter > 0 and shared >= min(2, shorter) and 2 * shared >= shorter


def grew_by_half(judged: int, new: int) -> bool:
    """Whether ``new`` incidents more are reason to ask again about a cluster of ``judged`` ones."""
    return new > 0 and 2 * new >= judged
