"""Measured figures to analyse, made up."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from kpis.models import Measurement
from records import spans
from records.spans import Span

ZONE = ZoneInfo("Asia/Shanghai")


def this_month() -> Span:
    return spans.of("month", timezone.localdate(timezone.now(), ZONE), ZONE)


def measured(
    kpi: str,
    numbers: Sequence[float | None],
    *,
    part: int = 0,
    customer: int | None = None,
    last: Span | None = None,
) -> list[Measurement]:
    """Figures of the spans up to ``last`` (the month before this one), which are over."""
    last = last or this_month().previous
    return Measurement.objects.bulk_create(
        Measurement(
            kpi=kpi, part=part, span_kind=span.kind, first=span.first, last=span.last, customer_id=customer,
            number=None if number is None else Decimal(str(number)), record_count=10,
            counted_at=span.end + timedelta(hours=1), is_final=span.end <= timezone.now(),
        )
        for span, number in zip(last.up_to(len(numbers)), numbers, strict=True)
    )  # fmt: skip
