"""The verbs of what plans are made of (releases.parts): added, taken out, met, reached, begun, done.

They serve every process whose record has such rows; each process says in `Rules` when they are possible and
who may. Each verb is one transaction on the record. Mistakes are ValidationError keyed by field, refusals
access.Denied, IllegalMove, Stale or Http404.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Actor
from records import files
from records import log as records_log
from records.files import Upload
from records.kinds import process_of
from records.lifecycle import IllegalMove
from records.models import Attachment, Record
from records.services import MAX_TEXT, begin, refuse, save, store_files

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Rules:
    """When the parts of a plan are written and carried out. ``act`` is the permission asked for."""

    act: str
    plannable: frozenset[str]
    running: frozenset[str]
    open: frozenset[str]


def begun(
    work: R,
    act: str,
    states: Iterable[str],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> R:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(work, act, actor=actor, now=now, expected_version=expected_version)
    if current.state not in states:
        legal = process_of(current.kind).lifecycle_of(current).legal_moves(current.state)
        raise IllegalMove(act, current.state, legal)
    return current


def needed(words: str, field: str, message: Any) -> str:
    """The words without blanks around; ValidationError where there are none, or far too many."""
    words = fitting(words, field)
    if not words:
        raise refuse(field, str(message), "required")
    return words


def fitting(words: str, field: str) -> str:
    """The words without blanks around, if there are any; ValidationError for far too many."""
    words = words.strip()
    if "\0" in words:
        raise refuse(field, _("Null characters are not allowed."))
    if len(words) > MAX_TEXT:
        raise refuse(field, _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT})
    return words


def add(work: R, part: str, facts: Mapping[str, Any], *, rules: Rules, actor: Actor, now: datetime) -> Any:
    """A new row of a part, such as "members" or "nodes"."""
    with transaction.atomic():
        current = begun(work, rules.act, rules.plannable, actor=actor, now=now)
        rows: Any = getattr(current, part)
        row = rows.model(work=current, **facts)
        _clean(row, facts)
        row.save()
        _log(current, "added", rows.model, row, actor, now)
    return row


def _clean(row: Any, facts: Mapping[str, Any]) -> None:
    """The facts checked one by one, and what stands there already told on the first of them."""
    row.clean_fields(exclude=[f.name for f in row._meta.fields if facts.get(f.name) is None])
    try:
        row.validate_constraints()
    except ValidationError:
        raise refuse(next(iter(facts)), _("This is there already."), "unique") from None


def _log(current: Record, what: str, model: Any, row: Any, actor: Actor, now: datetime, **more: Any) -> Any:
    activity = records_log.write(
        current, f"{current.kind}.{what}", actor=actor, at=now,
        text=more.pop("text", ""), part=records_log.bilingual(model._meta.verbose_name), name=row.label,
        **more,
    )  # fmt: skip
    save(current, [], now=now)
    return activity


def change(
    work: R,
    part: str,
    pk: int,
    facts: Mapping[str, Any],
    *,
    rules: Rules,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Any:
    """Write facts of a row anew; what is done or met already stays, and so do points of every plan."""
    with transaction.atomic():
        current = begun(
            work, rules.act, rules.plannable, actor=actor, now=now, expected_version=expected_version
        )
        row = find(current, part, pk)
        _check_open(row, part)
        changed = {name: value for name, value in facts.items() if getattr(row, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(row, name, value)
            _clean(row, changed)
            row.save(update_fields=list(changed))
            _log(current, "altered", type(row), row, actor, now)
    return row


def _check_open(row: Any, part: str) -> None:
    if part == "checks" and row.sort != "other":
        raise refuse("row", _("This point belongs to every plan of this kind."))
    if getattr(row, "done_at", None) or getattr(row, "met_at", None) or getattr(row, "started_at", None):
        raise refuse("row", _("This was done already; it stays."))


def find(work: Record, part: str, pk: int) -> Any:
    """One row of a part; 404 where it is not this record's."""
    row = getattr(work, part).filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such row."))
    return row


def remove(work: R, part: str, pk: int, *, rules: Rules, actor: Actor, now: datetime) -> None:
    """Take a row out of the plan; what is done or met already stays."""
    with transaction.atomic():
        current = begun(work, rules.act, rules.plannable, actor=actor, now=now)
        row = find(current, part, pk)
        _check_open(row, part)
        _log(current, "removed", type(row), row, actor, now)
        row.delete()


def meet(
    work: R,
    pk: int,
    *,
    evidence: str,
    rules: Rules,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Upload] = (),
) -> Any:
    """A point of the readiness checklist is met: by which evidence, in words, as a file, or both."""
    evidence = fitting(evidence, "evidence")
    if not attachments:
        needed(evidence, "evidence", _("Say by which evidence, or attach it."))
    files.check(list(attachments))
    with transaction.atomic():
        current = begun(work, rules.act, rules.plannable | rules.running, actor=actor, now=now)
        row = find(current, "checks", pk)
        if row.met_at:
            raise refuse("evidence", _("This point is met already."))
        row.evidence, row.met_by_id, row.met_at = evidence, actor.user_id, now
        activity = _log(current, "met", type(row), row, actor, now, text=evidence)
        store_files(current, activity, attachments, public=False, actor=actor, now=now)
        row.attachment = Attachment.objects.filter(activity=activity).order_by("pk").first()
        row.save(update_fields=["evidence", "met_by", "met_at", "attachment"])
    return row


def unmeet(work: R, pk: int, *, reason: str, rules: Rules, actor: Actor, now: datetime) -> Any:
    """A point is not met any more; what was said of it stays in the log."""
    reason = needed(reason, "reason", _("Say what is missing now."))
    with transaction.atomic():
        current = begun(work, rules.act, rules.plannable, actor=actor, now=now)
        row = find(current, "checks", pk)
        row.evidence, row.met_by, row.met_at, row.attachment = "", None, None, None
        row.save(update_fields=["evidence", "met_by", "met_at", "attachment"])
        _log(current, "unmet", type(row), row, actor, now, text=reason)
    return row


def reach(work: R, pk: int, *, rules: Rules, actor: Actor, now: datetime) -> Any:
    """A key node of the timetable is reached. Once."""
    with transaction.atomic():
        current = begun(work, rules.act, rules.open, actor=actor, now=now)
        row = find(current, "nodes", pk)
        if row.done_at is None:
            row.done_at, row.done_by_id = now, actor.user_id
            row.save(update_fields=["done_at", "done_by"])
            _log(current, "reached", type(row), row, actor, now)
    return row


def start_step(work: R, pk: int, *, rules: Rules, actor: Actor, now: datetime) -> Any:
    """Begin a step. Once."""
    with transaction.atomic():
        current = begun(work, rules.act, rules.running, actor=actor, now=now)
        row = find(current, "steps", pk)
        if row.started_at is None and row.done_at is None:
            row.started_at = now
            row.save(update_fields=["started_at"])
            _log(current, "step_begun", type(row), row, actor, now)
    return row


def finish_step(current: Record, row: Any, *, result: str, actor: Actor, now: datetime) -> Any:
    """Note a step as done; the caller holds the record's lock. A step is done once."""
    result = fitting(result, "result")
    if row.done_at:
        raise refuse("result", _("This step was done already."), "done")
    row.started_at = row.started_at or now
    row.done_at, row.done_by_id, row.result = now, actor.user_id, result
    row.save(update_fields=["started_at", "done_at", "done_by", "result"])
    _log(current, "step_done", type(row), row, actor, now, text=result)
    return row
