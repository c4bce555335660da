"""The demo's analysis: rules watch, an improvement is compared; the past is counted in the background."""

import logging
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction

from actions.models import ImprovementPlan
from analysis import comparing, warning
from analysis.asking import figure_of
from analysis.models import Better
from analysis.tasks import watch
from itsm.demo.company import Company
from kpis.tasks import measure_past
from records import spans

ZONE = ZoneInfo("Asia/Shanghai")
MONTHS = 4
COUNTED_WITHIN = 180  # seconds
log = logging.getLogger(__name__)
# indicator, which way is better, worse so many times in a row, who answers for it
RULES = (
    ("X18", Better.MORE, 2, "agent"),
    ("X25", Better.LESS, 2, "first"),
    ("X02", Better.LESS, 0, None),
)


def make(company: Company, *, now: datetime) -> None:
    """Rules by week, a comparison with the improvement plan, and the past, counted in the background."""
    slm = company.users["slm"].actor
    for kpi, better, row, person in RULES:
        warning.set_rule(
            figure_of(kpi), customer=None, span_kind="week", better=better.value, forecast=True, row=row,
            limits=True, responsible=company.users[person] if person else None, is_active=True, actor=slm,
        )  # fmt: skip
    plan = ImprovementPlan.objects.order_by("pk").first()
    if plan is not None:
        week = spans.of("week", (now - timedelta(days=28)).astimezone(ZONE).date(), ZONE)
        comparing.keep(
            plan, figure_of("X14"), customer=None, span_kind="week", day=week.first, count=6, actor=slm,
            now=now,
        )  # fmt: skip
    transaction.on_commit(partial(_count, MONTHS))


def _count(months: int) -> None:
    """The worker counts; without one to ask the figures come with the night."""
    try:
        measure_past.delay(months)
        watch.apply_async(countdown=COUNTED_WITHIN)
    except Exception:
        log.warning("could not ask for the figures of the past; they are counted at night", exc_info=True)
