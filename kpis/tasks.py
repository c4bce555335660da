"""When to run: figures are counted every night, so that series and warnings need not count the past anew."""

from celery import shared_task
from django.utils import timezone

from kpis import due, measuring
from records import spans
from records.spans import Span

NIGHTLY = ("week", "month")
LONG = ("quarter", "half", "year")


@shared_task
def remind() -> int:
    """Tell checkers once what is to be confirmed of a span that is over; answers how many notices."""
    return due.remind(now=timezone.now())


@shared_task
def measure() -> int:
    """Ask for the last finished and the present week and month; answers how many spans were asked for."""
    return _ask(NIGHTLY)


@shared_task
def measure_long() -> int:
    """The same of quarters, half-years and years."""
    return _ask(LONG)


def _ask(kinds: tuple[str, ...]) -> int:
    now = timezone.now()
    zone = measuring.house_zone()
    asked = 0
    for kind in kinds:
        present = spans.of(kind, timezone.localdate(now, zone), zone)
        for span in (present.previous, present):
            measure_span.delay(span.code)
            measure_customers.delay(span.code)
            asked += 1
    return asked


@shared_task
def measure_span(code: str) -> int:
    """All indicators of one span, such as 2026-11, for all customers together; answers how many figures."""
    return measuring.measure(_span(code), now=timezone.now().replace(microsecond=0))


@shared_task
def measure_customers(code: str) -> int:
    """The same for each customer with an agreement in force."""
    span, now = _span(code), timezone.now().replace(microsecond=0)
    return measuring.measure_customers(span, measuring.promised(span, now=now), now=now)


@shared_task
def measure_past(months: int) -> int:
    """Ask for so many months up to the present one, and their weeks; answers how many spans."""
    zone = measuring.house_zone()
    today = timezone.localdate(timezone.now(), zone)
    first = spans.of("month", today, zone).moved(1 - months).first
    found = [span for kind in NIGHTLY for span in spans.within(kind, first, today, zone)]
    for span in reversed(found):
        measure_span.delay(span.code)
        measure_customers.delay(span.code)
    return len(found)


def _span(code: str) -> Span:
    return spans.parse(code, measuring.house_zone())
