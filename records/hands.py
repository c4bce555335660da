"""Whose time a record's was: its hand-overs, and each party's share of time and of the resolution clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from records import explain
from records.models import Record
from sla import spans
from sla.models import Clock, Metric
from sla.parties import Share, Span, shares


@dataclass(frozen=True)
class Hands:
    """``spans`` in order, ``shares`` the longest first; ``is_counted``: a resolution was promised."""

    spans: Sequence[Span]
    shares: Sequence[Share]
    is_counted: bool
    is_open: bool

    @property
    def seconds(self) -> int:
        """By the clock on the wall: the time the record was open, as far as hand-overs were recorded."""
        return sum(share.seconds for share in self.shares)

    @property
    def counted(self) -> int:
        """Working seconds of the resolution clock in these spans."""
        return sum(share.counted for share in self.shares)


def hands_of(record: Record, now: datetime) -> Hands:
    """Read from the record's holdings and its resolution clock; what is still open ends ``now``."""
    end = record.done_at or now
    cycles = list(Clock.objects.filter(record=record.pk, metric=Metric.RESOLUTION).order_by("cycle"))
    segments = [segment for clock in cycles for segment in explain.segments_of(clock, now)]
    found = spans.spans_of(spans.holdings_of(record.pk), end)
    return Hands(
        spans=found,
        shares=shares(found, segments),
        is_counted=bool(cycles),
        is_open=record.done_at is None,
    )
