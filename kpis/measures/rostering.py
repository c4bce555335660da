"""How many sit at the desk, against how many should (X20)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.history import end_of
from kpis.measures.promises import IS_HIT, figures, hits, of_keys
from shifts import occupancy
from shifts.models import Duty, MinimumSeats, zone_of

WEEK = 7


def covered(asked: Asked) -> dict[int, tuple[float, float]]:
    """By rule of minimum seats as it is now: the seconds it asked for in the period so far, since its team
    keeps a roster, and those of them in which enough people were on duty.
    """
    rules: dict[Any, list[MinimumSeats]] = defaultdict(list)
    for row in MinimumSeats.objects.select_related("team"):
        rules[row.team].append(row)
    found: dict[int, tuple[float, float]] = {}
    for team, rows in rules.items():
        zone = zone_of(team)
        duties = Duty.objects.filter(team=team, kind=Duty.Kind.SEAT)
        since = duties.aggregate(first=Min("starts_at"))["first"]
        if since is None or since >= end_of(asked):
            continue
        seats = duties.filter(ends_at__gt=asked.period.start, starts_at__lt=end_of(asked))
        spans = [occupancy.Span(*row) for row in seats.values_list("person", "starts_at", "ends_at")]
        asked_for = [(row.pk, occupancy.Rule(row.seats, row.starts, row.ends, row.weekday)) for row in rows]
        for stretch in _stretches(asked, since, spans, [rule for _pk, rule in asked_for], zone):
            local, seconds = stretch.start.astimezone(zone), (stretch.end - stretch.start).total_seconds()
            for pk, rule in asked_for:
                if rule.covers(local):
                    needed, kept = found.get(pk, (0.0, 0.0))
                    found[pk] = (needed + seconds, kept + seconds * (stretch.present >= rule.seats))
    return found


def _stretches(
    asked: Asked, since: datetime, spans: list[occupancy.Span], rules: list[occupancy.Rule], zone: Any
) -> Iterator[occupancy.Stretch]:
    """The period so far week by week, so that a year is as quick as its weeks."""
    start, end = max(asked.period.start, since), end_of(asked)
    for first in _weeks(start.astimezone(zone).date(), end.astimezone(zone).date()):
        until = first + timedelta(days=WEEK)
        near = [
            span for span in spans
            if span.end.astimezone(zone).date() >= first and span.start.astimezone(zone).date() <= until
        ]  # fmt: skip
        for each in occupancy.stretches(near, rules, first=first, days=WEEK, zone=zone):
            begin, stop = max(each.start, start), min(each.end, end)
            if begin < stop:
                yield occupancy.Stretch(begin, stop, each.present, each.needed)


def _weeks(first: date, last: date) -> Iterable[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=WEEK)


def shares(asked: Asked) -> QuerySet[Any]:
    found = covered(asked)
    return figures(
        of_keys(MinimumSeats, found), {pk: 100 * kept / needed for pk, (needed, kept) in found.items()}
    )


def unbroken(asked: Asked) -> QuerySet[Any]:
    found = covered(asked)
    rows = of_keys(MinimumSeats, found)
    return hits(rows, [pk for pk, (needed, kept) in found.items() if kept >= needed])


declare(
    "X20",
    Part(
        shares, Unit.PERCENT, amount="figure", customer="",
        name=_("Time with enough people (by the rules as of now)"),
    ),
    Part(unbroken, Unit.PERCENT, IS_HIT, customer="", name=_("Rules never fallen short of")),
)  # fmt: skip
