"""How long something takes: medians and 95th percentiles of repeated runs in one process."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

REPEATS = 40
PATIENCE = 20.0  # seconds for one thing; slow ones are repeated less often
FEWEST = 5


@dataclass(frozen=True)
class Figure:
    """Milliseconds of one thing and the queries it takes; ``unit`` is what the empty page took meanwhile."""

    median: float
    p95: float
    unit: float
    repeats: int
    queries: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    work: Callable[[], object],
    *,
    unit: Callable[[], object],
    before: Callable[[], object] | None = None,
    repeats: int = REPEATS,
) -> Figure:
    """Warm up, then run ``work`` up to ``repeats`` times; ``before`` each run is not timed.

    ``unit`` is run in turn with it: on a machine that others use as well, only figures taken at the same
    time may be compared.
    """
    queries = 0
    unit()
    for _ in range(2):
        if before:
            before()
        with CaptureQueriesContext(connection) as captured:
            work()
        queries = len(captured)
    took: list[float] = []
    units: list[float] = []
    began = time.perf_counter()
    gc.collect()
    while len(took) < repeats and (len(took) < FEWEST or time.perf_counter() - began < PATIENCE):
        if before:
            before()
        took.append(_milliseconds(work))
        units.append(_milliseconds(unit))
    return Figure(
        statistics.median(took), percentile(took, 0.95), statistics.median(units), len(took), queries
    )


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]
