"""The demo's goals for indicators: what the provider wants to reach, and what is worth nothing."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from accounts.access import Origin
from itsm.demo.company import Company
from kpis import closing, engine
from servicereports.zones import provider_zone

SINCE = timedelta(days=400)
# indicator: weight, goal (100 points), from here on 0 points
GOALS: Final[dict[str, tuple[int, int, int]]] = {
    "P01.R2.K3": (2, 95, 50), "P01.R2.K4": (1, 80, 20), "P01.R2.K5": (1, 100, 30), "P01.R3.K5": (1, 95, 40),
    "P01.R3.K6": (2, 90, 40), "P01.R4.K6": (2, 90, 40), "P02.R1.K2": (2, 60, 10), "P03.R1.K1": (2, 95, 50),
    "P03.R1.K2": (1, 100, 40), "P04.R1.K2": (1, 95, 40), "P04.R1.K3": (3, 95, 60), "P04.R2.K2": (2, 90, 50),
    "P05.R1.K2": (1, 95, 40), "P05.R1.K3": (2, 95, 50), "P10.R1.K2": (2, 100, 0), "P10.R1.K3": (1, 90, 0),
    "P11.R1.K2": (2, 95, 40), "P11.R1.K3": (1, 90, 40), "P11.R1.K4": (2, 90, 50), "P12.R1.K1": (2, 100, 0),
    "P12.R1.K2": (2, 90, 50), "P12.R1.K3": (3, 95, 0), "X17": (2, 95, 60), "X19": (1, 90, 50),
    "X22": (3, 95, 60), "X23": (1, 90, 30), "X24": (1, 10, 60), "X30": (1, 90, 30),
}  # fmt: skip
# deduction: points it takes off each time
DEDUCTIONS: Final[dict[str, str]] = {
    "P01.R1.K4": "2", "P01.R3.K3": "1", "P01.R3.K4": "0.5", "P01.R4.K4": "1", "P02.R1.K5": "0.2",
}  # fmt: skip


def make(company: Company, *, now: datetime) -> None:
    """Set once, long enough ago to hold for every month the demo tells of."""
    actor = company.users["manager"].actor.via(Origin.IMPORT)
    since = timezone.localdate(now - SINCE, provider_zone()).replace(day=1)
    known = {kpi.id: kpi for kpi in engine.all_kpis()}
    for kpi_id, (weight, goal, floor) in GOALS.items():
        closing.weigh(
            known[kpi_id], since=since, weight=Decimal(weight), goal=Decimal(goal), floor=Decimal(floor),
            points=Decimal(1), actor=actor, now=now - SINCE,
        )  # fmt: skip
    for kpi_id, points in DEDUCTIONS.items():
        closing.weigh(
            known[kpi_id], since=since, weight=Decimal(1), goal=None, floor=None, points=Decimal(points),
            actor=actor, now=now - SINCE,
        )  # fmt: skip
