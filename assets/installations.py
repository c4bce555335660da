"""How often software is used, counted from the relations of items, against its licences (CMDB-09).

A device is what software "runs on". Users are the people in whose hands the assets of these devices are, and
the user items that "use" the software; a device nobody is known of counts as a user of its own. Sites are
the places of the devices. Retired items count no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from accounts.access import Actor
from assets import licensing
from assets.models import Licence
from cmdb.models import Item, ItemType, Relation

RUNS_ON, USES = "runs_on", "uses"
SOFTWARE = ItemType.Category.SOFTWARE


def software(actor: Actor) -> QuerySet[Item]:
    """The software the actor knows."""
    return Item.objects.visible_to(actor).filter(type__category=SOFTWARE)


def installed(items: Iterable[int]) -> QuerySet[Relation]:
    """The installations of these software items: one row for each device."""
    return Relation.objects.filter(
        type__code=RUNS_ON, source__in=list(items), source__is_active=True, target__is_active=True
    )


@dataclass(frozen=True)
class Use:
    """A software item with its licences and how it stands."""

    item: Item
    metric: str
    licences: Sequence[Licence]
    standing: licensing.Standing


def uses(items: Sequence[Item], *, today: date) -> list[Use]:
    """How each software item stands on a day; a fixed number of queries."""
    ids = [item.pk for item in items]
    licences: dict[int, list[Licence]] = defaultdict(list)
    for row in Licence.objects.filter(software__in=ids).order_by("-valid_from", "-pk"):
        licences[row.software_id].append(row)
    metrics = {pk: _metric(licences[pk]) for pk in ids}
    counts = _counts(metrics)
    return [
        Use(
            item, metrics[item.pk], licences[item.pk],
            licensing.standing(
                (row.right for row in licences[item.pk] if not row.is_ended), counts.get(item.pk, 0),
                today=today,
            ),
        )
        for item in items
    ]  # fmt: skip


def _metric(licences: Sequence[Licence]) -> str:
    return next((row.metric for row in licences if not row.is_ended), Licence.Metric.DEVICE)


def _counts(metrics: Mapping[int, str]) -> dict[int, int]:
    """How often each is used, in its own counting."""
    of: dict[str, list[int]] = defaultdict(list)
    for pk, metric in metrics.items():
        of[metric].append(pk)
    found: dict[int, int] = {}
    if ids := of[Licence.Metric.DEVICE]:
        rows = installed(ids).order_by().values("source").annotate(n=Count("target", distinct=True))
        found |= dict(rows.values_list("source", "n"))
    if ids := of[Licence.Metric.USER]:
        found |= {pk: len(users) for pk, users in _users(ids).items()}
    if ids := of[Licence.Metric.SITE]:
        found |= {pk: len(places) for pk, places in _sites(ids).items()}
    return found


def _users(ids: Sequence[int]) -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = defaultdict(set)
    for source, device, person in installed(ids).values_list("source", "target", "target__asset__user"):
        found[source].add(("person", person) if person else ("device", device))
    people = Relation.objects.filter(
        type__code=USES, target__in=ids, source__is_active=True, source__type__category=ItemType.Category.USER
    )
    for target, person in people.values_list("target", "source"):
        found[target].add(("item", person))
    return found


def _sites(ids: Sequence[int]) -> dict[int, set[Any]]:
    found: dict[int, set[Any]] = defaultdict(set)
    rows = installed(ids).values_list("source", "target__customer", "target__site").distinct()
    for source, customer, place in rows:
        found[source].add((customer, place.strip()))
    return found
