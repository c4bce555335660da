"""The spans of the incident process that apply to a customer: its own, else those for all, else these.

All spans are of the calendar, round the clock: a day is 24 hours.
"""

from dataclasses import dataclass, fields
from datetime import timedelta

from django.db.models import Case, DurationField, F, Q, Value, When
from django.db.models.expressions import Combinable

from incidents.models import Rules


@dataclass(frozen=True)
class Spans:
    """What applies. Each name is a column of :class:`Rules`, in the unit its name says."""

    reopen_days: int = 14
    close_days: int = 5
    repeat_days: int = 30
    urge_hours: int = 2
    escalation_minutes: int = 30
    backfill_days: int = 60

    @property
    def reopen(self) -> timedelta:
        return timedelta(days=self.reopen_days)

    @property
    def close(self) -> timedelta:
        return timedelta(days=self.close_days)

    @property
    def repeat(self) -> timedelta:
        return timedelta(days=self.repeat_days)

    @property
    def urge(self) -> timedelta:
        return timedelta(hours=self.urge_hours)

    @property
    def escalation(self) -> timedelta:
        return timedelta(minutes=self.escalation_minutes)

    @property
    def backfill(self) -> timedelta:
        return timedelta(days=self.backfill_days)


NAMES = tuple(field.name for field in fields(Spans))


def of(customer_id: int) -> Spans:
    """The spans for a customer; one query."""
    rows = Rules.objects.filter(Q(customer=None) | Q(customer=customer_id))
    ordered = sorted(rows, key=lambda row: row.customer_id is not None)
    return _over(*ordered)


def _over(*rows: Rules) -> Spans:
    """The later row wins where it says something."""
    known = {name: getattr(row, name) for row in rows for name in NAMES if getattr(row, name) is not None}
    return Spans(**known)


def close_by() -> Combinable:
    """When a solved incident was, or is, to be closed at the latest, as an expression of its columns."""
    rows = list(Rules.objects.all())
    general = _over(*(row for row in rows if row.customer_id is None))
    own = [row for row in rows if row.customer_id and row.close_days is not None]
    span = Case(
        *(When(customer=row.customer_id, then=Value(timedelta(days=row.close_days or 0))) for row in own),
        default=Value(general.close),
        output_field=DurationField(),
    )
    due: Combinable = F("resolved_at") + span
    return due
