"""The verbs of an audit of the register: planned, its sample drawn, every item checked, concluded, approved.

The auditor owns none of the items audited, and another one approves the report. With the approval every
difference becomes follow-up work, once, and what was altered without a change is counted (CHG-10).
Mistakes come back as ValidationError keyed by field, refusals as access.Denied or IllegalMove.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from actions.services import check_responsible
from cmdb.models import Item
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Priority
from records.services import begin, move, open_record, refuse, save
from verifications import following, lifecycle, sampling, scopes
from verifications.comparing import identity
from verifications.facts import attributes_of, facts_of, targets_of
from verifications.figures import figures_of
from verifications.mapping import value_of
from verifications.models import AuditDifference, AuditEntry, ItemAudit
from verifications.words import of_fault

Result = AuditEntry.Result
SHARE_MOST = 100


def plan(
    *,
    title: str,
    scope: Mapping[str, Any],
    auditor: User,
    planned_on: date,
    sample: str,
    amount: int,
    actor: Actor,
    now: datetime,
    description: str = "",
) -> ItemAudit:
    """Plan an audit of the items of a scope (verifications.scopes.make); the auditor is told."""
    access.require(actor, "lead_item_audits")
    if not title.strip():
        raise refuse("title", _("Give the audit a title."), "required")
    if planned_on < timezone.localdate(now) and actor.origin != access.Origin.IMPORT:
        raise refuse("planned_on", _("This day lies in the past."))
    _check_sample(sample, amount)
    _check_auditor(auditor, scopes.counted(scope, actor))
    planner = User.objects.get(pk=actor.user_id)
    return open_record(
        ItemAudit, Kind.ITEM_AUDIT, actor=actor, now=now, title=title.strip()[:200],
        description=description.strip(), customer=_customer(scope), requester=planner, owner=planner,
        assignee=auditor, priority=Priority.MODERATE, scope=dict(scope), planned_on=planned_on,
        sample=sample, amount=amount, seed=secrets.randbits(62),
    )  # fmt: skip


def _customer(scope: Mapping[str, Any]) -> Organisation:
    if scope["customer"]:
        return Organisation.objects.get(code=scope["customer"]["code"])
    return Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]


def _check_sample(sample: str, amount: int) -> None:
    if sample not in ItemAudit.Sample.values:
        raise refuse("sample", _("Say how many items are checked."), "required")
    if sample == sampling.COUNT and amount < 1:
        raise refuse("amount", _("Say how many items are checked: at least 1."))
    if sample == sampling.SHARE and not 1 <= amount <= SHARE_MOST:
        raise refuse("amount", _("Give a share from 1 to 100 per cent."))


def _check_auditor(auditor: User, items: Iterable[Item]) -> None:
    """Nobody audits what is his own."""
    check_responsible(auditor, "auditor")
    own = sorted(item.number for item in items if item.owner_id == auditor.pk)
    if own:
        words = _("%(name)s owns items of this scope (%(numbers)s) and cannot audit them.")
        shown = ", ".join(own[:5]) + (" …" if len(own) > 5 else "")
        raise refuse("auditor", words % {"name": auditor.name, "numbers": shown}, "owner")


def replan(
    audit: ItemAudit,
    *,
    auditor: User,
    planned_on: date,
    sample: str,
    amount: int,
    actor: Actor,
    now: datetime,
) -> ItemAudit:
    """Another auditor, day or size, until the sample is drawn."""
    _check_sample(sample, amount)
    with transaction.atomic():
        current = _begin(audit, "plan_item_audit", frozenset({lifecycle.PLANNED}), actor, now)
        _check_auditor(auditor, scopes.items_of(current.scope, actor))
        wanted = {"assignee": auditor, "planned_on": planned_on, "sample": sample, "amount": amount}
        changed = [name for name, value in wanted.items() if getattr(current, name) != value]
        if not changed:
            return current
        for name in changed:
            setattr(current, name, wanted[name])
        save(current, changed, now=now)
        fields = [current._meta.get_field(n) for n in changed]
        parts = [records_log.bilingual(getattr(each, "verbose_name", each.name)) for each in fields]
        said = {"en": ", ".join(p["en"] for p in parts), "zh": "、".join(p["zh"] for p in parts)}
        records_log.write(current, "item_audit.plan_item_audit", actor=actor, at=now, parts=said)
    return current


def _begin(
    audit: ItemAudit,
    act: str,
    states: frozenset[str],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ItemAudit:
    """As every act that is no move begins: lock, permission, version, state."""
    current = begin(audit, act, actor=actor, now=now, expected_version=expected_version)
    if current.state not in states:
        raise IllegalMove(act, current.state, lifecycle.LIFECYCLE.legal_moves(current.state))
    return current


def _as_auditor(audit: ItemAudit, act: str, actor: Actor) -> None:
    if audit.assignee_id != actor.user_id:
        raise access.Denied(actor, act)


# --- the sample -------------------------------------------------------------------------------


def draw(audit: ItemAudit, *, actor: Actor, now: datetime, expected_version: int | None = None) -> ItemAudit:
    """The auditor begins: the sample is drawn and stays, with what the register says of it now."""
    _as_auditor(audit, "draw_sample", actor)
    with transaction.atomic():
        current = _begin(audit, "draw_sample", frozenset({lifecycle.PLANNED}), actor, now, expected_version)
        items = {item.number: item for item in scopes.counted(current.scope, actor)}
        _check_auditor(User.objects.get(pk=actor.user_id), items.values())
        size = sampling.size_of(len(items), current.sample, current.amount)
        drawn = [items[number] for number in sampling.draw(items, size, current.seed)]
        facts = facts_of(drawn, attributes_of({item.type_id for item in drawn}))
        AuditEntry.objects.bulk_create(
            (
                AuditEntry(
                    audit=current, position=position, item=item, number=item.number, name=item.name,
                    expected=facts[item.pk],
                )
                for position, item in enumerate(drawn, 1)
            ),
            batch_size=500,
        )  # fmt: skip
        return move(
            current, "draw_sample", actor=actor, now=now, size=size, seed=str(current.seed),
            changes={"population": sorted(items), "drawn_at": now},
            population=len(items),
        )  # fmt: skip


# --- checking ---------------------------------------------------------------------------------


def check(
    entry: AuditEntry,
    *,
    result: str,
    actor: Actor,
    now: datetime,
    found: Mapping[str, str] | None = None,
    note: str = "",
    is_unauthorised: bool | None = None,
) -> AuditEntry:
    """What the auditor found of an item: ``found`` holds by fact what is otherwise, as text.

    ``is_unauthorised``: altered without an approved change; None: if a controlled fact differs. May be
    said anew until the audit is concluded.
    """
    if result not in (Result.AGREES, Result.DIFFERS, Result.NOT_FOUND):
        raise refuse("result", _("Say what you found."), "required")
    if result == Result.NOT_FOUND and not note.strip():
        raise refuse("note", _("Say where you looked for it."), "required")
    with transaction.atomic():
        _as_auditor(entry.audit, "check_item", actor)
        audit = _begin(entry.audit, "check_item", frozenset({lifecycle.RUNNING}), actor, now)
        current = (
            AuditEntry.objects.select_for_update(of=("self",)).select_related("item__type").get(pk=entry.pk)
        )
        if current.item is None:
            raise refuse("result", _("This is not in the register; remove it where it is listed by mistake."))
        if current.item.owner_id == actor.user_id:
            raise refuse("result", _("You own this item and cannot audit it."), "owner")
        rows = _differences(current, found or {}, actor) if result == Result.DIFFERS else []
        current.differences.all().delete()
        AuditDifference.objects.bulk_create(rows)
        is_controlled = any(row.is_controlled for row in rows)
        current.result, current.note = result, note.strip()
        current.is_unauthorised = bool(rows) and (
            is_controlled if is_unauthorised is None else is_unauthorised
        )
        current.checked_by_id, current.checked_at = actor.user_id, now
        current.save(update_fields=["result", "note", "is_unauthorised", "checked_by", "checked_at"])
        save(audit, [], now=now)
        _log_check(audit, current, actor, now)
    return current


def _log_check(audit: ItemAudit, entry: AuditEntry, actor: Actor, now: datetime) -> None:
    records_log.write(
        audit, "item_audit.check_item", actor=actor, at=now, text=entry.note,
        item=entry.number or entry.name, result=records_log.bilingual(Result(entry.result).label),
    )  # fmt: skip


def _differences(entry: AuditEntry, found: Mapping[str, str], actor: Actor) -> list[AuditDifference]:
    """The facts that are otherwise. ValidationError for values that cannot be, or where none is."""
    assert entry.item is not None, "checked by the caller"  # noqa: S101 - for the type checker
    targets = targets_of(entry.item.type, actor)
    rows = []
    for fact, text in found.items():
        if fact not in targets or fact == "number":
            raise refuse(fact, _("This cannot be audited."), "unknown_field")
        value: Any = ""
        if text.strip() and text.strip() not in ("-", "–", "—"):  # a dash: there is none
            value, code, params = value_of(targets[fact], text.strip())
            if code:
                raise refuse(fact, of_fault({"code": code, "params": params}), code)
        expected = entry.expected.get(fact, "")
        if identity(expected) != identity(value):
            rows.append(
                AuditDifference(
                    entry=entry, fact=fact, expected=expected, found=value,
                    is_controlled=targets[fact].is_controlled,
                )
            )  # fmt: skip
    if not rows:
        raise refuse("result", _("Say which fact differs and what it is."), "required")
    return rows


def add_unregistered(audit: ItemAudit, *, name: str, note: str, actor: Actor, now: datetime) -> AuditEntry:
    """Something is there that is not in the register."""
    if not name.strip():
        raise refuse("name", _("Say what you found."), "required")
    if not note.strip():
        raise refuse("note", _("Say where you found it."), "required")
    with transaction.atomic():
        _as_auditor(audit, "check_item", actor)
        current = _begin(audit, "check_item", frozenset({lifecycle.RUNNING}), actor, now)
        last = current.entries.order_by("-position").values_list("position", flat=True).first() or 0
        made = AuditEntry.objects.create(
            audit=current, position=last + 1, name=name.strip()[:200], note=note.strip(),
            result=Result.UNREGISTERED, checked_by_id=actor.user_id, checked_at=now,
        )  # fmt: skip
        save(current, [], now=now)
        _log_check(current, made, actor, now)
    return made


def drop_unregistered(entry: AuditEntry, *, actor: Actor, now: datetime) -> None:
    """It is in the register after all, or was listed by mistake."""
    with transaction.atomic():
        _as_auditor(entry.audit, "check_item", actor)
        audit = _begin(entry.audit, "check_item", frozenset({lifecycle.RUNNING}), actor, now)
        AuditEntry.objects.filter(pk=entry.pk, result=Result.UNREGISTERED).delete()
        save(audit, [], now=now)


# --- the report -------------------------------------------------------------------------------


def conclude(
    audit: ItemAudit, *, conclusion: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ItemAudit:
    """Every item is checked; the auditor says what follows, and the figures are fixed."""
    if not conclusion.strip():
        raise refuse("conclusion", _("Say what the audit found and what follows from it."), "required")
    _as_auditor(audit, "conclude_audit", actor)
    with transaction.atomic():
        current = _begin(
            audit, "conclude_audit", frozenset({lifecycle.RUNNING}), actor, now, expected_version
        )
        left = current.entries.filter(result=Result.OPEN).count()
        if left:
            raise refuse("conclusion", _("%(n)s items are not checked yet.") % {"n": left}, "open")
        found = figures_of(current)
        return move(
            current, "conclude_audit", actor=actor, now=now, note=conclusion.strip(),
            changes={"conclusion": conclusion.strip(), "figures": found, "reported_at": now},
            agree=found["agrees"], checked=found["sample"],
        )  # fmt: skip


def send_back(
    audit: ItemAudit, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ItemAudit:
    """The report does not stand yet, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say what is missing."), "required")
    return move(
        audit, "return_audit", actor=actor, now=now, note=reason.strip(), changes={"reported_at": None},
        expected_version=expected_version,
    )  # fmt: skip


def approve(
    audit: ItemAudit, *, due_on: date, actor: Actor, now: datetime, expected_version: int | None = None
) -> ItemAudit:
    """The report stands. Every difference becomes follow-up work due on ``due_on``; never by who checked."""
    if audit.assignee_id == actor.user_id or audit.entries.filter(checked_by=actor.user_id).exists():
        raise access.Denied(actor, "approve_audit")
    if due_on < timezone.localdate(now) and actor.origin != access.Origin.IMPORT:
        raise refuse("due_on", _("The due date lies in the past."))
    with transaction.atomic():
        current = _begin(
            audit, "approve_audit", frozenset({lifecycle.REPORTED}), actor, now, expected_version
        )
        opened = following.open_work(current, due_on=due_on, actor=actor, now=now)
        return move(
            current, "approve_audit", actor=actor, now=now, actions=opened,
            changes={"approved_by_id": actor.user_id, "approved_at": now},
        )  # fmt: skip


def call_off(
    audit: ItemAudit, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> ItemAudit:
    """It will not take place, or not to its end, with the reason."""
    if not reason.strip():
        raise refuse("reason", _("Say why the audit is cancelled."), "required")
    return move(
        audit, "call_off_audit", actor=actor, now=now, note=reason.strip(), expected_version=expected_version
    )
