"""Working off a bulk edit: any number of workers, killed at any instant, change every ticket exactly once.

A ticket's change and the row that says so are one transaction under the lock of that row: what was committed
is done and never done again, what was not is as if it had never been begun.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import Actor, Origin, may
from accounts.models import User
from records import changes
from records.services import get_record, lock
from workspace import bulk, making
from workspace.making import Wanted
from workspace.models import BulkEdit, BulkItem

log = logging.getLogger(__name__)

SLICE_SECONDS = 10.0  # the worker that changes tickets also raises alarms
SILENT = timedelta(seconds=60)  # an edit nobody touched for so long is offered again
ATTEMPTS = 5  # begun so often without an end, a ticket is given up


def run(edit_id: int, *, seconds: float | None = None) -> bool:
    """Work on an edit to its end, or for about so many seconds; True while something is left to do.

    Safe to call any number of times, at once and again.
    """
    edit = BulkEdit.objects.filter(pk=edit_id, state__in=BulkEdit.UNFINISHED).first()
    if edit is None:
        return False
    user = User.objects.prefetch_related("grants", "memberships").get(pk=edit.asked_by_id)
    actor = user.actor.via(Origin(edit.origin))
    with translation.override(user.language or settings.LANGUAGE_CODE):
        try:
            wanted = _permitted(edit, user, actor)
        except ValidationError as refused:
            _give_up(edit, " ".join(refused.messages))
            return False
        return _work(edit, wanted, actor, seconds)


def _permitted(edit: BulkEdit, user: User, actor: Actor) -> Wanted:
    """The changes, where who asked for them still may. ValidationError otherwise."""
    if not user.is_active or not may(actor, bulk.ACT):
        raise ValidationError(_("Who asked for it may not do this any more."))
    return making.read(edit.changes, actor)


def _work(edit: BulkEdit, wanted: Wanted, actor: Actor, seconds: float | None) -> bool:
    until = time.monotonic() + seconds if seconds is not None else None
    while True:
        item = _next(edit)
        if item is None:
            return not _finish(edit)
        _settle(item, wanted, actor)
        if until is not None and time.monotonic() > until:
            return True


def _next(edit: BulkEdit) -> BulkItem | None:
    """The ticket to work on; that it was begun is stored first, so that a crash counts."""
    open_ = BulkEdit.objects.filter(pk=edit.pk, state__in=BulkEdit.UNFINISHED)
    if not open_.update(state=BulkEdit.State.RUNNING, touched_at=timezone.now()):
        return None
    with transaction.atomic():
        waiting = BulkItem.objects.filter(edit=edit.pk, state=BulkItem.State.WAITING)
        item = waiting.select_for_update(skip_locked=True).order_by("attempts", "position").first()
        if item is None:
            return None
        item.attempts += 1
        item.save(update_fields=["attempts"])
    return item


def _settle(item: BulkItem, wanted: Wanted, actor: Actor) -> None:
    """Change one ticket, or say why not."""
    if item.attempts > ATTEMPTS:
        _note(item, BulkItem.State.FAILED, _("It was begun several times and never ended."))
        return
    try:
        _change(item, wanted, actor)
    except making.Changed as other:
        words = _("%(name)s changed it since the preview.") % {"name": other.name}
        _note(item, BulkItem.State.SKIPPED, words)
    except Http404:
        _note(item, BulkItem.State.SKIPPED, _("There is no such ticket."))
    except changes.REFUSALS as refusal:
        _note(item, BulkItem.State.SKIPPED, changes.why_not(refusal))
    except OperationalError:
        log.warning("ticket %s of bulk edit %s is tried again", item.record_id, item.edit_id, exc_info=True)
    except Exception:
        log.exception("ticket %s of bulk edit %s failed", item.record_id, item.edit_id)
        _note(item, BulkItem.State.FAILED, _("The server met an error; it was noted."))


@transaction.atomic
def _change(item: BulkItem, wanted: Wanted, actor: Actor) -> None:
    """The change of a ticket and the row that says so, in one transaction."""
    rows = BulkItem.objects.select_for_update(of=("self",)).select_related("record")
    mine = rows.filter(pk=item.pk, state=BulkItem.State.WAITING).first()
    if mine is None:  # somebody else did it, or it was stopped
        return
    now = timezone.now().replace(microsecond=0)
    record = lock(get_record(actor, mine.record.number))
    making.check_unchanged(record, mine.version, actor=actor)
    verdict = making.make(record, wanted, actor=actor, now=now)
    mine.state = BulkItem.State.DONE if verdict.effects else BulkItem.State.SKIPPED
    mine.effects, mine.reason, mine.done_at = verdict.effects, verdict.reason[:300], now
    mine.save(update_fields=["state", "effects", "reason", "done_at"])


def _note(item: BulkItem, state: str, reason: str) -> None:
    waiting = BulkItem.objects.filter(pk=item.pk, state=BulkItem.State.WAITING)
    waiting.update(state=state, reason=reason[:300], effects=[], done_at=timezone.now())


def _finish(edit: BulkEdit) -> bool:
    """It is over where no ticket waits any more, also none that another worker holds; True then."""
    if edit.items.filter(state=BulkItem.State.WAITING).exists():
        return False
    running = BulkEdit.objects.filter(pk=edit.pk, state__in=BulkEdit.UNFINISHED)
    running.update(state=BulkEdit.State.DONE, finished_at=timezone.now())
    return True


def _give_up(edit: BulkEdit, reason: str) -> None:
    waiting = edit.items.filter(state=BulkItem.State.WAITING)
    waiting.update(state=BulkItem.State.FAILED, reason=reason[:300], effects=[], done_at=timezone.now())
    _finish(edit)


def unfinished() -> list[int]:
    """Edits nobody works on: their worker was killed, or the call to it got lost."""
    silent = BulkEdit.objects.filter(state__in=BulkEdit.UNFINISHED, touched_at__lt=timezone.now() - SILENT)
    return list(silent.order_by("pk").values_list("pk", flat=True))
