"""Bulk edits: put together and previewed, confirmed, stopped, and taken up again for what was left out.

The tickets are frozen with the preview, each with its version: what is confirmed is what was shown. A ticket
that somebody else changed since is left out and said so.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, may, require
from records.models import Record
from records.services import refuse
from workspace import making
from workspace.making import Messages, Verdict, Wanted
from workspace.models import BulkEdit, BulkItem

log = logging.getLogger(__name__)

MOST = 10_000
JUDGED = 200  # tickets the preview looks at; of more it says that the rest follows
REHEARSED = 20  # of them tried out, so that the messages can be counted
AT_ONCE = 20  # so few are changed while one waits
FORGOTTEN_AFTER = timedelta(days=1)  # a preview nobody confirmed
ACT, SEE = "bulk_edit", "see_bulk_edits"


class Over(Exception):
    """The edit is past what was asked of it: confirmed, stopped or finished before."""


def of(actor: Actor) -> QuerySet[BulkEdit]:
    """The edits an actor may look at: one's own; managers of all customers see everybody's."""
    rows = BulkEdit.objects.select_related("asked_by")
    return rows if may(actor, SEE) else rows.filter(asked_by=actor.user_id)


def items_of(edit: BulkEdit, actor: Actor) -> QuerySet[BulkItem]:
    """Its tickets, as far as the reader may see them (still)."""
    visible = Record.objects.visible_to(actor).values("pk")
    rows = edit.items.filter(record__in=visible).select_related("record__customer")
    return rows.order_by("position")


# --- putting together --------------------------------------------------------------------------


def prepare(
    tickets: QuerySet[Record], wanted: Wanted, *, actor: Actor, now: datetime, source: str = ""
) -> BulkEdit:
    """A draft of the changes on these tickets, previewed. ``tickets`` begin from what the actor may see.

    Raises ValidationError on ``changes`` or ``tickets`` where there is none, or where they are too many.
    """
    require(actor, ACT)
    if not wanted:
        raise refuse("changes", _("Choose at least one change."), "required")
    frozen = list(tickets.values_list("pk", "version")[: MOST + 1])
    if not frozen:
        raise refuse("tickets", _("Choose at least one ticket."), "required")
    if len(frozen) > MOST:
        words = _("These are more than %(n)s tickets; narrow the view by a filter.") % {"n": MOST}
        raise refuse("tickets", words, "too_many")
    with transaction.atomic():
        edit = BulkEdit.objects.create(
            changes=making.keep(wanted), total=len(frozen), source=source[:2000], origin=actor.origin,
            asked_by_id=actor.user_id, asked_at=now, touched_at=now,
        )  # fmt: skip
        items = [
            BulkItem(edit=edit, record_id=pk, version=version, position=position)
            for position, (pk, version) in enumerate(frozen)
        ]
        BulkItem.objects.bulk_create(items, batch_size=1000)
    _judge(edit, items[:JUDGED], wanted, actor=actor, now=now)
    return edit


def tickets_named(numbers: Iterable[str], actor: Actor) -> QuerySet[Record]:
    """The tickets of these numbers that the actor may see, in the order of their numbers."""
    asked = {number.upper() for number in numbers}
    return Record.objects.visible_to(actor).tickets().filter(number__in=asked).order_by("number")


def _judge(edit: BulkEdit, items: list[BulkItem], wanted: Wanted, *, actor: Actor, now: datetime) -> None:
    """Store what is expected of the first tickets, and sums of it."""
    records = making.rows_of(Record.objects.filter(pk__in=[item.record_id for item in items]))
    sent: list[Messages] = []
    for item in items:
        record, verdict = records[item.record_id], Verdict()
        if item.position < REHEARSED:
            verdict, messages = making.rehearse(record, wanted, actor=actor, now=now)
            sent.append(messages)
        else:
            verdict = making.foresee(record, wanted, actor=actor, now=now)
        item.effects, item.reason = verdict.effects, verdict.reason[:300]
    BulkItem.objects.bulk_update(items, ["effects", "reason"], batch_size=300)
    edit.forecast = _summed(edit.total, items, sent)
    edit.save(update_fields=["forecast"])


def _summed(total: int, items: list[BulkItem], sent: list[Messages]) -> dict[str, object]:
    """The preview's sums. Messages beyond the rehearsed tickets are as many as those had on average."""
    reasons = Counter(item.reason for item in items if item.reason)
    changed = sum(1 for item in items if item.effects)
    rehearsed = sum(1 for item in items[: len(sent)] if item.effects)
    share = changed / len(items) * total / rehearsed if rehearsed else 0
    return {
        "judged": len(items),
        "changed": changed,
        "reasons": [list(pair) for pair in reasons.most_common(20)],
        "to_customers": round(share * sum(each.to_customers for each in sent)),
        "to_colleagues": round(share * sum(each.to_colleagues for each in sent)),
        "is_estimate": total > len(sent),
    }


# --- deciding ----------------------------------------------------------------------------------


def confirm(edit: BulkEdit, *, actor: Actor, now: datetime) -> bool:
    """Let it run. Twice is the same as once; answers whether this call did it. Raises Denied, Over."""
    require(actor, ACT)
    if edit.asked_by_id != actor.user_id:
        raise Denied(actor, ACT)
    drafts = BulkEdit.objects.filter(pk=edit.pk, state=BulkEdit.State.DRAFT)
    if drafts.update(state=BulkEdit.State.WAITING, confirmed_at=now, touched_at=now):
        if edit.total > AT_ONCE:
            transaction.on_commit(lambda: wake(edit.pk))
        return True
    if not BulkEdit.objects.filter(pk=edit.pk).exclude(state=BulkEdit.State.CANCELLED).exists():
        raise Over
    return False


def cancel(edit: BulkEdit, *, actor: Actor, now: datetime) -> None:
    """Stop it: what is changed stays changed, what is not begun stays as it is. Raises Denied, Over."""
    require(actor, ACT)
    if edit.asked_by_id != actor.user_id and not may(actor, SEE):
        raise Denied(actor, ACT)
    with transaction.atomic():
        open_ = BulkEdit.objects.filter(pk=edit.pk, state__in=[BulkEdit.State.DRAFT, *BulkEdit.UNFINISHED])
        if not open_.update(state=BulkEdit.State.CANCELLED, finished_at=now):
            raise Over
        waiting = BulkItem.objects.filter(edit=edit.pk, state=BulkItem.State.WAITING)
        waiting.update(state=BulkItem.State.CANCELLED)


def again(edit: BulkEdit, *, actor: Actor, now: datetime) -> BulkEdit:
    """A new draft with the same changes for what was skipped, failed or not begun, as it is now."""
    left = edit.items.exclude(state__in=[BulkItem.State.DONE, BulkItem.State.WAITING]).values("record")
    tickets = Record.objects.visible_to(actor).filter(pk__in=left).order_by("number")
    wanted = making.read(edit.changes, actor)
    return prepare(tickets, wanted, actor=actor, now=now, source=edit.source)


def wake(edit_id: int) -> None:
    from workspace.tasks import run_bulk  # tasks import this module's neighbour

    try:
        run_bulk.delay(edit_id)
    except Exception:
        log.warning("could not wake a worker for a bulk edit; the sweep will find it", exc_info=True)


def forget_drafts(now: datetime) -> int:
    """Delete previews nobody confirmed; answers how many."""
    old = BulkEdit.objects.filter(state=BulkEdit.State.DRAFT, touched_at__lt=now - FORGOTTEN_AFTER)
    ids = list(old.values_list("pk", flat=True)[:100])
    BulkEdit.objects.filter(pk__in=ids, state=BulkEdit.State.DRAFT).delete()
    return len(ids)
