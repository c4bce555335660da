"""The verbs of licences and of unauthorised software that was found (CMDB-09)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import actions.services
from accounts.access import Actor, require
from accounts.models import User
from accounts.services import system_actor
from actions.models import Action
from assets import register, words
from assets.models import Asset, Licence, LicenceDocument, SoftwareFinding
from cmdb.models import Item, ItemType
from records import files
from records.files import Upload
from records.services import MAX_TEXT, refuse

LEAD = "lead_licences"
FACTS = frozenset(
    {
        "software", "metric", "quantity", "valid_from", "valid_until", "supplier", "reference", "cost",
        "currency", "note",
    }
)  # fmt: skip


def save(
    licence: Licence | None,
    facts: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Licence:
    """Enter a licence, or change one; the same facts again change nothing."""
    require(actor, LEAD)
    register.known(facts, FACTS)
    with transaction.atomic():
        row = register.held(licence, expected_version) if licence else Licence(version=0)
        if licence:
            register.covers(actor, row.software.customer_id, LEAD)
        changes = words.apply(row, facts)
        if licence and not changes:
            return row
        _check(row, actor)
        row.number = row.number or register.next_number("assets_number_licence", "LIC")
        row.version += 1
        row.save()
        if licence:
            words.write(row, "changed", actor=actor, at=now, changes=changes)
        else:
            words.write(row, "entered", actor=actor, at=now)
    return row


def _check(row: Licence, actor: Actor) -> None:
    errors: dict[str, Any] = {}
    if getattr(row, "software", None) is None:
        raise refuse("software", _("Choose the software."), "required")
    # one counting for one software, whoever licences it at the same moment
    Item.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.software_id)
    register.covers(actor, row.software.customer_id, LEAD)
    if row.software.type.category != ItemType.Category.SOFTWARE:
        errors["software"] = _("This configuration item is no software.")
    if not register.CURRENCY.fullmatch(row.currency):
        errors["currency"] = _("Write three capital letters, such as CNY.")
    if getattr(row, "valid_from", None) is None:
        errors["valid_from"] = _("Say from when it is valid.")
    elif row.valid_until and row.valid_until < row.valid_from:
        errors["valid_until"] = _("It cannot end before it begins.")
    if row.quantity is not None and row.quantity < 1:
        errors["quantity"] = _("At least 1; leave it empty for as many as one likes.")
    others = Licence.objects.filter(software=row.software_id, is_ended=False).exclude(pk=row.pk)
    if others.exclude(metric=row.metric).exists():
        errors["metric"] = _("The other licences of this software are counted otherwise.")
    if errors:
        raise ValidationError(errors)
    register.check_shape(row, FACTS)


def end(licence: Licence, *, reason: str, actor: Actor, now: datetime) -> Licence:
    """Give a licence up: it counts no more. Done twice is done once."""
    require(actor, LEAD)
    if not reason.strip():
        raise refuse("reason", _("Give the reason."), "required")
    with transaction.atomic():
        row = register.held(licence, None)
        register.covers(actor, row.software.customer_id, LEAD)
        if not row.is_ended:
            row.is_ended = True
            row.version += 1
            row.save(update_fields=["is_ended", "version"])
            words.write(row, "ended", actor=actor, at=now, note=reason.strip())
    return row


def add_document(licence: Licence, *, upload: Upload, actor: Actor, now: datetime) -> LicenceDocument:
    """Keep a file that proves the licence."""
    require(actor, LEAD)
    register.covers(actor, licence.software.customer_id, LEAD)
    files.check([upload])
    stored = files.store(upload)
    with transaction.atomic():
        made = LicenceDocument.objects.create(
            licence=licence, key=stored.key, name=stored.name, size=stored.size, sha256=stored.sha256,
            content_type=stored.content_type, created_by_id=actor.user_id, created_at=now,
        )  # fmt: skip
        words.write(licence, "document", actor=actor, at=now, name=stored.name)
    return made


def remove_document(document: LicenceDocument, *, actor: Actor, now: datetime) -> None:
    """Hand a file out no longer; that it was there is kept. Done twice is done once."""
    require(actor, LEAD)
    register.covers(actor, document.licence.software.customer_id, LEAD)
    with transaction.atomic():
        rows = LicenceDocument.objects.filter(pk=document.pk, removed_at=None)
        if rows.update(removed_by=actor.user_id, removed_at=now):
            words.write(document.licence, "document_removed", actor=actor, at=now, name=document.name)


# --- what was found --------------------------------------------------------------------------------


def record_finding(
    *,
    name: str,
    software: Item | None,
    asset: Asset | None,
    device: Item | None,
    found_on: date,
    note: str,
    responsible: User,
    due_on: date,
    actor: Actor,
    now: datetime,
) -> SoftwareFinding:
    """Record software that is installed without authorisation; it becomes an action of ``responsible``.

    The same software found at the same place on the same day is the same finding.
    """
    require(actor, register.KEEP)
    place: Asset | Item | None = asset or device
    title = (name.strip() or (software.name if software else ""))[:200]
    _check_finding(title, place, software, found_on, due_on, note, now)
    assert place is not None  # noqa: S101 - refused above
    register.covers(actor, place.customer_id, register.KEEP)
    facts: dict[str, Any] = {"name": title, "asset": asset, "device": device, "found_on": found_on}
    there: SoftwareFinding | None = SoftwareFinding.objects.filter(**facts).first()
    if there:
        return there
    try:
        with transaction.atomic():
            made = SoftwareFinding.objects.create(
                **facts, software=software, customer=place.customer, note=note.strip(),
                recorded_by_id=actor.user_id, recorded_at=now,
            )  # fmt: skip
            made.action = actions.services.open_action(
                source=Action.Source.OTHER, responsible=responsible, due_on=due_on, customer=place.customer,
                title=f"Unauthorised software · 未授权软件: {title} @ {place}",
                description=note.strip() or title, key=f"assets:finding:{made.pk}", actor=system_actor(),
                now=now,
            )  # fmt: skip
            made.save(update_fields=["action"])
            if asset:
                words.write(asset, "found", actor=actor, at=now, note=note.strip(), name=title)
    except IntegrityError:
        made = SoftwareFinding.objects.get(**facts)
    return made


def _check_finding(
    title: str, place: Any, software: Item | None, found_on: date, due_on: date, note: str, now: datetime
) -> None:
    errors: dict[str, Any] = {}
    today = timezone.localdate(now)
    if not title:
        errors["name"] = _("Say which software it is.")
    if place is None:
        errors["asset"] = _("Say where it was found: an asset or a configuration item.")
    if software and software.type.category != ItemType.Category.SOFTWARE:
        errors["software"] = _("This configuration item is no software.")
    if found_on > today:
        errors["found_on"] = _("This day is still to come.")
    if due_on < today:
        errors["due_on"] = _("The due date lies in the past.")
    if len(note) > MAX_TEXT:
        errors["note"] = _("The text is too long: at most %(n)s characters.") % {"n": MAX_TEXT}
    if errors:
        raise ValidationError(errors)
