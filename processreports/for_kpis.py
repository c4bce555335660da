"""What indicators count: reports of processes, due and sent, corrected or found faulty."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from kpis import reported
from kpis.reported import Wanted
from processreports import lifecycle
from processreports.models import ProcessReport, QualityCheck, ReportEdition


def register() -> None:
    """Let indicators know of them. Safe to repeat."""
    reported.register(reports_of)


def reports_of(wanted: Wanted) -> QuerySet[Any]:
    """The reports that are wanted, without those called off, with ``is_faulty``."""
    corrected = ReportEdition.objects.filter(report=OuterRef("pk"), number__gt=1)
    faulty = QualityCheck.objects.filter(edition__report=OuterRef("pk"), verdict=QualityCheck.Verdict.FAULTY)
    rows: QuerySet[Any] = ProcessReport.objects.exclude(state=lifecycle.CANCELLED)
    if wanted.process:
        rows = rows.filter(definition__processes__contains=[wanted.process])
    if wanted.section:
        rows = rows.filter(definition__sections__contains=[wanted.section])
    if wanted.every:
        rows = rows.filter(every__in=wanted.every)
    found: QuerySet[Any] = rows.annotate(is_faulty=Exists(corrected) | Exists(faulty))
    return found
