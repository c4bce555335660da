"""Whose time it was: how long each party had a record in hand, and how much of a target it used up. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sla.timing import Segment


class Span(NamedTuple):
    """A party with a record in hand; half open."""

    party: str
    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """The time of one party: ``seconds`` by the clock on the wall, ``counted`` the working ones in them."""

    party: str
    name: str
    seconds: int
    counted: int


def shares(spans: Iterable[Span], segments: Sequence[Segment]) -> list[Share]:
    """The time of each party, the longest first; ``segments`` are those of the clock whose time is shared.

    Where the spans follow each other without gap, ``seconds`` sum to the whole time and ``counted`` to what
    the clock counted in it, to the second.
    """
    totals: dict[tuple[str, str], list[int]] = {}
    for span in spans:
        total = totals.setdefault((span.party, span.name), [0, 0])
        total[0] += int((span.end - span.start).total_seconds())
        total[1] += sum(_overlap(span, segment) for segment in segments if segment.counted)
    found = [Share(party, name, *total) for (party, name), total in totals.items()]
    return sorted(found, key=lambda share: (-share.seconds, share.party, share.name))


def _overlap(span: Span, segment: Segment) -> int:
    begin, end = max(span.start, segment.start), min(span.end, segment.end)
    return max(0, int((end - begin).total_seconds()))
