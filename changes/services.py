"""The first verbs of a change: asked for, submitted, accepted or returned, given to somebody, cancelled.

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or Stale. What
is written into a change afterwards is in ``writing``, its approval in ``deciding``, its work in ``carrying``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from accounts.access import Actor
from accounts.models import Organisation, User
from catalog.models import Service
from changes import assessing, completeness, lifecycle, scheduling, templates
from changes.models import Change, ChangeItem, ChangeService, ChangeTemplate
from changes.reading import digest_of, told_owners
from cmdb.models import Item
from records import log as records_log
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Link, Priority, Record
from records.services import begin, link, move, open_record, refuse
from sla.models import Agreement

Category = Change.Category
_CHOICES = {"category": Category.values, "nature": Change.Nature.values}


def provider() -> Organisation:
    """Whose affair a change is that concerns several customers."""
    return Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0]


def open_change(
    *,
    title: str,
    description: str,
    category: str,
    nature: str,
    actor: Actor,
    now: datetime,
    customer: Organisation | None = None,
    items: Iterable[Item] = (),
    untouched: Iterable[Item] = (),
    services: Iterable[Service] = (),
    caused_by: Record | None = None,
    agreement: Agreement | None = None,
    template: ChangeTemplate | None = None,
    requester: User | None = None,
    assignee: User | None = None,
    reason: str = "",
    expected_effect: str = "",
    wanted_on: date | None = None,
    amount: Decimal | None = None,
    is_major: bool = False,
) -> Change:
    """Ask for a change: a draft that says what is to be altered, and why.

    ``items`` are those it alters, ``untouched`` those it has to do with otherwise. Without a customer it is
    the provider's own. A standard change takes nature, plan and effect from its ``template``. ``caused_by``
    is linked: a problem it is to solve, or whatever else it was asked for because of.
    """
    access.require(actor, "raise_change")
    facts: dict[str, Any] = {
        "title": title.strip()[:200], "description": description.strip(), "category": category,
        "nature": nature, "reason": reason.strip(), "expected_effect": expected_effect.strip(),
        "wanted_on": wanted_on, "amount": amount, "is_major": is_major, "agreement": agreement,
    }  # fmt: skip
    if category == Category.STANDARD:
        facts |= templates.taken(template, title=facts["title"])
    elif template is not None:
        raise refuse("template", _("Only a standard change has a model."))
    altered, other = list(items), list(untouched)
    named = list(services)
    if template and template.service and template.service not in named:
        named.append(template.service)
    _check(facts, amount, [*altered, *other], actor)
    with transaction.atomic():
        made: Change = open_record(
            Change, Kind.CHANGE, actor=actor, now=now, customer=customer or provider(),
            requester=requester or User.objects.get(pk=actor.user_id), assignee=assignee,
            priority=Priority.MODERATE, service=next((s for s in named if s.is_published), None),
            words=[facts["reason"], facts["expected_effect"], facts.get("plan", ""),
                   *(item.name for item in (*altered, *other)), *(s.name_zh for s in named)],
            **facts,
        )  # fmt: skip
        _touch(made, altered, other, named)
        if caused_by is not None:
            _connect(made, caused_by, actor=actor, now=now)
    return made


def _touch(change: Change, altered: list[Item], other: list[Item], services: list[Service]) -> None:
    """Note what a new change has to do with; an item named both ways is altered."""
    touched = dict.fromkeys((item.pk for item in other), False) | dict.fromkeys((i.pk for i in altered), True)
    ChangeItem.objects.bulk_create(
        ChangeItem(change=change, item_id=pk, is_altered=is_altered) for pk, is_altered in touched.items()
    )
    ChangeService.objects.bulk_create(
        ChangeService(change=change, service=service) for service in dict.fromkeys(services)
    )
    assessing.keep_services(change)


def _check(facts: dict[str, Any], amount: Decimal | None, items: list[Item], actor: Actor) -> None:
    errors: dict[str, ValidationError] = {}
    if not facts["title"]:
        errors["title"] = ValidationError(_("Say in a few words what is to be changed."), code="required")
    for name, values in _CHOICES.items():
        if facts[name] not in values:
            errors[name] = ValidationError(_("Choose one of the values."), code="invalid_choice")
    if amount is not None and (not amount.is_finite() or amount < 0):
        errors["amount"] = ValidationError(_("The cost is a number from 0 on."), code="invalid")
    known = set(
        Item.objects.visible_to(actor).filter(pk__in=[i.pk for i in items]).values_list("pk", flat=True)
    )
    if any(item.pk not in known for item in items):
        errors["items"] = ValidationError(_("Choose items you may see."), code="invalid_choice")
    if errors:
        raise ValidationError(errors)


def _connect(change: Change, cause: Record, *, actor: Actor, now: datetime) -> Link:
    """A problem is to be solved by the change; anything else caused it."""
    if cause.kind == Kind.PROBLEM:
        return link(cause, change, kind=Link.Type.SOLVED_BY, actor=actor, now=now)
    return link(change, cause, kind=Link.Type.CAUSED_BY, actor=actor, now=now)


# --- from draft to assessment ----------------------------------------------------------------


def submit(change: Change, *, actor: Actor, now: datetime, expected_version: int | None = None) -> Change:
    """Hand the request to the change managers; the owners of items it alters are told (CHG-11)."""
    with transaction.atomic():
        current = begin(change, "submit_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "submit_change")
        completeness.require_request(current)
        moved = move(current, "submit_change", actor=actor, now=now, people=_managers(current))
        tell_owners(moved, actor=actor, now=now)
    return moved


def _managers(change: Change) -> list[int]:
    """Those who may accept it."""
    people = User.objects.filter(
        is_active=True, grants__role__in=(access.Role.MANAGER, access.Role.SERVICE_LEVEL_MANAGER)
    ).distinct()
    return [person.pk for person in people if access.may(person.actor, "accept_change", change)]


def tell_owners(change: Change, *, actor: Actor, now: datetime) -> None:
    """Tell the owners of the items it alters, once each, unless they asked for it themselves."""
    done = told_owners(change) | {change.requester_id, actor.user_id}
    rows = change.change_items.filter(is_altered=True, item__owner__isnull=False)
    owners = User.objects.filter(pk__in=rows.values("item__owner")).exclude(pk__in=done)
    if people := list(owners.order_by("pk")):
        records_log.write(
            change, "change.owners_told", actor=actor, at=now, people=[person.pk for person in people],
            names=", ".join(person.name for person in people),
        )  # fmt: skip


def take_standard(
    change: Change, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Change:
    """Go ahead with a standard change: its model must still be approved, and nothing may be missing."""
    with transaction.atomic():
        current = begin(change, "take_standard", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "take_standard")
        completeness.require_request(current)
        template = templates.usable(current.template)
        moved = move(
            current, "take_standard", actor=actor, now=now, model=template.label,
            changes={"content_hash": digest_of(current), "round": 1},
        )  # fmt: skip
        scheduling.place(moved, actor=actor, now=now)
        tell_owners(moved, actor=actor, now=now)
    return moved


def accept(
    change: Change,
    *,
    actor: Actor,
    now: datetime,
    owner: User | None = None,
    expected_version: int | None = None,
) -> Change:
    """The change manager takes a complete request; ``owner`` is who looks after it, himself by default."""
    with transaction.atomic():
        current = begin(change, "accept_change", actor=actor, now=now, expected_version=expected_version)
        lifecycle.WAYS[current.category].next_state(current.state, "accept_change")
        completeness.require_request(current)
        keeper = owner or User.objects.get(pk=actor.user_id)
        return move(current, "accept_change", actor=actor, now=now, changes={"owner": keeper})


def give_back(
    change: Change, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Change:
    """Return it to whoever asked, saying what is missing."""
    return _with_reason(change, "return_change", reason, actor, now, expected_version)


def refuse_request(
    change: Change, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Change:
    """Reject a request before anybody else is asked; what waits for approval is rejected by decision."""
    if change.state == lifecycle.APPROVING:
        raise IllegalMove("refuse_change", change.state, legal_moves(change))
    return _with_reason(change, "refuse_change", reason, actor, now, expected_version)


def cancel(
    change: Change, *, reason: str, actor: Actor, now: datetime, expected_version: int | None = None
) -> Change:
    """Give it up; whoever asked for it or looks after it, or a leader."""
    is_theirs = actor.user_id in (change.requester_id, change.assignee_id, change.owner_id)
    if not is_theirs and not access.may(actor, "accept_change", change):
        raise access.Denied(actor, "cancel_change")
    return _with_reason(change, "cancel_change", reason, actor, now, expected_version)


def _with_reason(
    change: Change, action: str, reason: str, actor: Actor, now: datetime, version: int | None
) -> Change:
    if not reason.strip():
        raise refuse("reason", _("Say why."), "required")
    with transaction.atomic():
        moved = move(change, action, actor=actor, now=now, note=reason.strip(), expected_version=version)
        scheduling.give_up(moved)
    return moved


def legal_moves(change: Change) -> tuple[str, ...]:
    """What may happen to it next, on its own way."""
    return lifecycle.WAYS[change.category].legal_moves(change.state)
