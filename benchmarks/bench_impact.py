"""How long the preview of a calendar's next edition takes over many open clocks, and moving them to it.

    python -m benchmarks.bench_impact [--tickets 100000]

Loads so many tickets, of which a tenth is open, asks what a longer day and a holiday would do to the open
clocks of the busiest calendar, and has them follow it.
"""

import argparse
import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.bench_replay import _run


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--load", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        load(options.load)
        return
    if options.measure:
        print(json.dumps(measure(), indent=1))
        return
    from benchmarks import servers

    with tempfile.TemporaryDirectory(prefix="itsm-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        with servers.running(root, durable=True) as environment:
            own = servers.database(environment, "itsm_bench_impact")
            _run(own, "-m", "benchmarks.bench_impact", f"--load={options.tickets}")
            _run(own, "-m", "benchmarks.bench_impact", "--measure")


def load(tickets: int) -> None:
    """So many tickets, a tenth of them open."""
    import django

    django.setup()
    from benchmarks import one

    one.migrate()
    one.load(tickets, 0.1)


def measure() -> dict[str, Any]:
    """Seconds and queries of the preview, and how long the open clocks take to follow."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from accounts.services import system_actor
    from records import retiming
    from sla import calendar_editing
    from sla.impact_rows import open_clocks, running_on
    from sla.models import Calendar, Retiming

    actor, now = system_actor(), timezone.now().replace(microsecond=0)
    calendar = max(Calendar.objects.all(), key=lambda c: open_clocks(running_on(c), actor).count())
    latest = calendar.versions.order_by("-number")[0]
    week = {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    holiday = (now + timedelta(days=1)).date().isoformat()
    definition = {"timezone": latest.definition["timezone"], "weekly": week, "holidays": [holiday]}
    asked: dict[str, Any] = {"effective_from": None, "actor": actor}
    began = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        found = calendar_editing.preview(calendar, definition, **asked, now=now)
    seconds = time.monotonic() - began
    calendar_editing.adopt(
        calendar, definition, **asked, now=now, digest=found.digest, follow=True, note="bench", day_names={}
    )
    began = time.monotonic()
    while retiming.work(now=now, seconds=retiming.SLICE_SECONDS):
        pass
    moved, row = time.monotonic() - began, Retiming.objects.get()
    return {
        "calendar": calendar.code,
        "open_clocks": len(found.found),
        "preview_seconds": round(seconds, 2),
        "preview_queries": len(queries),
        "per_10000": round(seconds * 10_000 / max(1, len(found.found)), 2),
        "counts": found.counts,
        "follow_seconds": round(moved, 1),
        "followed": row.clocks,
        "failed": row.failed,
    }


if __name__ == "__main__":
    main()
