"""Where a ticket stands in the list it was opened from, and what comes before and after it. Reads only."""

from dataclasses import dataclass
from urllib.parse import urlencode

from records import keyset, queues
from records.desk import Desk
from records.models import Record

COUNTED = queues.COUNTED


@dataclass(frozen=True)
class Place:
    """``position`` is None beyond COUNTED, where counting stops, and where the ticket is not in the list."""

    is_in: bool
    position: int | None
    total: int
    previous: Record | None
    following: Record | None

    @property
    def total_words(self) -> str:
        return queues.count_words(self.total)


def place_of(record: Record, desk: Desk) -> Place:
    """The ticket's place in the order of a list, at most five queries whatever the list holds.

    A list is ordered by what acts change. A ticket that was answered has another place than the one it was
    opened at, so a page asks when it is opened and keeps the answer.
    """
    rows = desk.records.defer("description")
    previous, following, before = keyset.neighbours(rows, desk.sort, record)
    is_in = rows.filter(pk=record.pk).order_by().exists()
    position = before.values("pk")[:COUNTED].count() + 1 if is_in else None
    total = rows.order_by().values("pk")[: COUNTED + 1].count()
    return Place(is_in, None if (position or 0) > COUNTED else position, total, previous, following)


def url_of(record: Record | None, desk: Desk) -> str:
    """The address of a neighbour, carrying the list on; empty for none."""
    if record is None:
        return ""
    return f"{record.get_absolute_url()}?{urlencode({'from': desk.reference})}"
