"""What changed in a list since it was shown: counted apart, so that nothing moves until the reader asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records import keyset, queues
from records.desk import Desk

COUNTED = 100


@dataclass(frozen=True)
class Changes:
    """Rows that came into the list, that changed in it, and that left it; ``new`` stops at COUNTED."""

    new: int
    changed: int
    left: int

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.left)

    @property
    def total(self) -> int:
        return self.new + self.changed + self.left

    @property
    def words(self) -> str:
        """ "3 new, 1 changed, 1 left" without what did not happen."""
        parts = []
        if self.new:
            count = f"{COUNTED}+" if self.new > COUNTED else str(self.new)
            parts.append(ngettext("%(n)s new", "%(n)s new", self.new) % {"n": count})
        if self.changed:
            parts.append(ngettext("%(n)s changed", "%(n)s changed", self.changed) % {"n": self.changed})
        if self.left:
            parts.append(ngettext("%(n)s left", "%(n)s left", self.left) % {"n": self.left})
        return _(", ").join(parts)


def changes(desk: Desk, *, shown: Iterable[int], since: datetime) -> Changes:
    """What happened to a page whose rows were ``shown``; three queries.

    New is what was opened since and stands in the list, wherever, or would stand on this page and was touched
    since (or fell due: then nobody touched it). What merely moved up from the next page is not new.
    """
    ids = set(shown)
    rows = desk.records
    still = dict(rows.filter(pk__in=ids).order_by().values_list("pk", "updated_at")) if ids else {}
    opened = rows.filter(opened_at__gt=since).exclude(pk__in=ids).order_by()
    new = set(opened.values_list("pk", flat=True)[: COUNTED + 1])
    page = keyset.page(
        rows.defer("description"), desk.sort, size=queues.PAGE, after=desk.after, before=desk.before
    )
    new |= {r.pk for r in page.rows if r.pk not in ids and _is_new(r.updated_at, r.next_due_at, desk, since)}
    changed = sum(at > since for at in still.values())
    return Changes(new=len(new), changed=changed, left=len(ids - still.keys()))


def _is_new(updated_at: datetime, due_at: datetime | None, desk: Desk, since: datetime) -> bool:
    if updated_at > since:
        return True
    spans = (queues.SOON, queues.SOON * 0)  # a view by due time is entered by the clock alone
    return desk.view.is_by_due and due_at is not None and any(since < due_at - s <= desk.now for s in spans)
