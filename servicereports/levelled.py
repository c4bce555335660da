"""What the standing of an agreement adds to a report: measures, workload limits, interruptions,
credits and rewards.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from levels.measured import MeasureStanding
from levels.models import CreditEntry, Outage, OutageExclusion
from levels.standing import CreditStanding, Interruption, Standing
from servicereports.attained import instant


def read(standing: Standing) -> dict[str, Any]:
    """The figures, ready to be frozen."""
    excluded = {row.outage_id: row for row in standing.excluded_outages}
    return {
        "measures": _measures(standing.measures),
        "limits": _measures(standing.workload),
        "interruptions": [_interruption(row) for row in standing.interruptions],
        "outages": [_outage(row, excluded.get(row.pk), standing.end) for row in standing.outages],
        "credits": _ruled(standing.credits) if standing.credits else None,
        # not told where there are none, so that figures of before are written, and hashed, as they were
        **({"rewards": _ruled(standing.rewards)} if standing.rewards else {}),
    }


def exact(value: float | Decimal) -> str:
    """A number as text without rounding and without superfluous zeros."""
    return format(Decimal(repr(value) if isinstance(value, float) else value).normalize(), "f")


def _measures(rows: Sequence[MeasureStanding]) -> list[dict[str, Any]]:
    """A promise that changed within the period is there once for each of its parts."""
    return [
        {
            "id": f"{row.key}@{row.versions[-1]}",
            "measure": row.measure,
            "service": row.service.code if row.service else row.term.service,
            "operator": row.operator,
            "promised": exact(row.value),
            "unit": row.unit,
            "actual": None if row.actual is None else exact(row.actual),
            "kept": row.is_kept,
            "missing": row.no_data,
            "worst": row.worst.code if row.worst else None,
            "agreed_seconds": row.availability.agreed if row.availability else None,
            "down_seconds": row.availability.down if row.availability else None,
        }
        for row in rows
    ]


def _interruption(given: Interruption) -> dict[str, Any]:
    row = given.row
    return {
        "id": str(row.pk),
        "services": sorted(service.code for service in given.services),
        "from": instant(row.starts_at),
        "until": instant(row.ends_at),
        "reason": {"en": row.reason_en, "zh": row.reason_zh or row.reason_en},
        "agreed_with": row.agreed_with,
        "announced_at": instant(row.announced_at),
        "taken_out": given.is_taken_out,
    }


def _outage(row: Outage, excluded: OutageExclusion | None, end: datetime) -> dict[str, Any]:
    """One that lasts beyond the period is told as far as the period goes."""
    felt = row.felt_until
    return {
        "id": str(row.pk),
        "service": row.service.code,
        "from": instant(row.started_at),
        "until": instant(felt) if felt and felt < end else None,
        "number": row.record.number if row.record else None,
        "excluded": excluded.reason if excluded else None,
        "evidence": excluded.evidence if excluded else "",
    }


MARKS = {CreditEntry.Side.CREDIT: ("below", "credit"), CreditEntry.Side.REWARD: ("above", "reward")}
"""What a rule of one side calls its mark, and its share of the charge."""


def _ruled(given: CreditStanding) -> dict[str, Any]:
    mark, part = MARKS[given.side]
    return {
        "percent": None if given.percent is None else exact(given.percent),
        # the same text before and after the ledger closes the month
        "amount": None if given.amount is None else f"{given.amount:.2f}",
        "currency": given.currency,
        "due": [
            {
                "id": str(rule["target"]),
                "attained": exact(rule["percent"]),
                mark: exact(rule[mark]),
                "percent": exact(rule[part]),
            }
            for rule in given.due
        ],
    }
