"""Making an export: any number of workers, killed at any instant, make each file exactly once and whole.

The list is frozen first, as the keys of its rows in their order; then its rows are read and written chunk by
chunk, each chunk with the rights its asker has at that moment. What is written is confirmed in the row after
the file holds it; another worker goes on behind what was confirmed. The file gets its name, and the row says
so, under the row's lock: before that there is nothing to fetch.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import BadRequest, ValidationError
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, Origin
from accounts.models import User
from exports import parts, services
from exports.columns import Column
from exports.models import Export
from exports.sources import Source
from exports.writing import CHUNK, FORMATS, labels_of
from itsm.download import as_name
from records import files

log = logging.getLogger(__name__)

SLICE_SECONDS = 8.0  # the worker that writes files also raises alarms
LEASE = timedelta(seconds=60)
SILENT = timedelta(seconds=60)  # an export nobody touched for so long is offered again
ATTEMPTS = 5  # begun so often without an end, it is given up
MOST = {"csv": 3_000_000, "xlsx": 500_000}


class Lost(Exception):
    """Somebody else writes this export now, or it was stopped."""


class Refused(Exception):
    """It cannot be made; its words say why, to who asked."""


@dataclass
class Job:
    """An export with what is needed to write it; ``rows`` are those of this moment."""

    export: Export
    source: Source
    actor: Actor
    columns: list[Column]
    rows: QuerySet[Any] | Sequence[Any]
    zone: ZoneInfo
    now: datetime

    @property
    def table(self) -> Any:
        return FORMATS[self.export.format]


def run(export_id: int, *, seconds: float | None = None) -> bool:
    """Work on an export to its end, or for about so many seconds; True while something is left to do.

    Safe to call any number of times, at once and again.
    """
    export = _claim(export_id)
    if export is None:
        return False
    try:
        with translation.override(export.language), timezone.override(ZoneInfo(export.zone)):
            return _make(export, seconds)
    except Lost:
        parts.remove(export.part)
        return False
    except OperationalError:
        log.warning("export %s is tried again", export_id, exc_info=True)
        return True


def _claim(export_id: int) -> Export | None:
    """The export, for this worker alone; None where it is over or somebody writes it."""
    now = timezone.now()
    with transaction.atomic():
        rows = Export.objects.select_for_update(skip_locked=True)
        export = rows.filter(pk=export_id, state__in=Export.UNFINISHED).first()
        if export is None or (export.lease_until and export.lease_until > now):
            return None
        export.attempts += export.lease_until is not None  # whoever had it did not give it back
        before, export.part = export.part, parts.new_name()
        if not parts.inherit(before, export.part, export.offset):
            export.total, export.position, export.offset, export.done_rows = None, 0, 0, 0
        export.state, export.lease_until, export.touched_at = Export.State.RUNNING, now + LEASE, now
        export.started_at = export.started_at or now.replace(microsecond=0)
        export.save()
    return export


def _make(export: Export, seconds: float | None) -> bool:
    try:
        if export.attempts >= ATTEMPTS:
            raise Refused(_("It was begun several times and never ended."))
        job = _job(export)
        if export.total is None:
            _begin(job)
        if _write(job, seconds):
            return True
        _finish(job)
    except (OperationalError, Lost):
        raise
    except Exception as error:  # noqa: BLE001 - it is noted, and told in words
        _fail(export, _why(error))
    return False


def _why(error: Exception) -> str:
    """Why it cannot be made, in the words of who asked for it; what nobody meant is noted in the log."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, Denied):
        return _("You may not see this list any more.")
    if isinstance(error, Http404):
        return _("This list does not exist any more, or you may not see it any more.")
    if isinstance(error, BadRequest):
        return str(error)
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    log.error("an export failed", exc_info=error)
    return _("The server met an error; it was noted.")


def _job(export: Export) -> Job:
    """Read with the rights of now. Raises what keeps the asker from it."""
    user = User.objects.prefetch_related("grants", "memberships").get(pk=export.asker_id)
    if not user.is_active:
        raise Refused(_("Who asked for it may not do this any more."))
    actor = user.actor.via(Origin(export.origin))
    source = services.source_of(export)
    if not source.may(actor):
        raise Denied(actor, source.permission or services.ACT)
    query, now = QueryDict(export.query), export.started_at or timezone.now()
    rows = source.rows(actor, query, now)
    return Job(export, source, actor, source.columns_for(actor, query), rows, ZoneInfo(export.zone), now)


def _begin(job: Job) -> None:
    """Freeze the list and write the head."""
    export = job.export
    if isinstance(job.rows, QuerySet):
        keys = job.rows.values_list("pk", flat=True)
        total = parts.freeze(export.part, keys.iterator(chunk_size=10_000))
    else:
        total = parts.freeze(export.part, range(len(job.rows)))
    _check_size(export.format, total)
    head = job.table.head(job.columns, labels_of(job.columns, job.zone))
    export.total, export.offset = total, parts.append(export.part, 0, head)
    _confirm(export)


def _check_size(wanted: str, total: int) -> None:
    most = MOST[wanted]
    if total <= most:
        return
    given = {"total": f"{total:,}", "most": f"{most:,}"}
    if wanted == "xlsx":
        raise Refused(
            _(
                "The list has %(total)s rows, and an Excel file is made of at most %(most)s. "
                "Narrow the list by a filter, or take CSV."
            )
            % given
        )
    words = _("The list has %(total)s rows; at most %(most)s are exported. Narrow it by a filter.")
    raise Refused(words % given)


def _write(job: Job, seconds: float | None) -> bool:
    """Write chunk after chunk; True where time was over before the list was."""
    export, until = job.export, time.monotonic() + seconds if seconds is not None else None
    while keys := parts.keys_from(export.part, export.position, CHUNK):
        rows = _chunk(job, keys)
        content = job.table.lines(job.columns, rows, job.zone, export.done_rows)
        export.offset = parts.append(export.part, export.offset, content)
        export.position += len(keys)
        export.done_rows += len(rows)
        _confirm(export)
        if until is not None and time.monotonic() > until:
            _give_back(export)
            return True
    return False


def _chunk(job: Job, keys: list[int]) -> list[Any]:
    """The rows of these keys in this order; what is gone, or out of sight or of the filter, is left out."""
    if isinstance(job.rows, QuerySet):
        found = {row.pk: row for row in job.source.read(job.rows.order_by()).filter(pk__in=keys)}
        rows = [found[key] for key in keys if key in found]
    else:
        rows = list(job.rows[keys[0] : keys[-1] + 1])
    job.source.attach(rows, job.actor, job.now)
    return rows


def _mine(export: Export) -> "QuerySet[Export]":
    return Export.objects.filter(pk=export.pk, part=export.part, state=Export.State.RUNNING)


def _confirm(export: Export) -> None:
    """Say in the row what the file holds, and keep it for a while. Lost where it is somebody else's."""
    now = timezone.now()
    kept = _mine(export).update(
        total=export.total, position=export.position, offset=export.offset, done_rows=export.done_rows,
        lease_until=now + LEASE, touched_at=now,
    )  # fmt: skip
    if not kept:
        raise Lost


def _give_back(export: Export) -> None:
    _mine(export).update(lease_until=None)


def _finish(job: Job) -> None:
    """Name the file and say so, under the lock of the row."""
    export, key = job.export, parts.new_name()
    rows, packed = parts.rows_path(export.part), parts.packed_path(export.part)
    name = str(job.source.label)
    job.table.close(rows, packed, count=export.done_rows, width=len(job.columns), name=name)
    parts.sync(packed)
    now = timezone.now().replace(microsecond=0)
    with transaction.atomic():
        if not _mine(export).select_for_update().exists():
            raise Lost
        path = files.path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        packed.replace(path)  # if this transaction fails, a file nobody names, swept a day later
        day = timezone.localtime(now).strftime("%Y-%m-%d")
        _mine(export).update(
            state=Export.State.DONE, finished_at=now, expires_at=now + services.KEPT, lease_until=None,
            key=key, size=path.stat().st_size, file_name=f"{as_name(name)} {day}.{job.table.ENDING}",
        )  # fmt: skip
    parts.remove(export.part)


def _fail(export: Export, reason: str) -> None:
    now = timezone.now().replace(microsecond=0)
    _mine(export).update(
        state=Export.State.FAILED, reason=reason[:500], finished_at=now, touched_at=now, lease_until=None
    )
    parts.remove(export.part)


def unfinished() -> Iterable[int]:
    """Exports nobody works on: their worker was killed, or the call to it got lost."""
    silent = Export.objects.filter(state__in=Export.UNFINISHED, touched_at__lt=timezone.now() - SILENT)
    return list(silent.order_by("pk").values_list("pk", flat=True)[:100])
