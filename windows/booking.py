"""Giving work a time: checked against the calendar and claimed in one step, so that one of two gets it.

Knows no process: a time belongs to a Record. Call :func:`claim` within the verb that schedules it, and
:func:`release` within the verb that gives the time up.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import Actor
from records.models import Record
from windows import queries, slots, words
from windows.models import Claim
from windows.reach import Reach, reach_of
from windows.slots import Booking, Conflict

LOCK = 0x1754_4D03  # any number that nobody else takes as an advisory lock
LONGEST = timedelta(days=31)
HORIZON = timedelta(days=90)


class Taken(ValidationError):
    """The time does not do. ``conflicts`` are all that stand against it, also what was exempted."""

    def __init__(self, conflicts: list[Conflict], field: str, message: str) -> None:
        super().__init__({field: ValidationError(message, code="taken")})
        self.conflicts = conflicts


def wrong_length() -> str:
    """What is said of work that takes no time, or longer than the calendar is looked through for."""
    message = _("The end must lie after the beginning, and at most %(n)s days later.")
    return message % {"n": LONGEST.days}


def bookings(
    start: datetime, end: datetime, reach: Reach | None = None, *, record: Record | None = None
) -> list[Booking]:
    """The times given in [start, end) sharing something with ``reach`` (None: all), but for one record's."""
    rows = Claim.objects.filter(starts_at__lt=end, ends_at__gt=start)
    if reach is not None:
        rows = rows.filter(
            Q(reach_items__overlap=sorted(reach.items)) | Q(reach_services__overlap=sorted(reach.services))
        )
    if record is not None:
        rows = rows.exclude(record=record.pk)
    return [
        Booking(
            row.record.number,
            row.starts_at,
            row.ends_at,
            frozenset(row.reach_items),
            frozenset(row.reach_services),
        )
        for row in rows.select_related("record").order_by("starts_at", "pk")
    ]


def conflicts(
    start: datetime, end: datetime, *, reach: Reach, record: Record | None = None
) -> list[Conflict]:
    """What stands against work that reaches so far (windows.reach) in [start, end)."""
    return slots.conflicts(
        start, end, items=reach.items, services=reach.services,
        bookings=bookings(start, end, reach, record=record),
        windows=queries.spans(start, end, item_ids=reach.items, service_ids=reach.services),
    )  # fmt: skip


def next_free(
    length: timedelta,
    *,
    after: datetime,
    reach: Reach,
    before: datetime | None = None,
    record: Record | None = None,
) -> datetime | None:
    """The first minute from ``after`` when nothing stands against such work; by default within 90 days."""
    until = before or after + HORIZON
    return slots.next_free(
        length, after=after, before=until, items=reach.items, services=reach.services,
        bookings=bookings(after, until, reach, record=record),
        windows=queries.spans(after, until, item_ids=reach.items, service_ids=reach.services),
    )  # fmt: skip


def claim(
    record: Record,
    *,
    start: datetime,
    end: datetime,
    item_ids: Iterable[int],
    service_ids: Iterable[int],
    actor: Actor,
    now: datetime,
    exempted: Collection[str] = (),
    field: str = "planned_start_at",
) -> list[Conflict]:
    """Give the record this time, in place of the one it had; answers the conflicts that were exempted.

    ``exempted`` are the kinds of conflict (slots.Kind) that somebody takes upon himself by name; who may is
    for the caller to ask. Raises Taken, keyed by ``field``, where another one is in the way. Call it in the
    transaction that schedules the record: until that commits, nobody else is given a time.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise ValidationError({field: wrong_length()})
    items, services = sorted(set(item_ids)), sorted(set(service_ids))
    with transaction.atomic():
        _take_turns()
        reach = reach_of(items, services)
        found = conflicts(start, end, reach=reach, record=record)
        if any(conflict.kind not in exempted for conflict in found):
            raise Taken(found, field, " ".join(words.said(each, actor) for each in found))
        Claim.objects.update_or_create(
            record_id=record.pk,
            defaults={
                "starts_at": start, "ends_at": end, "items": items, "services": services,
                "reach_items": sorted(reach.items), "reach_services": sorted(reach.services),
                "exempted": sorted({conflict.kind.value for conflict in found}), "claimed_at": now,
            },
        )  # fmt: skip
    return found


def release(record: Record) -> None:
    """Give the record's time up: it was cancelled, rejected, or its work is over. Safe to repeat."""
    Claim.objects.filter(record=record.pk).delete()


def _take_turns() -> None:
    """One at a time until its transaction ends. What two share may be far from what either names, so there is
    one lock and not one per item; times are given a few hundred times a day, in milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
