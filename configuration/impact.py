"""Impact analysis: from an item to what fails with it, or to what it needs, and whom that concerns.

Items by the graph of relations (cmdb.impact), then the services that run on them, the agreements in force
that promise something about those, the customers of either, and the open tickets. What is cut off for its
number is said.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.access import Actor
from accounts.models import Organisation
from catalog.models import Service
from cmdb import impact
from cmdb.graph import Reached
from cmdb.impact import Direction
from cmdb.models import Item, ItemService, Relation, RelationType
from configuration import reading
from records.models import Record
from sla.models import Agreement, AgreementVersion, Target

DIRECTIONS: tuple[Direction, ...] = ("impact", "depends")
DEPTHS = (1, 2, 3, 5)
"""Choices of how far; 0 is to the end."""
LIMIT = impact.LIMIT
IN_GRAPH = 150
IN_TABLE = 500
TICKETS = 50
DEEPEST = 20


@dataclass(frozen=True)
class Analysis:
    """What was reached: ``total`` items beside the start, of which ``rows`` are the nearest IN_TABLE.

    ``is_cut``: more than LIMIT are reached, and all that is said is of the LIMIT nearest. Services,
    agreements and customers are those of all ``total``; ``ticket_count`` counts the open tickets, of which
    ``tickets`` are the most urgent.
    """

    start: Item
    direction: Direction
    depth: int
    total: int
    is_cut: bool
    rows: list[tuple[Reached, Item]]
    services: list[Service]
    agreements: list[Agreement]
    customers: list[Organisation]
    tickets: list[Record]
    ticket_count: int


def analyse(item: Item, actor: Actor, *, direction: Direction, depth: int, now: datetime) -> Analysis:
    """A dozen queries and one for each step of depth. ``depth`` 0: to the end."""
    walk = impact.walk([item.pk], direction=direction, actor=actor, limit=LIMIT, depth=depth or None)
    reached = [each.item_id for each in walk.reached]
    ids = [item.pk, *reached]
    services = list(Service.objects.filter(pk__in=impact.services_of(ids)).order_by("name_en", "pk"))
    agreements = agreements_about(services, actor, now=now)
    return Analysis(
        start=item,
        direction=direction,
        depth=depth,
        total=len(reached),
        is_cut=walk.is_cut,
        rows=_with_items(walk.reached[:IN_TABLE]),
        services=services,
        agreements=agreements,
        customers=_customers(ids, agreements),
        tickets=reading.open_tickets(ids, actor, limit=TICKETS),
        ticket_count=reading.open_rows(ids, actor).count(),
    )


def _with_items(reached: Collection[Reached]) -> list[tuple[Reached, Item]]:
    ids = [each.item_id for each in reached]
    items = Item.objects.select_related("type", "customer", "owner").in_bulk(ids)
    return [(each, items[each.item_id]) for each in reached]


def agreements_about(services: Collection[Service], actor: Actor, *, now: datetime) -> list[Agreement]:
    """SLAs in force that promise something about one of the services, as far as the actor may see them.

    An agreement that names no service is about all of them; so is the default commitment.
    """
    if not services:
        return []
    codes = {service.code for service in services}
    about = Target.objects.filter(service__in=[service.pk for service in services])
    named = set(about.values_list("version", flat=True))
    found = []
    for version in _in_force(actor, now):
        listed = set(version.terms.get("services") or ())
        if version.pk in named or not listed or listed & codes:
            found.append(version.agreement)
    return sorted(found, key=lambda row: (row.name, row.pk))


def _in_force(actor: Actor, now: datetime) -> QuerySet[AgreementVersion]:
    rows = AgreementVersion.objects.filter(agreement__kind=Agreement.Kind.SLA)
    if actor.scope is not None:
        rows = rows.filter(Q(agreement__customer=None) | Q(agreement__customer__in=actor.scope))
    return rows.current(now).select_related("agreement__customer")


def _customers(item_ids: Collection[int], agreements: Collection[Agreement]) -> list[Organisation]:
    """Whose items were reached, and who has an agreement about a service that was."""
    owners = Item.objects.filter(pk__in=impact.among(item_ids)).exclude(customer=None).order_by()
    found = set(owners.values_list("customer", flat=True).distinct())
    found |= {row.customer_id for row in agreements if row.customer_id is not None}
    return list(Organisation.objects.filter(pk__in=found).order_by("name_en", "pk"))


def picture(found: Analysis) -> dict[str, Any]:
    """The graph of the nearest IN_GRAPH items: nodes with their depth, edges as the relations are read."""
    shown = [(Reached(found.start.pk, 0, None), found.start), *found.rows[: IN_GRAPH - 1]]
    ids = [item.pk for _each, item in shown]
    way = Relation.objects.exclude(type__impact=RelationType.Impact.NONE)
    edges = way.filter(source__in=ids, target__in=ids).select_related("type")
    ways = {each.via_relation_id for each, _item in shown}
    return {
        "nodes": [
            {
                "id": str(item.pk),
                "number": item.number,
                "name": item.name,
                "type": item.type.name,
                "state": item.get_state_display(),
                "customer": item.customer.name if item.customer else "",
                "depth": each.depth,
                "important": item.is_important,
                "url": item.get_absolute_url(),
            }
            for each, item in shown
        ],
        "edges": [
            {
                "id": f"r{row.pk}",
                "source": str(row.source_id),
                "target": str(row.target_id),
                "label": row.type.name,
                "way": row.pk in ways,
            }
            for row in edges[: IN_GRAPH * 4]
        ],
        "services": _service_nodes(ids),
        "more": max(0, found.total + 1 - len(shown)),
    }


def _service_nodes(ids: Collection[int]) -> list[dict[str, Any]]:
    rows = ItemService.objects.filter(item__in=ids).select_related("service").order_by("pk")
    return [
        {"item": str(row.item_id), "id": f"s{row.service_id}", "name": row.service.name}
        for row in rows[:IN_GRAPH]
    ]


def told(found: Analysis) -> dict[str, Any]:
    """The same for programs."""
    return {
        "item": found.start,
        "direction": found.direction,
        "depth": found.depth,
        "total": found.total,
        "is_cut": found.is_cut,
        "items": [
            {
                "id": item.pk,
                "number": item.number,
                "name": item.name,
                "depth": each.depth,
                "via": each.via_relation_id,
            }
            for each, item in found.rows
        ],
        "services": found.services,
        "customers": found.customers,
        "agreements": found.agreements,
        "open_tickets": found.ticket_count,
        "tickets": found.tickets,
    }
