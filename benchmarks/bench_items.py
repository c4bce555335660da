"""How long impact analysis takes over a large register of configuration items.

    python -m benchmarks.bench_items [--items 100000] [--relations 300000]

Loads so many items and relations (racks of servers carry applications, applications need databases and each
other, circles and all, and services run on some), and asks from a rack, a server and an application, in both
directions: the nearest with their depths, and the whole analysis as the page shows it.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.bench_replay import _run

ROUNDS = 5

_ITEMS = """
    INSERT INTO cmdb_item
        (number, name, type_id, site, state, revision, attributes, is_important, is_active, version)
    SELECT '', 'item ' || n, %s, '', 'in_use', '', '{}', false, true, 1 FROM generate_series(1, %s) n
"""
# the first hundredth carries the next tenth, which carries the rest; the rest needs others of its kind
_RELATIONS = """
    WITH first AS (SELECT min(id) AS id FROM cmdb_item), made AS (
        SELECT first.id + %(items)s / 10 + floor(random() * %(items)s * 0.9)::int AS source,
               first.id + floor(random() * %(items)s / CASE n %% 3 WHEN 0 THEN 10 ELSE 1 END)::int AS target,
               CASE WHEN n %% 3 = 0 THEN %(runs_on)s ELSE %(depends_on)s END AS type
        FROM first, generate_series(1, %(relations)s * 2) n
    )
    INSERT INTO cmdb_relation (source_id, target_id, type_id)
    SELECT source, target, type FROM made WHERE source <> target GROUP BY 1, 2, 3 LIMIT %(relations)s
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--relations", type=int, default=300_000)
    parser.add_argument("--load", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        load(options.items, options.relations)
        return
    if options.measure:
        print(json.dumps(measure(), indent=1))
        return
    from benchmarks import servers

    with tempfile.TemporaryDirectory(prefix="itsm-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        with servers.running(root, durable=True) as environment:
            own = servers.database(environment, "itsm_bench_items")
            sizes = (f"--items={options.items}", f"--relations={options.relations}")
            _run(own, "-m", "benchmarks.bench_items", "--load", *sizes)
            _run(own, "-m", "benchmarks.bench_items", "--measure")


def load(items: int, relations: int) -> None:
    """So many items and relations, and 200 services on 2,000 of them."""
    import django

    django.setup()
    from django.db import connection

    from benchmarks import one
    from catalog.models import Service
    from cmdb.models import Item, ItemService, ItemType, RelationType

    one.migrate()
    kind = ItemType.objects.create(code="bench", name_en="Bench", prefix="BEN")
    codes = dict(RelationType.objects.values_list("code", "pk"))
    asked = {"items": items, "relations": relations, **codes}
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [kind.pk, items])
        cursor.execute(_RELATIONS, asked)
    services = Service.objects.bulk_create(
        Service(code=f"bench-{n}", name_en=f"Service {n}", name_zh="服务") for n in range(200)
    )
    carried = Item.objects.order_by("-pk").values_list("pk", flat=True)[:2000]
    ItemService.objects.bulk_create(
        ItemService(item_id=pk, service=services[n % 200]) for n, pk in enumerate(carried)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure() -> dict[str, Any]:
    """Medians in seconds, and how much was reached."""
    import django

    django.setup()
    from django.utils import timezone

    from accounts.services import system_actor
    from cmdb import impact
    from cmdb.models import Item, Relation
    from configuration import impact as analysis

    actor, now = system_actor(), timezone.now()
    ids = list(Item.objects.order_by("pk").values_list("pk", flat=True))
    starts = {"rack": ids[7], "server": ids[len(ids) // 20], "application": ids[-7]}
    found: dict[str, Any] = {"items": len(ids), "relations": Relation.objects.count()}
    for name, start in starts.items():
        item = Item.objects.get(pk=start)
        for direction in analysis.DIRECTIONS:

            def nearest(start: int = start, direction: Any = direction) -> int:
                return len(impact.reached([start], direction=direction, actor=actor))

            def whole(item: Item = item, direction: Any = direction) -> int:
                return analysis.analyse(item, actor, direction=direction, depth=0, now=now).total

            found[f"{name} {direction}: the nearest"] = _timed(nearest)
            found[f"{name} {direction}: the whole page"] = _timed(whole)
    return found


def _timed(ask: Callable[[], int]) -> dict[str, float]:
    seconds = []
    for _round in range(ROUNDS):
        began = time.monotonic()
        reached = ask()
        seconds.append(time.monotonic() - began)
    return {
        "reached": reached,
        "median": round(statistics.median(seconds), 3),
        "worst": round(max(seconds), 3),
    }


if __name__ == "__main__":
    main()
