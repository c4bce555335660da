"""Which requirements have a passing test: `make requirements`, after or instead of `make test`.

Loaded by tests/conftest.py as a plugin it notes, for every test that passed, the ids of its
`@pytest.mark.req(...)` marks; run as a program it runs the tests and counts the ids against
docs/requirements.csv, group by group.
"""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "requirements.csv"
RESULT = "REQUIREMENTS_RESULT"


class Noter:
    """Collects requirement ids of passed and failed tests; under xdist in the controlling process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        for name, value in report.user_properties:
            if name == "req":
                self.outcomes[str(value)].add(report.outcome)

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps({rid: sorted(o) for rid, o in self.outcomes.items()}))


def tag(items: list[pytest.Item]) -> None:
    """Let each test's report carry the ids of its marks."""
    for item in items:
        for mark in item.iter_markers("req"):
            item.user_properties.extend(("req", rid) for rid in mark.args)


def known() -> dict[str, dict[str, str]]:
    """The requirements by id, as docs/requirements.csv lists them."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def report(outcomes: dict[str, list[str]]) -> str:
    """A line a group, the ids proved, and what is named by a test but not in the list."""
    requirements = known()
    proved = {rid for rid, found in outcomes.items() if found == ["passed"]}
    groups: dict[str, list[str]] = defaultdict(list)
    for rid in requirements:
        groups[rid.partition("-")[0]].append(rid)
    lines = [f"{'group':6} {'proved':>7} {'of':>4}  ids"]
    for group, ids in groups.items():
        done = [rid for rid in ids if rid in proved]
        lines.append(f"{group:6} {len(done):>7} {len(ids):>4}  {' '.join(done)}")
    counted = proved & requirements.keys()
    lines.append(f"{'all':6} {len(counted):>7} {len(requirements):>4}")
    failing = sorted(rid for rid, found in outcomes.items() if "failed" in found)
    if failing:
        lines.append(f"with a failing test: {' '.join(failing)}")
    if unknown := sorted(outcomes.keys() - requirements.keys()):
        lines.append(f"named by a test but not in the list: {' '.join(unknown)}")
    return "\n".join(lines)


def main() -> int:
    path = ROOT / ".requirements.json"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", *sys.argv[1:]]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, RESULT: str(path)}, check=False)
    if not path.exists():
        print("The tests did not run, so nothing is known.")
        return done.returncode or 1
    print(report(json.loads(path.read_text())))
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main())
