"""While a ticket is being logged: open ones like it, possible parents, and what it may repeat."""

from dataclasses import dataclass
from datetime import datetime

from accounts.access import Actor
from accounts.models import Organisation
from catalog.models import Service
from cmdb.models import Item
from incidents import lifecycle, repeats
from incidents.models import Incident
from records import search
from records.models import Record

SHOWN = 5


@dataclass(frozen=True)
class Similar:
    """``parents`` others stand behind already; ``open`` have the same words; ``repeats`` were solved."""

    parents: list[Incident]
    open: list[Record]
    repeats: list[Incident]

    @property
    def is_empty(self) -> bool:
        return not (self.parents or self.open or self.repeats)


def find(
    actor: Actor,
    *,
    title: str,
    customer: Organisation | None,
    service: Service | None,
    item: Item | None,
    at: datetime,
) -> Similar:
    """At most five of each, the newest first; without words, customer, service and item nothing."""
    parents = _parents(actor, customer, service)
    alike: list[Record] = []
    if title.strip():
        rows = Record.objects.visible_to(actor).tickets().open()
        rows = rows.filter(customer=customer.pk) if customer else rows
        alike = list(search.find(rows, title, actor=actor).order_by("-pk")[:SHOWN])
    known = {row.pk for row in parents}
    return Similar(parents, [row for row in alike if row.pk not in known], _solved(actor, customer, item, at))


def _parents(actor: Actor, customer: Organisation | None, service: Service | None) -> list[Incident]:
    """Open incidents of the service that others stand behind, or that are called an outage."""
    if service is None:
        return []
    # open() lets the partial indexes of open records serve
    rows = (
        Incident.objects.visible_to(actor)
        .open()
        .filter(service=service.pk, state__in=lifecycle.OPEN, parent=None)
    )
    behind = rows.filter(children__isnull=False).distinct()
    named = rows.filter(event_kind="outage")
    if customer:
        behind, named = behind.filter(customer=customer.pk), named.filter(customer=customer.pk)
    found = {row.pk: row for row in [*behind.order_by("-pk")[:SHOWN], *named.order_by("-pk")[:SHOWN]]}
    return sorted(found.values(), key=lambda row: -row.pk)[:SHOWN]


def _solved(actor: Actor, customer: Organisation | None, item: Item | None, at: datetime) -> list[Incident]:
    """Solved about the same item within the window: the new one may be the same fault again."""
    if customer is None or item is None:
        return []
    rows = repeats.solved(customer.pk, item.pk, at=at).filter(
        pk__in=Incident.objects.visible_to(actor).values("pk")
    )
    return list(rows.order_by("-resolved_at", "-pk")[:SHOWN])
