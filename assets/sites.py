"""Service sites: planned and kept by managers; opened and closed by assets.applications (CMDB-14)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor, require
from assets import lifecycle, register, words
from assets.models import AssetState, ServiceSite
from records.services import refuse

FACTS = frozenset(
    {"name_en", "name_zh", "address_en", "address_zh", "phone", "calendar", "team", "keeper", "note"}
)
RESERVED = frozenset({"new"})


def plan(code: str, facts: Mapping[str, Any], *, actor: Actor, now: datetime) -> ServiceSite:
    """A site that is planned: it opens only by an approved application."""
    require(actor, "ask_for_site")
    register.known(facts, FACTS)
    row = ServiceSite(code=code.strip().lower())
    if not row.code or row.code in RESERVED:
        raise refuse("code", _("This code is taken by the system; choose another one."), "reserved")
    words.apply(row, facts)
    _check(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            words.write(row, "entered", actor=actor, at=now)
    except IntegrityError:
        raise refuse("code", _("There is a site of this code already."), "unique") from None
    return row


def change(
    site: ServiceSite, facts: Mapping[str, Any], *, actor: Actor, now: datetime, expected_version: int | None
) -> ServiceSite:
    """Change facts of a site; the same again change nothing."""
    require(actor, "lead_sites")
    register.known(facts, FACTS)
    with transaction.atomic():
        row = register.held(site, expected_version)
        changes = words.apply(row, facts)
        if not changes:
            return row
        _check(row)
        row.version += 1
        row.save()
        words.write(row, "changed", actor=actor, at=now, changes=changes)
    return row


def _check(row: ServiceSite) -> None:
    errors: dict[str, Any] = {}
    if not row.name_en:
        errors["name_en"] = _("Give it a name.")
    if not row.address_en:
        errors["address_en"] = _("Say where it is.")
    calendar = getattr(row, "calendar", None)
    if calendar is None:
        errors["calendar"] = _("Choose its opening hours.")
    elif not calendar.versions.exists():
        errors["calendar"] = _("This calendar has no version yet; give it working hours first.")
    if row.team and not row.team.is_active:
        errors["team"] = _("Choose an active team.")
    if row.keeper:
        register.check_staff(row.keeper, "keeper", errors)
    if errors:
        raise ValidationError(errors)
    register.check_shape(row, FACTS | {"code"})


def carry_out(
    site: ServiceSite, kind: str, *, on: date, note: str, actor: Actor, now: datetime
) -> ServiceSite:
    """Open or close a site as it was approved; assets must have left a site that closes."""
    row = register.held(site, None)
    row.state = lifecycle.SITE.next_state(row.state, kind)
    if kind == "close_site":
        if row.assets.exclude(state=AssetState.DISPOSED).exists():
            raise refuse("note", _("There are assets at this site: give them another site first."))
        row.closed_on = on
    else:
        row.opened_on, row.closed_on = on, None
    row.version += 1
    row.save(update_fields=["state", "opened_on", "closed_on", "version"])
    words.write(row, kind, actor=actor, at=now, note=note.strip())
    return row
