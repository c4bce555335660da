"""Reports of each process: sent in time, and never found wrong (P01 to P13, P15)."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from kpis import reported
from kpis.catalogue import entries
from kpis.engine import Asked, Part, Unit, declare, waits
from kpis.measures.history import due
from kpis.reported import Reports, Wanted
from servicereports.models import FrozenReport, ServiceReport

OWN = _("In time"), _("Never corrected")
OF_AGREEMENTS = _("Of agreements: in time"), _("Of agreements: never corrected")
OF_PROCESSES = _("Of processes: in time"), _("Of processes: never corrected")
WORKLOAD = "workload"
OF_PROCESS = (
    "P01.R1.K6", "P02.R1.K6", "P03.R1.K3", "P04.R1.K5", "P05.R1.K4", "P06.R1.K2", "P07.R1.K3", "P08.R1.K1",
    "P09.R1.K4", "P10.R1.K4", "P11.R1.K5", "P13.R1.K2",
)  # fmt: skip
OF_MONTHS = ("P06.R2.K2", "P08.R2.K2")
MONTHLY = ("day", "week", "month")


def in_time(asked: Asked, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Reports due in the period so far, with the day they went out in the reader's zone."""
    found: QuerySet[Any] = rows.filter(due(asked, "due_on")).annotate(
        sent_on=TruncDate("published_at", tzinfo=asked.period.zone)
    )
    return found


def sent_by(kept: Reports, wanted: Wanted, names: tuple[Any, Any] = OWN) -> tuple[Part, Part]:
    """Timeliness of the reports due in a period, and accuracy of those that went out in it."""
    return (
        Part(
            lambda asked: in_time(asked, kept(wanted)), Unit.PERCENT, Q(sent_on__lte=F("due_on")),
            person="assignee", at="due_on", name=names[0],
        ),
        Part(
            lambda asked: kept(wanted).filter(asked.within("published_at")), Unit.PERCENT,
            Q(is_faulty=False), person="assignee", at="published_at", name=names[1],
        ),
    )  # fmt: skip


def service_reports(_wanted: Wanted) -> QuerySet[Any]:
    """Reports about agreements."""
    again = FrozenReport.objects.filter(report=OuterRef("pk"), number__gt=1)
    rows: QuerySet[Any] = ServiceReport.objects.exclude(state="cancelled").annotate(is_faulty=Exists(again))
    return rows


def _declare() -> None:
    kept = reported.keeper()
    if kept is None:
        declare("P15.R1.K1", *sent_by(service_reports, Wanted()))
        waits(_("reports of each process, with their due dates"), "P01.R1.K5", *OF_PROCESS, *OF_MONTHS)
        return
    declare(
        "P15.R1.K1",
        *sent_by(service_reports, Wanted(), OF_AGREEMENTS), *sent_by(kept, Wanted(), OF_PROCESSES),
    )  # fmt: skip
    declare("P01.R1.K5", *sent_by(kept, Wanted(section=WORKLOAD)))
    for kpi in OF_PROCESS:
        declare(kpi, *sent_by(kept, Wanted(entries()[kpi].process.en)))
    for kpi in OF_MONTHS:
        declare(kpi, *sent_by(kept, Wanted(entries()[kpi].process.en, every=MONTHLY)))


_declare()
