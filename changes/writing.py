"""Writing into a change: its facts, what it touches, its plan. What was approved starts anew when altered."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.services import system_after
from catalog.models import Service
from changes import content, lifecycle, scheduling
from changes.models import Approval, Change, ChangeItem, ChangeService, Exemption
from changes.reading import digest_of
from cmdb.models import Item
from records import log as records_log
from records.lifecycle import IllegalMove
from records.services import begin, edit, move, refuse, save
from windows import booking

NEEDED_ONCE_APPROVED = ("title", "description", "reason", "expected_effect", "plan", "backout_plan")
MODELLED = frozenset({"nature", "expected_effect", "plan", "backout_plan", "test_plan", "category"})


def writable(change: Change, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Change:
    """The change under its lock, if it may still be written into; IllegalMove once it is being done."""
    current = begin(change, "work_change", actor=actor, now=now, expected_version=expected_version)
    if current.state not in lifecycle.WRITABLE:
        way = lifecycle.WAYS[current.category]
        raise IllegalMove("work_change", current.state, way.legal_moves(current.state))
    return current


@contextmanager
def altering(change: Change, *, actor: Actor, now: datetime) -> Iterator[None]:
    """Around a write to a locked change: if what is approved is altered by it, the approval starts anew."""
    yield
    if change.state in (lifecycle.APPROVING, lifecycle.APPROVED) and digest_of(change) != change.content_hash:
        _restart(change, actor=actor, now=now)
    if scheduling.is_kept(change):
        scheduling.place(change, actor=actor, now=now)


def _restart(change: Change, *, actor: Actor, now: datetime) -> None:
    """The answers given so far become history; those not given are no longer waited for (CHG-13)."""
    from changes import deciding  # both ways: a decision asks for a round, an edit begins a new one

    if change.category == lifecycle.STANDARD:
        raise refuse("plan", _("The plan of a standard change is that of its model; only its time is free."))
    change.approvals.filter(round=change.round, result="").update(result=Approval.Result.VOID, decided_at=now)
    system = system_after(actor)
    if change.category == lifecycle.EMERGENCY:
        moved = move(change, "reauthorise_change", actor=system, now=now, changes={"content_hash": ""})
        _take_over(change, moved)
        scheduling.give_up(change)
        return
    deciding.look_again(change)
    still_missing = deciding.missing(change, now=now)
    if still_missing:
        raise ValidationError(
            {name: ValidationError(words, code="required") for name, words in still_missing.items()}
        )
    if change.state == lifecycle.APPROVED:
        _take_over(change, move(change, "reapprove_change", actor=system, now=now))
    before = change.round
    deciding.ask(change, actor=system, now=now)
    _keep_exemptions(change, before)


def _keep_exemptions(change: Change, before: int) -> None:
    """Who let it pass the calendar did so for the change; those from plan and test were for that plan."""
    kept = change.exemptions.filter(round=before, guard__in=list(scheduling.KINDS))
    Exemption.objects.bulk_create(
        Exemption(
            change=change, guard=row.guard, round=change.round, reason=row.reason, given_by=row.given_by,
            given_at=row.given_at,
        )
        for row in kept.select_related("given_by")
    )  # fmt: skip


def _take_over(change: Change, moved: Change) -> None:
    """What a move did, in the row at hand as well: it is written to by those who go on with it."""
    for column in ("state", "phase", "version", "updated_at", "content_hash", "done_at"):
        setattr(change, column, getattr(moved, column))


def write(
    change: Change,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    reason: str = "",
) -> Change:
    """Change facts, plan and times. Before approval freely; later the approval starts anew.

    A standard change keeps the plan of its model. The same values again change nothing.
    """
    with transaction.atomic():
        current = writable(change, actor=actor, now=now, expected_version=expected_version)
        kept = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
        _check(current, kept)
        with altering(current, actor=actor, now=now):
            written = edit(current, kept, actor=actor, now=now, expected_version=None, reason=reason)
            for name in (*kept, "version", "updated_at"):
                setattr(current, name, getattr(written, name))
    return current


def _check(change: Change, facts: Mapping[str, Any]) -> None:
    errors: dict[str, str] = {}
    altered = {name for name, value in facts.items() if getattr(change, name, None) != value}
    if change.category == lifecycle.STANDARD:
        fixed = MODELLED if change.state == lifecycle.DRAFT else set(content.FIELDS) - content.SCHEDULE
        errors |= dict.fromkeys(altered & fixed, _("A standard change keeps what its model says."))
    elif "category" in altered:
        if facts["category"] == lifecycle.STANDARD or facts["category"] not in Change.Category.values:
            errors["category"] = _("Choose a normal or an emergency change.")
        elif change.state not in (lifecycle.DRAFT, lifecycle.SUBMITTED):
            errors["category"] = _("The kind is settled once the request is accepted.")
    for first, last in (("planned_start_at", "planned_end_at"), ("outage_from", "outage_until")):
        start, end = (facts.get(name, getattr(change, name)) for name in (first, last))
        if (start is None) != (end is None):
            errors[last if end is None else first] = _("Give both the beginning and the end.")
        elif start and end and not timedelta(0) < end - start <= booking.LONGEST:
            errors[last] = booking.wrong_length()
    if "title" in facts and not facts["title"]:
        errors["title"] = _("Say in a few words what is to be changed.")
    if errors:
        raise ValidationError(errors)


def set_scope(
    change: Change,
    *,
    items: Iterable[tuple[Item, bool]],
    services: Iterable[Service],
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Change:
    """Which items it has to do with (item, is it altered) and which services it affects.

    Items the actor may not see stay as they are.
    """
    from changes.assessing import keep_services  # both write into a change, and are written apart
    from changes.services import tell_owners

    with transaction.atomic():
        current = writable(change, actor=actor, now=now, expected_version=expected_version)
        if current.category == lifecycle.STANDARD and current.state != lifecycle.DRAFT:
            raise refuse("items", _("A standard change keeps what its model says."))
        wanted = {item.pk: altered for item, altered in items}
        _check_items(wanted, actor)
        with altering(current, actor=actor, now=now):
            changed = [*_set_items(current, wanted, actor), *_set_services(current, list(services))]
            keep_services(current)
            if changed:
                save(current, [], now=now)
                records_log.write(current, "change.scoped", actor=actor, at=now, what=_listed(changed))
        if changed and current.state != lifecycle.DRAFT:
            tell_owners(current, actor=actor, now=now)
    return current


def _check_items(wanted: Mapping[int, bool], actor: Actor) -> None:
    known = set(Item.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    if set(wanted) - known:
        raise refuse("items", _("Choose items you may see."), "invalid_choice")


def _set_items(change: Change, wanted: Mapping[int, bool], actor: Actor) -> list[dict[str, Any]]:
    visible = Item.objects.visible_to(actor)
    known = {row.item_id: row for row in change.change_items.filter(item__in=visible).select_related("item")}
    changed = []
    for pk, row in known.items():
        if pk not in wanted:
            changed.append(row.item.label)
            row.delete()
        elif row.is_altered != wanted[pk]:
            row.is_altered = wanted[pk]
            row.save(update_fields=["is_altered"])
            changed.append(row.item.label)
    new = Item.objects.filter(pk__in=set(wanted) - set(known))
    for item in new.order_by("pk"):
        ChangeItem.objects.create(change=change, item=item, is_altered=wanted[item.pk])
        changed.append(item.label)
    return changed


def _set_services(change: Change, services: list[Service]) -> list[dict[str, Any]]:
    """Those named by people; what was found through the items is kept by assessing.find_services."""
    known = {row.service_id: row for row in change.change_services.select_related("service")}
    wanted = {service.pk: service for service in services}
    changed = []
    for pk, row in known.items():
        if pk not in wanted and not row.is_found:
            changed.append(row.service.label)
            row.delete()
        elif pk in wanted and row.is_found:
            row.is_found = False
            row.save(update_fields=["is_found"])
    for pk, service in wanted.items():
        if pk not in known:
            ChangeService.objects.create(change=change, service=service)
            changed.append(service.label)
    return changed


def _listed(labels: Iterable[dict[str, Any]]) -> dict[str, str]:
    pairs = list(labels)
    return {"en": ", ".join(p["en"] for p in pairs), "zh": "、".join(p["zh"] for p in pairs)}
