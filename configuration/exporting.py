"""The register of configuration items as a file."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from cmdb import queries
from cmdb.models import Item, ItemQuerySet
from configuration import asking, paging
from exports.building import choice, flag, listed, named, text
from exports.sources import Source


def items(actor: Actor, query: QueryDict, now: datetime) -> ItemQuerySet:
    order = asking.order_of(query)
    sign, field = "-" if order.startswith("-") else "", paging.ORDERS[order.lstrip("-")]
    rows = queries.listed(actor, asking.question_of(query, actor))
    return rows.order_by(f"{sign}{field}", f"{sign}pk")


def _services(item: Item) -> list[str]:
    return [row.service.name for row in item.item_services.all()]


def _with_joins(rows: QuerySet[Item]) -> QuerySet[Item]:
    return rows.select_related("type", "customer", "owner").prefetch_related("item_services__service")


SOURCES = (
    Source(
        "items",
        _("Configuration items"),
        [
            text("number", _("Number")), text("name", _("Name")), named("type", _("Type")),
            choice("category", _("Category"), "type"), choice("state", _("State")),
            named("customer", _("Customer")), named("owner", _("Owner")), text("site", _("Site")),
            text("revision", _("Revision")),
            listed("services", _("Services"), _services),
            flag("is_important", _("Important")), flag("is_active", _("In use")),
        ],
        items,
        permission="see_items",
        read=_with_joins,
        page="configuration:list",
    ),
)  # fmt: skip
