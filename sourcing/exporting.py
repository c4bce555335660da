"""Suppliers, their contracts and procurements as files."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from exports.building import at, choice, day, flag, named, number, text
from exports.columns import Column
from exports.record_columns import of_record
from exports.sources import Source
from sourcing import asking, contracts, overview, purchases
from sourcing.models import Purchase
from suppliers.models import Supplier


def suppliers(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Supplier]:
    return contracts.listed(actor, asking.words_of(query), everybody="all" in query)


def supplier_contracts(actor: Actor, query: QueryDict, now: datetime) -> list[dict[str, Any]]:
    return overview.all_contracts(actor, query.get("state", ""), now)


def _of(path: str) -> Callable[[dict[str, Any]], Any]:
    """A column's value from a row of the register: its key, then attributes."""
    key, _dot, rest = path.partition(".")
    value = at(rest) if rest else (lambda row: row)
    return lambda row: value(row[key]) if row[key] is not None else None


def procurements(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Purchase]:
    return purchases.listed(actor, query.get("state", "open"), asking.words_of(query))


SOURCES = (
    Source(
        "suppliers",
        _("Suppliers"),
        [
            text("code", _("Code")), text("name", _("Name")), choice("kind", _("Kind")),
            choice("admission", _("Admission")), day("admitted_until", _("Admitted until")),
            named("responsible", _("Responsible")), text("contact", _("Contact")), text("email", _("E-mail")),
            text("phone", _("Telephone")), flag("is_active", _("In use")),
        ],
        suppliers,
        permission="desk_lists",
        page="sourcing:list",
    ),
    Source(
        "supplier-contracts",
        _("Contracts with suppliers"),
        [
            Column("code", _("Code"), _of("contract.agreement.code")),
            Column("name", _("Name"), _of("contract.agreement.name")),
            Column("supplier", _("Supplier"), _of("supplier.name")),
            Column("state", _("State"), _of("state")),
            Column("until", _("Valid until"), _of("contract.until"), "moment"),
            Column("responsible", _("Responsible"), _of("responsible.name")),
            Column("files", _("Files"), _of("files"), "number"),
        ],
        supplier_contracts,
        permission="desk_lists",
        page="sourcing:contracts",
    ),
    Source(
        "procurements",
        _("Procurements"),
        [
            *of_record("number", "title", "state"), named("supplier", _("Supplier")),
            *of_record("requester", "assignee"),
            number("amount", _("Amount")), text("currency", _("Currency")),
            day("needed_on", _("Needed on")), choice("method", _("Choice of the supplier")),
            *of_record("opened_at", "done_at"),
        ],
        procurements,
        permission="desk_lists",
        page="sourcing:purchases",
    ),
)  # fmt: skip
