"""What a piece of work touches: its items and services, and what depends on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.services import system_actor
from cmdb import impact

MOST = 5_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Ids of all that fails when the work goes on."""

    items: frozenset[int]
    services: frozenset[int]


def reach_of(item_ids: Iterable[int], service_ids: Iterable[int]) -> Reach:
    """Widened through the relations of items: what may fail with them, and the services run on all of it.

    Whole, whoever asks: what somebody may not see is in the way all the same. What is said about it is
    narrowed to what the reader may see (windows.words).
    """
    items = frozenset(item_ids)
    if items:
        found = impact.reached(items, direction="impact", actor=system_actor(), limit=MOST)
        items |= {row.item_id for row in found}
    services = frozenset(service_ids)
    return Reach(items, services | frozenset(impact.services_of(items)) if items else services)
