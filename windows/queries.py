"""The occurrences of freezes and maintenance windows, as the arithmetic reads them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from windows.models import Window
from windows.recurring import Weekly
from windows.slots import Span

WEEK = timedelta(days=8)


def spans(
    start: datetime, end: datetime, *, item_ids: Iterable[int], service_ids: Iterable[int]
) -> list[Span]:
    """What concerns work on these things in [start, end): freezes that overlap it, and the maintenance
    windows to which it has to keep.

    Of a maintenance window that binds but has no occurrence then, the nearest one beside it is answered, so
    that the work is seen to lie outside. A window once only binds until its end; a weekly one while in force.
    """
    items, services = set(item_ids), set(service_ids)
    concerned = (
        Q(everything=True)
        | Q(pk__in=Window.items.through.objects.filter(item__in=items).values("window"))
        | Q(pk__in=Window.services.through.objects.filter(service__in=services).values("window"))
    )
    upcoming = Q(starts_at__lt=end) | Q(kind=Window.Kind.MAINTENANCE, recurs=Window.Recurs.ONCE)
    rows = Window.objects.filter(concerned & upcoming, is_cancelled=False).filter(
        Q(ends_at=None) | Q(ends_at__gt=start)
    )
    return spans_of(rows, start, end)


def spans_of(rows: "QuerySet[Window]", start: datetime, end: datetime) -> list[Span]:
    """The occurrences of these windows in [start, end), or the nearest of one that binds then; ordered."""
    found: list[Span] = []
    for row in rows.prefetch_related("items", "services"):
        within = list(occurrences(row, start, end))
        if not within and not row.is_freeze:
            within = list(occurrences(row, start - WEEK, end + WEEK))[:1]
        found += [_span(row, begins, ends) for begins, ends in within]
    return sorted(found, key=lambda span: (span.start, span.end, span.window_id))


def occurrences(row: Window, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When a window is open with a part in [start, end), in order; for one that is not weekly its one span
    where it binds work in [start, end) at all."""
    if row.recurs == Window.Recurs.ONCE:
        assert row.ends_at is not None, "by constraint"  # noqa: S101 - for the type checker
        overlaps = row.starts_at < end and row.ends_at > start
        if overlaps or (not row.is_freeze and row.ends_at > start):
            yield row.starts_at, row.ends_at
        return
    week = weekly(row)
    for begins, ends in week.between(max(start, row.starts_at), min(end, row.ends_at or end)):
        if begins >= row.starts_at and (row.ends_at is None or ends <= row.ends_at):
            yield begins, ends


def weekly(row: Window) -> Weekly:
    """The rule of a weekly window."""
    assert row.weekday is not None and row.from_time and row.until_time, "by constraint"  # noqa: S101, PT018
    return Weekly(row.weekday, row.from_time, row.until_time, row.time_zone)


def _span(row: Window, begins: datetime, ends: datetime) -> Span:
    is_weekly = row.recurs == Window.Recurs.WEEKLY
    return Span(
        window_id=row.pk,
        is_freeze=row.is_freeze,
        start=begins,
        end=ends,
        everything=row.everything,
        items=frozenset(item.pk for item in row.items.all()),
        services=frozenset(service.pk for service in row.services.all()),
        binds_from=row.starts_at if is_weekly else None,
        binds_until=row.ends_at if is_weekly else ends,
    )
