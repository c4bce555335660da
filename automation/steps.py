"""An ordered list of changes as macros and rules keep it: read, told before, and carried out.

A step is ``{"change": name, "value": JSON}``. What cannot be done now (a person who left, a state that does
not allow it) is skipped with its reason and never silently.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from records import changes
from records.changes import Change
from records.models import Record
from records.services import get_record

MOST = 12
NESTED = frozenset({"macro"})  # a list of changes within a list of changes


@dataclass(frozen=True)
class Line:
    """What one step does, or did, on one ticket; ``refused`` says why not. ``is_so``: nothing to change."""

    change: str
    label: str
    words: str = ""
    before: str = ""
    after: str = ""
    refused: str = ""
    is_so: bool = False

    @property
    def is_done(self) -> bool:
        return not self.refused

    @property
    def has_failed(self) -> bool:
        return bool(self.refused) and not self.is_so


def offered(actor: Actor, *, is_personal: bool) -> list[Change]:
    """The changes a list may hold; those that mean the person who acts only where a person does."""
    found = [c for c in changes.changes_for(actor) if c.name not in NESTED]
    return [c for c in found if is_personal or not c.is_personal]


def checked(raw: Any, actor: Actor, *, is_personal: bool) -> list[dict[str, Any]]:
    """The steps as they are stored. ValidationError on ``steps`` names the step and what is wrong with it."""
    if not isinstance(raw, list) or not all(isinstance(one, Mapping) for one in raw):
        raise ValidationError({"steps": _("Give a list of steps, each with a change and its value.")})
    if len(raw) > MOST:
        raise ValidationError({"steps": _("At most %(n)s steps.") % {"n": MOST}})
    known = {change.name: change for change in offered(actor, is_personal=is_personal)}
    found, errors = [], []
    for number, one in enumerate(raw, start=1):
        change = known.get(str(one.get("change", "")))
        try:
            if change is None:
                raise ValidationError(_("There is no such change."), code="unknown")
            value = change.clean(one.get("value"), actor)
        except ValidationError as error:
            words = {"n": number, "why": " ".join(error.messages)}
            errors.append(_("Step %(n)s: %(why)s") % words)
        else:
            found.append({"change": change.name, "value": change.stored(value)})
    if errors:
        raise ValidationError({"steps": errors})
    return found


def words_of(raw: Iterable[Mapping[str, Any]], actor: Actor) -> list[Line]:
    """The steps in the reader's language, without a ticket."""
    return words_of_each([raw], actor)[0]


def words_of_each(lists: Iterable[Iterable[Mapping[str, Any]]], actor: Actor) -> list[list[Line]]:
    """Several lists of steps in words; what they name is read for all of them at once."""
    known = [[(one, changes.get(str(one["change"]))) for one in raw] for raw in lists]
    kept = changes.Kept(((c, one.get("value")) for row in known for one, c in row if c), actor)
    return [[_words(one, change, kept) for one, change in row] for row in known]


def _words(one: Mapping[str, Any], change: Change | None, kept: changes.Kept) -> Line:
    if change is None:
        return Line(str(one["change"]), _("A change that is no longer there"), refused=_("gone"))
    try:
        return Line(change.name, str(change.label), change.words(kept.clean(change, one.get("value"))))
    except ValidationError as error:
        return Line(change.name, str(change.label), refused=" ".join(error.messages))


def _value(one: Mapping[str, Any], record: Record, actor: Actor) -> tuple[Change, Any]:
    change = changes.get(str(one["change"]))
    if change is None:
        raise ValidationError(_("There is no such change."), code="unknown")
    changes.check_kind(change, record)
    return change, change.clean(one.get("value"), actor)


def _refused(one: Mapping[str, Any], refusal: Exception, words: str = "") -> Line:
    change = changes.get(str(one["change"]))
    label = str(change.label) if change else str(one["change"])
    codes = {error.code for error in _flat(refusal)}
    return Line(
        str(one["change"]), label, words, refused=changes.why_not(refusal), is_so=codes == {"unchanged"}
    )


def _flat(refusal: Exception) -> list[ValidationError]:
    if not isinstance(refusal, ValidationError):
        return []
    if hasattr(refusal, "error_dict"):
        return [e for errors in refusal.error_dict.values() for e in errors]
    return refusal.error_list


def told(record: Record, raw: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime) -> list[Line]:
    """What each step would do to the ticket as it stands now. Writes nothing."""
    return [_told(record, one, actor=actor, now=now) for one in raw]


def _told(record: Record, one: Mapping[str, Any], *, actor: Actor, now: datetime) -> Line:
    words = ""
    try:
        change, value = _value(one, record, actor)
        words = change.words(value)
        effect = change.preview(record, value, actor=actor, now=now)
    except changes.REFUSALS as refusal:
        return _refused(one, refusal, words)
    return Line(change.name, str(change.label), words, effect.before, effect.after)


def carried_out(
    record: Record,
    raw: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
    for_whom: Actor | None = None,
) -> list[Line]:
    """Do the steps one after the other, each on what the one before left; the caller holds the transaction.

    ``for_whom``: somebody who must be allowed each step as well, at this moment.
    """
    return [_carried_out(record, one, actor=actor, now=now, for_whom=for_whom) for one in raw]


def _carried_out(
    record: Record, one: Mapping[str, Any], *, actor: Actor, now: datetime, for_whom: Actor | None
) -> Line:
    current = get_record(actor, record.number)
    line = _told(current, one, actor=for_whom or actor, now=now)
    if line.refused:
        return line
    change, value = _value(one, current, for_whom or actor)
    try:
        with transaction.atomic():
            change.apply(current, value, actor=actor, now=now)
    except changes.REFUSALS as refusal:
        return _refused(one, refusal, line.words)
    return line
