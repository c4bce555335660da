"""How long a what-if replay takes, end to end: loading, judging, tallying, storing.

    python -m benchmarks.bench_replay [--tickets 100000] [--file AUDIT.csv]

Loads so many tickets of the default commitment, or imports a file of another system's incidents, and replays
them under a draft that is stricter in one thing and looser in another, and under the terms they had: those
must change nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sla.terms import Terms

BEGIN = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--file", default="")
    parser.add_argument("--load", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--measure", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.load:
        load(options.load)
        return
    if options.measure:
        print(json.dumps(measure(options.measure), indent=1))
        return
    from benchmarks import servers

    with tempfile.TemporaryDirectory(prefix="itsm-bench-") as folder:
        root = Path(folder)
        root.chmod(0o711)
        with servers.running(root, durable=True) as environment:
            own = servers.database(environment, "itsm_bench_replay")
            if options.file:
                _run(own, "manage.py", "migrate", "-v0")
                _run(own, "manage.py", "import_incidents", options.file, "--format", "servicenow")
                measured = "imported"
            else:
                _run(own, "-m", "benchmarks.bench_replay", f"--load={options.tickets}")
                measured = "agreement-0"
            _run(own, "-m", "benchmarks.bench_replay", f"--measure={measured}")


def _run(environment: dict[str, str], *arguments: str) -> None:
    import os

    settings = {"DJANGO_SETTINGS_MODULE": "itsm.settings", "LOG_LEVEL": "ERROR"}
    subprocess.run([sys.executable, *arguments], env={**os.environ, **environment, **settings}, check=True)


def load(tickets: int) -> None:
    """So many tickets, all under the default commitment."""
    import django

    django.setup()
    from benchmarks import one, people

    one.migrate()
    people.WITH_AGREEMENT = 0
    one.load(tickets, 0.1)


def measure(code: str) -> dict[str, Any]:
    """Seconds and findings of three replays of one agreement's tickets."""
    import django

    django.setup()
    from sla.models import Agreement
    from sla.terms_rows import terms_of

    rows = Agreement.objects.filter(kind="sla")
    agreement = rows.filter(code=code).first() or rows.exclude(customer=None).get()
    terms = terms_of(agreement.versions.get())
    drafts = {"as it was": terms, "stricter": _stricter(terms), "once more": terms}
    return {name: _replay(agreement, draft, n) for n, (name, draft) in enumerate(drafts.items(), 1)}


def _stricter(terms: "Terms") -> "Terms":
    """Half the time to solve, but more waits that pause and a new cycle with each reopening."""
    targets = tuple(
        replace(target, promise=replace(target.promise, amount=max(1, target.promise.amount // 2)))
        if target.metric == "resolution"
        else target
        for target in terms.targets
    )
    pausing = ("customer", "appointment", "supplier", "parts", "problem", "evidence")
    return replace(terms, targets=targets, pausing_reasons=pausing, reopen_starts_new_cycle=True)


def _replay(agreement: Any, terms: "Terms", n: int) -> dict[str, Any]:
    from django.utils import timezone

    from accounts.services import system_actor
    from agreements import replays
    from agreements.models import Edition, ReplayRun
    from records.models import Record

    now = timezone.now().replace(microsecond=0) + timedelta(seconds=n)
    person = system_actor().user_id
    customer = agreement.customer_id or Record.objects.values_list("customer", flat=True)[0]
    edition = Edition.objects.create(
        kind="agreement", number=f"AGR{n}", title="bench", state="draft", phase="active", priority=3,
        customer_id=customer, requester_id=person, opened_at=now, updated_at=now, agreement=agreement,
        edition_number=n, terms=terms.dump(), effective_from=now,
    )  # fmt: skip
    run = ReplayRun.objects.create(
        edition=edition, terms=terms.dump(), digest=str(n), period_start=BEGIN, period_end=now,
        asked_by_id=person, asked_at=now, lease_until=now,
    )  # fmt: skip
    began, cpu = time.monotonic(), time.process_time()
    slices = 1
    while replays.run(run.pk, seconds=replays.SLICE_SECONDS) is replays.Progress.MORE:
        slices += 1
    seconds = time.monotonic() - began
    run.refresh_from_db()
    found = run.result or {}
    return {
        "tickets": run.done,
        "seconds": round(seconds, 1),
        "of_them_computing_here": round(time.process_time() - cpu, 1),
        "per_100000": round(seconds * 100_000 / max(run.done, 1), 1),
        "slices": slices,
        "flips": found.get("flips"),
        "before": found["total"]["before"]["percent"] if found else run.error,
        "after": found["total"]["after"]["percent"] if found else run.error,
    }


if __name__ == "__main__":
    main()
