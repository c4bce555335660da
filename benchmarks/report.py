"""The measured figures as a page: docs/performance.md, between two markers."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
LABELS = {
    "empty": "empty page, logged in",
    "queue": "queue, first page of all open",
    "queue_mine": "queue, my team",
    "queue_deep": "queue, 200th page",
    "ticket": "ticket page",
    "search_en_common": "search, common English word",
    "search_en_rare": "search, rare English word",
    "search_zh_common": "search, common Chinese word",
    "search_zh_rare": "search, rare Chinese word",
    "search_two_words": "search, two words",
    "portal": "portal home of a busy customer",
    "portal_list": "portal, a customer's requests",
    "dashboard": "dashboard, one month",
    "desk": "the desk's figures, one month",
    "management": "the management's dashboard, one month",
    "process": "dashboard of incident management, one month",
    "indicators": "indicators of a process, one month",
    "indicator": "one indicator with its rows, one month",
    "parties": "time by party, one month",
    "misses": "missed targets, one month",
    "standing": "standing of all agreements, one month",
    "api_list": "API: list, first page",
    "create": "API: create an incident",
    "measure_month": "all indicators of a month, as a task",
    "report_pdf": "a customer's monthly report as PDF",
    "sweep": "alarm sweep, 10 due",
    "sweep_idle": "alarm sweep, nothing due",
}
Figures = Mapping[str, Mapping[str, Any]]


def write(found: Mapping[str, Any]) -> None:
    """Replace what stands between the markers."""
    text = PAGE.read_text(encoding="utf-8")
    head, _begin, rest = text.partition(BEGIN)
    _old, _end, tail = rest.partition(END)
    body = "\n".join(lines(found))
    PAGE.write_text(f"{head}{BEGIN}\n\n{body}\n{END}{tail}", encoding="utf-8")


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The measured part of the page."""
    sizes = _sizes(found, "itsm_bench_")
    yield f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}, by `make bench`."
    yield ""
    yield from _pages(found, sizes)
    yield ""
    yield from _sweeps(found)
    yield ""
    yield from _many(found.get("many"))
    yield "## Clock arithmetic"
    yield ""
    yield _arithmetic()


def machine() -> str:
    """Cores and memory, nothing else."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores and {memory:.0f} GB of memory"


def _sizes(found: Mapping[str, Any], prefix: str) -> list[int]:
    names = (name.removeprefix(prefix) for name in found if name.startswith(prefix))
    return sorted(int(name) for name in names if name.isdecimal())


def _pages(found: Mapping[str, Any], sizes: list[int]) -> Iterator[str]:
    yield f"| what | queries | {' | '.join(f'{n:,} incidents | of the empty page' for n in sizes)} | growth |"
    yield f"|---|---:|{'---:|---:|' * len(sizes)}---:|"
    of = [found[f"itsm_bench_{n}"] for n in sizes]
    for name, label in LABELS.items():
        if not any(name in each for each in of):
            continue
        cells = [cell for each in of for cell in _cells(each.get(name))]
        counts = [each[name]["queries"] for each in of if "queries" in each.get(name, {})]
        yield f"| {label} | {max(counts, default='')} | {' | '.join(cells)} | {_growth(of, name)} |"


def _cells(figure: Mapping[str, Any] | None) -> tuple[str, str]:
    if not figure or "error" in figure:
        return "not measured", ""
    return f"{figure['median']:.0f} ms (p95 {figure['p95']:.0f})", f"{figure['median'] / figure['unit']:.1f}x"


def _growth(of: list[Figures], name: str) -> str:
    """From the smallest to the largest size, each measured by the empty page of the same moment."""
    ratios = [
        each[name]["median"] / each[name]["unit"] for each in of if "median" in each.get(name, {})
    ]  # fmt: skip
    return f"{ratios[-1] / ratios[0]:.1f}x" if len(ratios) > 1 else ""


def _sweeps(found: Mapping[str, Any]) -> Iterator[str]:
    sizes = _sizes(found, "itsm_bench_open_")
    if not sizes:
        return
    of = [found[f"itsm_bench_open_{n}"] for n in sizes]
    yield "Where every incident is open:"
    yield ""
    yield f"| what | {' | '.join(f'{n:,} open | of the empty page' for n in sizes)} | growth |"
    yield f"|---|{'---:|---:|' * len(sizes)}---:|"
    for name in ("sweep", "sweep_idle"):
        cells = [cell for each in of for cell in _cells(each.get(name))]
        yield f"| {LABELS[name]} | {' | '.join(cells)} | {_growth(of, name)} |"


def _many(many: Mapping[str, Any] | None) -> Iterator[str]:
    if not many:
        return
    yield "Many alarms due at once, raised by two worker processes:"
    yield ""
    yield "| which | clocks due | seconds | per second |"
    yield "|---|---:|---:|---:|"
    for name, label in (("warnings", "warnings"), ("mixed", "warnings, breaches and their escalations")):
        each = many[name]
        rate = each["due"] / each["seconds"]
        yield f"| {label} | {each['due']:,.0f} | {each['seconds']:.1f} | {rate:,.0f} |"
    yield ""


def _arithmetic() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.clock_arithmetic"], capture_output=True, text=True, check=True
    )
    return done.stdout
