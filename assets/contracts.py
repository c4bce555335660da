"""The service objects of each agreement: the items and assets it is about (CMDB-10).

Of an agreement in force with a customer these are the customer's own items (of one for certain services:
those that carry none of the others), what is shared and carries one of its services, and the customer's
assets that are none of these items.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.access import Actor
from accounts.models import Organisation
from assets import lifecycle
from assets.models import Asset
from cmdb.models import Item, ItemService
from sla.models import Agreement, AgreementVersion
from sla.queries import agreements
from sla.terms_rows import terms_of


def in_force(actor: Actor, now: datetime) -> QuerySet[AgreementVersion]:
    """The version in force of each agreement with a customer that the actor may read."""
    known = agreements(actor).filter(kind=Agreement.Kind.SLA, customer__isnull=False)
    newest = AgreementVersion.objects.filter(agreement__in=known).current(now)
    found = AgreementVersion.objects.filter(pk__in=newest.values("pk"))
    return found.select_related("agreement__customer", "edition").order_by("agreement__code")


@dataclass(frozen=True)
class Objects:
    """What one version is about. ``services``: codes, empty for all."""

    version: AgreementVersion
    services: tuple[str, ...]
    items: QuerySet[Item]
    assets: QuerySet[Asset]

    @property
    def customer(self) -> Organisation:
        customer = self.version.agreement.customer
        assert customer is not None  # noqa: S101 - in_force asks for it
        return customer

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each object as a line of an export: items, then assets."""
        for item in self.items.prefetch_related("item_services__service").iterator(chunk_size=1_000):
            asset = getattr(item, "asset", None)
            yield {
                "number": item.number, "name": item.name, "type": item.type.name, "item": item,
                "asset": asset, "services": [row.service for row in item.item_services.all()],
                "site": item.site, "is_shared": item.customer_id is None,
            }  # fmt: skip
        for asset in self.assets.iterator(chunk_size=1_000):
            yield {
                "number": asset.number, "name": asset.name, "type": asset.device_class.name, "item": None,
                "asset": asset, "services": [], "site": asset.location, "is_shared": False,
            }  # fmt: skip


def objects_of(version: AgreementVersion, actor: Actor) -> Objects:
    """The service objects of a version, as far as the actor sees them; nothing is read yet."""
    services = terms_of(version).services
    customer = version.agreement.customer_id
    carried = ItemService.objects.filter(item=OuterRef("pk"))
    within = carried.filter(service__code__in=services) if services else carried
    own = Q(customer=customer)
    if services:
        own &= Exists(within) | ~Exists(carried)
    shared = Q(customer=None) & Exists(within)
    items = Item.objects.visible_to(actor).filter(own | shared, is_active=True)
    listed = Q(item=None) | ~Q(item__in=items.order_by().values("pk"))
    assets = Asset.objects.visible_to(actor).filter(listed, customer=customer, state__in=lifecycle.HERE)
    return Objects(
        version, services,
        items.select_related("type", "customer", "asset").order_by("type__name_en", "name", "pk"),
        assets.select_related("device_class", "user", "site").order_by("-pk"),
    )  # fmt: skip


def own_items(actor: Actor, customers: Collection[int | None]) -> dict[int | None, int]:
    """How many items in use each of these customers has of its own."""
    rows = Item.objects.visible_to(actor).filter(customer__in=customers, is_active=True)
    return _by_customer(rows)


def own_assets(actor: Actor, customers: Collection[int | None]) -> dict[int | None, int]:
    """How many assets of each of these customers are there."""
    rows = Asset.objects.visible_to(actor).filter(customer__in=customers, state__in=lifecycle.HERE)
    return _by_customer(rows)


def _by_customer(rows: QuerySet[Any]) -> dict[int | None, int]:
    return dict(rows.order_by().values_list("customer").annotate(n=Count("pk")))
