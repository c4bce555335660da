"""The verbs of an asset: entered, changed, received, handed out, taken back, repaired (CMDB-07).

Mistakes come back as ValidationError keyed by field, refusals as access.Denied, IllegalMove or
:class:`Stale`. Disposal needs a second person: see assets.applications.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor, Denied, require
from accounts.models import Organisation, User
from assets import lifecycle, words
from assets.models import Asset, AssetState, Check, SiteState
from records.services import refuse

KEEP = "keep_assets"
FACTS = frozenset(
    {
        "tag", "name", "device_class", "item", "customer", "make", "serial", "supplier", "purchased_on",
        "order_reference", "cost", "currency", "residual", "life_months", "location", "site", "keeper",
        "warranty_until", "is_important", "note",
    }
)  # fmt: skip
CURRENCY = re.compile(r"[A-Z]{3}")
M = TypeVar("M", bound=models.Model)


class Stale(Exception):
    """Somebody saved the row since the writer read it."""

    def __init__(self, row: Any) -> None:
        super().__init__(f"{row} is at version {row.version} by now")
        self.row = row


def held(row: M, expected_version: int | None) -> M:
    """The row read anew under its lock. Raises Stale where it is not the version that was seen."""
    current: Any = type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if expected_version is not None and expected_version != current.version:
        raise Stale(current)
    return current  # type: ignore[no-any-return]


def known(facts: Mapping[str, Any], names: frozenset[str]) -> None:
    """ValidationError for what cannot be written."""
    if stray := set(facts) - names:
        raise ValidationError({name: _("This field cannot be changed here.") for name in sorted(stray)})


def covers(actor: Actor, customer_id: int | None, action: str) -> None:
    """Denied where a thing belongs to a customer the actor does not work for."""
    if actor.scope is not None and customer_id is not None and customer_id not in actor.scope:
        raise Denied(actor, action)


def next_number(sequence: str, prefix: str) -> str:
    """The next number; two askers never get the same one, and neither waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [sequence])
        return f"{prefix}{cursor.fetchone()[0]:06d}"


# --- entered and changed ---------------------------------------------------------------------------


def enter(facts: Mapping[str, Any], *, actor: Actor, now: datetime, received_on: date | None = None) -> Asset:
    """A new asset: ordered, or in stock where it has come already (``received_on``)."""
    require(actor, KEEP)
    known(facts, FACTS)
    row = Asset(number=next_number("assets_number_asset", "AST"))
    words.apply(row, facts)
    row.received_on = received_on
    row.state = AssetState.IN_STOCK if received_on else AssetState.ORDERED
    _check(row, actor, now, fresh=FACTS)
    with _said_once():
        row.save(force_insert=True)
        words.write(row, "entered", actor=actor, at=now)
    return row


def change(
    asset: Asset, facts: Mapping[str, Any], *, actor: Actor, now: datetime, expected_version: int | None
) -> Asset:
    """Change facts; the same again change nothing. What is disposed of stays as it was."""
    require(actor, KEEP)
    known(facts, FACTS)
    with transaction.atomic():
        row = held(asset, expected_version)
        covers(actor, row.customer_id, KEEP)
        if row.state == lifecycle.DISPOSED:
            raise refuse("state", _("It is disposed of: its record stays as it is."))
        changes = words.apply(row, facts)
        if not changes:
            return row
        _check(row, actor, now, fresh=frozenset(changes))
        row.version += 1
        with _said_once():
            row.save()
        words.write(row, "changed", actor=actor, at=now, changes=changes)
        if "device_class" in changes:
            row.checks.filter(state=Check.State.OPEN, action=None).delete()  # those of another class's plan
    return row


@contextmanager
def _said_once() -> Iterator[None]:
    """Uniqueness is left to the database, which cannot be overtaken; its refusal is said at the field."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "asset_tag_once" in str(error):
            raise refuse("tag", _("There is an asset with this tag already."), "unique") from None
        if "item_id" in str(error):
            raise refuse("item", _("This configuration item is another asset already."), "unique") from None
        raise


def _check(row: Asset, actor: Actor, now: datetime, *, fresh: frozenset[str]) -> None:
    """ValidationError by field for what no asset can be; choices only where they were made now."""
    covers(actor, row.customer_id, KEEP)
    check_shape(row, FACTS)
    errors: dict[str, Any] = {}
    if not row.tag:
        errors["tag"] = _("Give it a tag.")
    if not CURRENCY.fullmatch(row.currency):
        errors["currency"] = _("Write three capital letters, such as CNY.")
    if row.residual > (row.cost or 0):
        errors["residual"] = _("The residual value is at most the cost.")
    if row.purchased_on and row.warranty_until and row.warranty_until < row.purchased_on:
        errors["warranty_until"] = _("The warranty cannot end before the purchase.")
    if row.received_on and row.received_on > timezone.localdate(now):
        errors["received_on"] = _("This day is still to come.")
    _check_choices(row, fresh, errors)
    if errors:
        raise ValidationError(errors)


def _check_choices(row: Asset, fresh: frozenset[str], errors: dict[str, Any]) -> None:
    if row.item and row.item.customer_id and row.item.customer_id != row.customer_id:
        errors["item"] = _("This configuration item belongs to another customer.")
    if "site" in fresh and row.site and row.site.state == SiteState.CLOSED:
        errors["site"] = _("This site is closed.")
    if "keeper" in fresh and row.keeper:
        check_staff(row.keeper, "keeper", errors)
    if "customer" in fresh and row.user_id:
        errors["customer"] = _("Take it back first: it is in somebody's hands.")


def check_shape(row: models.Model, names: frozenset[str]) -> None:
    """ValidationError for values that do not fit their columns; what they point at is checked elsewhere."""
    plain = {field.name for field in row._meta.concrete_fields if not field.is_relation}
    row.clean_fields(exclude={field.name for field in row._meta.concrete_fields} - (names & plain))


def check_staff(person: User, field: str, errors: dict[str, Any]) -> None:
    """Work is given to active people of the provider."""
    if not (person.is_active and person.actor.is_staff_side):
        errors[field] = _("Choose an active person of the provider.")


# --- what happens to it ----------------------------------------------------------------------------

Facts = dict[str, Any]
Prepare = Callable[[Asset], tuple[Facts, Facts]]
"""Of the row under its lock: what changes with the move, and the words its sentence names."""


def move(
    asset: Asset, action: str, prepare: Prepare, *, actor: Actor, now: datetime,
    expected_version: int | None, note: str = "", permission: str = KEEP,
) -> Asset:  # fmt: skip
    """Take an asset to its next state under its lock, with what changes by it. Raises IllegalMove."""
    require(actor, permission)
    with transaction.atomic():
        row = held(asset, expected_version)
        covers(actor, row.customer_id, permission)
        state = lifecycle.ASSET.next_state(row.state, action)
        facts, data = prepare(row)
        row.state = state
        words.apply(row, facts)
        row.version += 1
        row.save(update_fields=["state", "version", *facts])
        words.write(row, action, actor=actor, at=now, note=note.strip(), **data)
    return row


def receive(
    asset: Asset, *, on: date, location: str, actor: Actor, now: datetime, expected_version: int | None,
    note: str = "",
) -> Asset:  # fmt: skip
    """It has come and lies in stock."""

    def prepare(row: Asset) -> tuple[Facts, Facts]:
        if on > timezone.localdate(now):
            raise refuse("on", _("This day is still to come."))
        place = _place(location)
        return {"received_on": on, "location": place}, {"place": place}

    return move(asset, "receive", prepare, actor=actor, now=now, note=note, expected_version=expected_version)


def hand_out(
    asset: Asset, *, user: User | None, location: str, actor: Actor, now: datetime,
    expected_version: int | None, note: str = "",
) -> Asset:  # fmt: skip
    """Give it to a person of its owner, or put it to use at a place."""

    def prepare(row: Asset) -> tuple[Facts, Facts]:
        place = location.strip()
        if user is None and not place:
            raise refuse("user", _("Say who gets it, or where it is put to use."), "required")
        if user and not (user.is_active and user.organisation_id == (row.customer_id or _provider_id())):
            raise refuse("user", _("Choose an active person of whoever owns it."))
        return {"user": user, "location": place or row.location}, {"to": user.label if user else place}

    return move(
        asset, "hand_out", prepare, actor=actor, now=now, note=note, expected_version=expected_version
    )


def take_back(
    asset: Asset, *, location: str, actor: Actor, now: datetime, expected_version: int | None, note: str = ""
) -> Asset:
    """It is back in stock."""

    def prepare(row: Asset) -> tuple[Facts, Facts]:
        before: Any = row.user.label if row.user else row.location
        return {"user": None, "location": _place(location)}, {"from": before}

    return move(
        asset, "take_back", prepare, actor=actor, now=now, note=note, expected_version=expected_version
    )


def send_to_repair(
    asset: Asset, *, note: str, actor: Actor, now: datetime, expected_version: int | None
) -> Asset:
    """It is broken; ``note`` says what is wrong and who repairs it. Whose it is stays known."""

    def prepare(row: Asset) -> tuple[Facts, Facts]:
        if not note.strip():
            raise refuse("note", _("Say what is broken and who repairs it."), "required")
        return {}, {}

    return move(
        asset, "send_to_repair", prepare, actor=actor, now=now, note=note, expected_version=expected_version
    )


def back_from_repair(
    asset: Asset, *, location: str, note: str, actor: Actor, now: datetime, expected_version: int | None
) -> Asset:
    """It is repaired and in stock; ``note`` says what was done."""

    def prepare(row: Asset) -> tuple[Facts, Facts]:
        if not note.strip():
            raise refuse("note", _("Say what was done."), "required")
        return {"user": None, "location": _place(location)}, {}

    return move(
        asset, "back_from_repair", prepare, actor=actor, now=now, note=note,
        expected_version=expected_version,
    )  # fmt: skip


def _place(location: str) -> str:
    if not location.strip():
        raise refuse("location", _("Say where it is kept."), "required")
    return location.strip()


def _provider_id() -> int:
    return Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk")[0].pk
