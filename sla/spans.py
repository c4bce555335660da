"""The time of the parties from stored rows: of one record, or of all records of a month."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, Greatest, Least

from sla.models import Holding
from sla.parties import Span


def spans_of(holdings: Iterable[Holding], now: datetime) -> list[Span]:
    """Rows as values; what is still open ends ``now``. A team and a supplier go by their names."""
    return [Span(h.party, _name(h), h.since, h.until or max(now, h.since)) for h in holdings]


def _name(holding: Holding) -> str:
    if holding.party == Holding.Party.SUPPLIER and holding.supplier:
        return holding.supplier.name
    return holding.team.name if holding.party == Holding.Party.TEAM and holding.team else ""


def holdings_of(record_id: int) -> list[Holding]:
    """The spans of a record in order; one query."""
    rows = Holding.objects.filter(record=record_id).select_related("team", "supplier")
    return list(rows.order_by("since", "pk"))


def within(begin: datetime, end: datetime) -> QuerySet[Holding]:
    """The spans that lie at least partly between two instants."""
    return Holding.objects.filter(Q(until=None) | Q(until__gt=begin), since__lt=end)


def time_sum(begin: datetime, end: datetime) -> Sum:
    """Of spans, their time between two instants, as an aggregate."""
    overlap = ExpressionWrapper(
        Least(Coalesce("until", end), end) - Greatest("since", begin), output_field=DurationField()
    )
    return Sum(overlap)


def time_in(records: QuerySet[Any], begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """What each party had of ``records`` between two instants, the most first: {party, hand,
    seconds, tickets}; ``hand`` is the key of the team or supplier, None where it was not named. One query.

    The seconds sum to the time those records were open in that span, as far as hand-overs were recorded.
    """
    is_team, is_supplier = Q(party=Holding.Party.TEAM), Q(party=Holding.Party.SUPPLIER)
    rows = (
        within(begin, end)
        .filter(record__in=records)
        # a supplier's and a customer's span keeps the team that waits; it is not in the team's hands
        .annotate(hand=Case(When(is_team, then="team"), When(is_supplier, then="supplier")))
        .values("party", "hand")
        .annotate(time=time_sum(begin, end), tickets=Count("record", distinct=True))
        .order_by(F("time").desc(), "party", "hand")
    )
    return [
        {
            "party": row["party"],
            "hand": row["hand"],
            "tickets": row["tickets"],
            "seconds": int(row["time"].total_seconds()),
        }
        for row in rows
    ]
