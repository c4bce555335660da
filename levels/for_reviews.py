"""What review meetings look at: availability and the other measures of an agreement, by service (SLM-39)."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import lazy

from levels.measured import MeasureStanding
from levels.standing import standing
from records.log import bilingual
from reviews import inputs
from sla.models import Agreement


def register() -> None:
    """Make reviews tell of measures. Safe to repeat."""
    inputs.MORE["measures"] = measures


def measures(agreement: Agreement, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Each promise about a service with what came of it, as JSON in both languages."""
    found = standing(agreement, start=start, end=end, now=timezone.now().replace(microsecond=0))
    return [_told(row) for row in (*found.measures, *found.workload)]


def _told(row: MeasureStanding) -> dict[str, Any]:
    return {
        "label": bilingual(lazy(lambda: row.label, str)()),
        "promise": bilingual(lazy(lambda: row.promise, str)()),
        "figure": bilingual(lazy(lambda: row.figure, str)()),
        "why": bilingual(lazy(lambda: row.why, str)()),
        "has_figure": row.actual is not None,
        "kept": row.is_kept,
        "outages": len(row.outages),
    }
