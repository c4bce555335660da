"""The register of assets as a file."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from assets import queries
from assets.models import Asset
from exports.building import choice, day, flag, named, number, text
from exports.sources import Source, words_of


def assets(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Asset]:
    choice_ = queries.Choice.read(words_of(query))
    return queries.listed(actor, choice_, timezone.localdate(now)).order_by("number", "pk")


SOURCES = (
    Source(
        "assets",
        _("Assets"),
        [
            text("number", _("Number")), text("tag", _("Tag")), text("name", _("Name")),
            named("device_class", _("Class")), choice("state", _("State")),
            text("item", _("Configuration item"), "item.number"), named("customer", _("Customer")),
            text("make", _("Make")), text("serial", _("Serial number")), named("supplier", _("Supplier")),
            named("site", _("Site")), text("location", _("Place")), named("user", _("User")),
            named("keeper", _("Keeper")), day("purchased_on", _("Bought on")), number("cost", _("Cost")),
            text("currency", _("Currency")), day("received_on", _("Received on")),
            day("warranty_until", _("Warranty until")), flag("is_important", _("Important")),
            day("disposed_on", _("Disposed of on")),
        ],
        assets,
        permission="desk_lists",
        read=lambda rows: rows.select_related(
            "device_class", "item", "customer", "supplier", "site", "user", "keeper"
        ),
        page="assets:list",
    ),
)  # fmt: skip
