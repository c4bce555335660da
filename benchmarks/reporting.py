"""What managers wait for that is no page: all indicators of a month, and a customer's monthly report."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from accounts.models import Organisation
from kpis import measuring
from processreports import content, sections
from processreports.document import document_of
from processreports.models import ReportDefinition
from records import spans
from records.models import Record
from records.spans import Span
from servicereports.pdf import render_pdf


def works() -> dict[str, Callable[[], None]]:
    """Both over the last full month; counted anew each time."""
    now = timezone.now().replace(microsecond=0)
    zone = measuring.house_zone()
    span = spans.of("month", timezone.localdate(now, zone), zone).previous
    return {
        "measure_month": lambda: _measure(span, now),
        "report_pdf": lambda: _pdf(span, now),
    }


def _measure(span: Span, now: datetime) -> None:
    if not measuring.measure(span, now=now, again=True):
        raise RuntimeError("nothing was measured")


def _pdf(span: Span, now: datetime) -> None:
    """From the figures to the file, in Chinese, for the customer with the most tickets."""
    rows = Record.objects.filter(opened_at__gte=span.start, opened_at__lt=span.end).values("customer")
    most = rows.annotate(n=Count("pk")).order_by("-n", "customer")[0]["customer"]
    definition = ReportDefinition(
        name_en="Monthly report", name_zh="月度报告", customer=Organisation.objects.get(pk=most),
        processes=["Incident management", "Service level management"], every="month",
        sections=list(sections.OF_CUSTOMER), languages=["zh"],
    )  # fmt: skip
    document = document_of(content.build(definition, span, now=now), "zh")
    if not render_pdf(document, dated=now).startswith(b"%PDF"):
        raise RuntimeError("no PDF was drawn")
