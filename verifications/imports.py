"""Imports of items: a table is read, its columns are laid, every line is previewed, and then let run.

The preview is kept line by line: what is confirmed is what was shown. Mistakes come back as ValidationError
keyed by field, refusals as access.Denied or :class:`Over`.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

import changes.reading
from accounts.access import Actor, Denied, may, require
from accounts.models import Organisation
from cmdb.authority import Authority
from cmdb.models import ItemType
from records.services import refuse
from verifications import mapping, reading, words
from verifications.facts import targets_of
from verifications.judging import AUTHORITY, judge
from verifications.mapping import ATTRIBUTE, NAME_KEY, NUMBER_KEY, Target
from verifications.models import ImportLine, ItemImport
from verifications.reading import Sheet, Unreadable

log = logging.getLogger(__name__)

ACT, SEE = "import_items", "see_item_imports"
AT_ONCE = 20  # so few lines are carried out while one waits
FORGOTTEN_AFTER = timedelta(days=7)  # a table nobody confirmed
State, Line = ItemImport.State, ImportLine.State


class Over(Exception):
    """The import is past what was asked of it: confirmed, stopped or finished before."""


def of(actor: Actor) -> QuerySet[ItemImport]:
    """The imports an actor may look at: one's own; managers of all customers see everybody's."""
    rows = ItemImport.objects.select_related("asked_by", "type", "customer").defer("rows")
    return rows if may(actor, SEE) else rows.filter(asked_by=actor.user_id)


# --- a table ----------------------------------------------------------------------------------


def upload(
    raw: bytes,
    *,
    name: str,
    item_type: ItemType,
    encoding: str = "",
    actor: Actor,
    now: datetime,
) -> ItemImport:
    """A file of items, read; its columns are proposed by their names. ValidationError on ``file``."""
    require(actor, ACT)
    try:
        sheet = reading.read(raw, encoding=encoding)
    except Unreadable as refused:
        raise refuse("file", words.of_file(refused), refused.code) from refused
    return keep(sheet, name=name, item_type=item_type, actor=actor, now=now)


def keep(
    sheet: Sheet,
    *,
    name: str,
    item_type: ItemType,
    actor: Actor,
    now: datetime,
) -> ItemImport:
    """A table as an import whose columns are still to be laid."""
    require(actor, ACT)
    targets = targets_of(item_type, actor)
    laid = mapping.suggest(sheet.columns, targets.values())
    rows = [
        [line.number, line.cells, [[f.code, f.column, f.params] for f in line.faults]] for line in sheet.lines
    ]
    return ItemImport.objects.create(
        type=item_type, file_name=name[:200], encoding=sheet.encoding, sheet_name=sheet.name[:100],
        columns=list(sheet.columns), rows=rows, laid=laid, match=_likely_key(laid, targets), total=len(rows),
        origin=actor.origin, asked_by_id=actor.user_id, asked_at=now, touched_at=now,
    )  # fmt: skip


def keys_of(targets: Mapping[str, Target]) -> list[str]:
    """By what an item may be found again: its number, its name, or an attribute that is a text or number."""
    return [NUMBER_KEY, NAME_KEY] + [
        key
        for key, target in targets.items()
        if key.startswith(ATTRIBUTE) and target.kind in (mapping.TEXT, mapping.NUMBER)
    ]


def _likely_key(laid: Sequence[str], targets: Mapping[str, Target]) -> str:
    return next((key for key in keys_of(targets) if key in laid), "")


# --- preview ----------------------------------------------------------------------------------


def preview(
    job: ItemImport,
    *,
    laid: Sequence[str],
    match: str,
    customer: Organisation | None = None,
    is_emptying: bool = False,
    authority: str = "",
    actor: Actor,
    now: datetime,
) -> ItemImport:
    """What each line would do with the columns laid so; nothing of the register is changed.

    ``authority`` is the number of the approved change by which controlled facts are altered. May be asked
    again with other answers until it is confirmed. Raises ValidationError, Denied, Over.
    """
    require(actor, ACT)
    targets = targets_of(job.type, actor)
    _check_laying(job, laid, match, targets)
    by = authority_named(authority, actor)
    if actor.scope is not None and customer and customer.pk not in actor.scope:
        raise refuse("customer", _("Choose one of your customers."))
    with transaction.atomic():
        current = ItemImport.objects.select_for_update().get(pk=job.pk)
        if current.state not in ItemImport.BEFORE:
            raise Over
        current.laid, current.match, current.customer = list(laid), match, customer
        current.is_emptying, current.authority = is_emptying, by.number if by else ""
        current.state, current.touched_at = State.PREVIEWED, now
        lines = judge(current, targets, by, actor)
        current.lines.all().delete()
        ImportLine.objects.bulk_create(lines, batch_size=500)
        current.save()
    return current


def _check_laying(job: ItemImport, laid: Sequence[str], match: str, targets: Mapping[str, Target]) -> None:
    if len(laid) != len(job.columns):
        raise refuse("laid", _("Say of each column what it is."))
    if match not in keys_of(targets):
        raise refuse("match", _("Choose by what items are to be found."), "required")
    if faults := mapping.check_laying(laid, targets, match):
        names = {key: target.label for key, target in targets.items()}
        said = [
            words.of_fault({"code": f.code, "params": {k: names.get(v, v) for k, v in f.params.items()}})
            for f in faults
        ]
        field = "match" if faults[0].code == "key_missing" else "laid"
        raise refuse(field, " ".join(dict.fromkeys(said)), faults[0].code)


def authority_named(number: str, actor: Actor) -> Authority | None:
    """The change of this number as the register sees it; none for no number. ValidationError otherwise."""
    if not number.strip():
        return None
    try:
        return changes.reading.authority(number, actor=actor)
    except Http404 as strange:
        words_ = _("There is no change %(number)s.") % {"number": number.strip()[:20]}
        raise refuse("authority", words_, "unknown") from strange


# --- deciding ---------------------------------------------------------------------------------


def confirm(job: ItemImport, *, actor: Actor, now: datetime) -> bool:
    """Let it run. Twice is the same as once; answers whether this call did it. Raises Denied, Over.

    Lines that only want an approved change are tried as well, so that the register keeps the attempt.
    """
    require(actor, ACT)
    if job.asked_by_id != actor.user_id:
        raise Denied(actor, ACT)
    with transaction.atomic():
        drafts = ItemImport.objects.filter(pk=job.pk, state=State.PREVIEWED)
        if not drafts.update(state=State.WAITING, confirmed_at=now, touched_at=now):
            if ItemImport.objects.filter(pk=job.pk, state__in=[State.READ, State.CANCELLED]).exists():
                raise Over
            return False
        lines = ImportLine.objects.filter(job=job.pk)
        lines.filter(verdict=ImportLine.Verdict.SAME).update(state=Line.SAME, done_at=now)
        hopeless = lines.filter(verdict=ImportLine.Verdict.REFUSED)
        if tried := [pk for pk, faults in hopeless.values_list("pk", "faults") if _wants_authority(faults)]:
            hopeless = hopeless.exclude(pk__in=tried)
        hopeless.update(state=Line.REFUSED, done_at=now)
        if job.total > AT_ONCE:
            transaction.on_commit(lambda: wake(job.pk))
    return True


def _wants_authority(faults: Sequence[Mapping[str, Any]]) -> bool:
    return bool(faults) and all(fault["code"] in AUTHORITY for fault in faults)


def cancel(job: ItemImport, *, actor: Actor, now: datetime) -> None:
    """Stop it: what is done stays done, what is not begun stays as it is. Raises Denied, Over."""
    require(actor, ACT)
    if job.asked_by_id != actor.user_id and not may(actor, SEE):
        raise Denied(actor, ACT)
    with transaction.atomic():
        open_ = ItemImport.objects.filter(pk=job.pk, state__in=[*ItemImport.BEFORE, *ItemImport.UNFINISHED])
        if not open_.update(state=State.CANCELLED, finished_at=now):
            raise Over
        ImportLine.objects.filter(job=job.pk, state=Line.WAITING).update(state=Line.CANCELLED)


def wake(job_id: int) -> None:
    from verifications.tasks import run_import  # tasks import this module's neighbour

    try:
        run_import.delay(job_id)
    except Exception:
        log.warning("could not wake a worker for an import; the sweep will find it", exc_info=True)


def forget_drafts(now: datetime) -> int:
    """Delete tables nobody confirmed; answers how many."""
    old = ItemImport.objects.filter(state__in=ItemImport.BEFORE, touched_at__lt=now - FORGOTTEN_AFTER)
    ids = list(old.values_list("pk", flat=True)[:100])
    ItemImport.objects.filter(pk__in=ids, state__in=ItemImport.BEFORE).delete()
    return len(ids)


# --- over HTTP ---------------------------------------------------------------------------------


def sheet_from(entries: Sequence[Mapping[str, Any]]) -> Sheet:
    """Items as programs send them, as a table; "attributes" are taken apart. ValidationError on ``items``."""
    columns: dict[str, int] = {}
    flat: list[dict[str, str]] = []
    for place, entry in enumerate(entries):
        row: dict[str, str] = {}
        for name, value in entry.items():
            parts = value.items() if name == "attributes" and isinstance(value, Mapping) else ((None, value),)
            for code, part in parts:
                key = f"{ATTRIBUTE}{code}" if code is not None else str(name)
                if isinstance(part, Mapping | list | tuple):
                    raise refuse(
                        "items",
                        _("Item %(n)s: “%(name)s” is no single value.") % {"n": place + 1, "name": key[:60]},
                    )
                row[key] = _as_text(part)
                columns.setdefault(key, len(columns))
        flat.append(row)
    if len(columns) > reading.MAX_COLUMNS:
        raise refuse("items", _("At most %(n)s different fields.") % {"n": reading.MAX_COLUMNS}, "too_many")
    lines = [
        reading.line_of(number, [row.get(name, "") for name in columns], len(columns))
        for number, row in enumerate(flat, 1)
    ]
    return Sheet(tuple(columns), tuple(lines))


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
    return str(value)


# --- how it stands -------------------------------------------------------------------------------


def counts(job: ItemImport) -> dict[str, int]:
    """How many lines are at what: expected before it is confirmed, come to after."""
    column = "verdict" if job.state in (State.READ, State.PREVIEWED) else "state"
    return dict(job.lines.order_by().values_list(column).annotate(n=Count("pk")))
