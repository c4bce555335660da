"""When a fault began, where monitoring saw it: evidence that an agreement may count from.

What people say about when something happened is kept, but moves no clock: only a program that watched does.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from records.kinds import process_of
from records.models import Channel, Record

COLUMN = "occurred_at"


def began_at(record: Record) -> datetime | None:
    """UTC, to the second; None where no monitoring told of it, or where it told of it as it happened."""
    seen = getattr(record, COLUMN, None)
    if seen is None or record.channel != Channel.MONITORING or seen >= record.opened_at:
        return None
    found: datetime = seen.replace(microsecond=0)
    return found


def began_of(rows: Iterable[Any]) -> dict[int, datetime]:
    """The same of many records, given with pk and kind; one query for each kind that has the column."""
    known = list(rows)
    found: dict[int, datetime] = {}
    for kind in {row.kind for row in known}:
        model = process_of(kind).model
        if COLUMN not in {field.name for field in model._meta.get_fields()}:
            continue
        ids = [row.pk for row in known if row.kind == kind]
        seen = model._default_manager.filter(pk__in=ids, channel=Channel.MONITORING)
        instants = seen.exclude(**{COLUMN: None}).values_list("pk", COLUMN, "opened_at")
        found |= {pk: at.replace(microsecond=0) for pk, at, opened_at in instants if at < opened_at}
    return found
