"""One size: migrate and load its database where that has not been done, and measure it. Prints JSON.

Run by `python -m benchmarks`, which starts the servers and names the database in DATABASE_URL.
"""

import argparse
import json
import sys
from functools import partial
from typing import Any

import django


def is_loaded() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.benchmark_load') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def migrate() -> None:
    """Make the tables; in a database kept from an earlier run, what has come since."""
    from django.db import connection

    from itsm import migration

    migration.apply(verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def load(incidents: int, open_share: float) -> None:
    """Fill the database; a table made at the very end says that it is whole."""
    from django.db import connection
    from django.utils import timezone

    from benchmarks import loader

    size = loader.Size(incidents, open_share)
    loader.load(size, now=timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_load AS SELECT now() AS at")


def measure(only: list[str]) -> dict[str, Any]:
    """The figures by name; "error" in place of one that could not be measured."""
    from benchmarks import measuring, pages, sweeps

    found: dict[str, Any] = {}
    works = pages.works()
    unit = works["empty"]
    figures = {name: partial(measuring.measure, work, unit=unit) for name, work in works.items()}
    figures |= {name: partial(work, unit) for name, work in sweeps.WORKS.items()}
    for name, figure in figures.items():
        if only and name not in only:
            continue
        try:
            found[name] = figure().as_json()
        except Exception as error:  # noqa: BLE001 - a page that fails must not hide the others
            found[name] = {"error": f"{type(error).__name__}: {error}"[:300]}
        print(f"  {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["load", "measure", "many", "worker"])
    parser.add_argument("incidents", type=int)
    parser.add_argument("--open", type=float, default=0.1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    django.setup()
    if options.step == "load":
        migrate()
        if not is_loaded():
            load(options.incidents, options.open)
    elif options.step == "measure":
        print(json.dumps(measure([name for name in options.only.split(",") if name])))
    else:
        from benchmarks import sweeps

        if options.step == "worker":
            sweeps.work()
            return
        print(json.dumps({"warnings": sweeps.many_due(sweeps.WARNINGS), "mixed": sweeps.many_due("")}))


if __name__ == "__main__":
    main()
