"""What follows from an audit: work on every difference, unauthorised changes, remarks that it was done."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

import changes.unauthorised
from accounts.access import Actor
from accounts.models import User
from actions.models import Action
from actions.services import open_action
from records import log as records_log
from records.lifecycle import IllegalMove
from records.services import begin, refuse, save
from verifications import lifecycle
from verifications.facts import NAMES
from verifications.mapping import ATTRIBUTE
from verifications.models import AuditDifference, AuditEntry, ItemAudit

Result = AuditEntry.Result
TITLES = {
    Result.DIFFERS: "the register and the item differ · 登记与实物不一致",
    Result.NOT_FOUND: "the item was not found · 未找到实物",
    Result.UNREGISTERED: "it is not in the register · 未登记",
}


def open_work(audit: ItemAudit, *, due_on: date, actor: Actor, now: datetime) -> int:
    """An action for every item that does not agree, and a count of what no change explains; once each.

    Answers how many actions there are. Called under the audit's lock.
    """
    wanting = audit.entries.exclude(result__in=[Result.AGREES, Result.OPEN])
    opened = 0
    for entry in wanting.select_related("item__owner").prefetch_related("differences").order_by("position"):
        if entry.action_id is None:
            entry.action = _action(audit, entry, due_on, actor, now)
        if entry.is_unauthorised and entry.item and entry.counted_at is None:
            changes.unauthorised.record(item=entry.item, found=said(entry), cause=audit, actor=actor, now=now)
            entry.counted_at = now
        entry.save(update_fields=["action", "counted_at"])
        opened += 1
    return opened


def _action(audit: ItemAudit, entry: AuditEntry, due_on: date, actor: Actor, now: datetime) -> Action:
    """For the item's owner, or else for who planned the audit."""
    owner = entry.item.owner if entry.item else None
    can_own = owner is not None and owner.is_active and owner.actor.is_staff_side
    responsible = (
        owner if owner is not None and can_own else audit.owner or User.objects.get(pk=actor.user_id)
    )
    what = f"{entry.number} {entry.name}".strip()[:100]
    return open_action(
        source=Action.Source.AUDIT, title=f"{what}: {TITLES[Result(entry.result)]}", description=said(entry),
        responsible=responsible, due_on=due_on, actor=actor, now=now, cause=audit,
        key=f"item-audit:{audit.number}:{entry.pk}",
    )  # fmt: skip


def said(entry: AuditEntry) -> str:
    """What was found, in both languages, for texts that are stored once for all readers."""
    lines = [
        f"{_both(fact_label(row.fact))}: {_both(row.expected) or '–'} → {_both(row.found) or '–'}"
        for row in entry.differences.all()
    ]
    return "\n".join([*lines, entry.note]).strip()


def fact_label(fact: str) -> dict[str, str]:
    """A fact's name as a label; of an attribute its code."""
    if fact in NAMES:
        return records_log.bilingual(NAMES[fact])
    code = fact.removeprefix(ATTRIBUTE)
    return {"en": code, "zh": code}


def _both(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(dict.fromkeys(str(value[part]) for part in ("en", "zh") if value.get(part)))
    return "" if value is None else str(value)


def correct(difference: AuditDifference, *, remark: str, actor: Actor, now: datetime) -> AuditDifference:
    """A remark that a fact was put right, in the register or at the item. Said once."""
    if not remark.strip():
        raise refuse("remark", _("Say what was put right and how."), "required")
    with transaction.atomic():
        audit = begin(difference.entry.audit, "check_item", actor=actor, now=now, expected_version=None)
        if audit.state != lifecycle.APPROVED:
            legal = lifecycle.LIFECYCLE.legal_moves(audit.state)
            raise IllegalMove("correct", audit.state, legal)
        current = AuditDifference.objects.select_for_update().get(pk=difference.pk)
        if current.corrected_at:
            return current
        current.remark, current.corrected_at = remark.strip(), now
        current.corrected_by_id = actor.user_id
        current.save(update_fields=["remark", "corrected_at", "corrected_by"])
        save(audit, [], now=now)
        records_log.write(
            audit, "item_audit.corrected", actor=actor, at=now, text=current.remark,
            fact=fact_label(current.fact), item=difference.entry.number or difference.entry.name,
        )  # fmt: skip
    return current
