"""What was promised: targets, and those that were missed."""

from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from questions.subjects.base import How, Instant, Measure, Measured, Subject, amounts, register
from questions.subjects.making import flag, pick, record, row, state
from records.kinds import Kind
from servicereports.models import ServiceReport
from sla.models import Breach, Clock

DECIDED = Q(decided_at__isnull=False, waived_at=None)

register(
    Subject(
        "targets", _("Targets promised to customers"), Clock, lambda asked: Clock.objects.all(),
        (
            *record(Clock, "record__"), pick(Clock, "metric", _("Target")),
            row(Clock, "agreement_version__agreement", _("Agreement")),
            flag("is_missed", _("Missed"), Q(breached_at__isnull=False)),
            flag("is_excluded", _("Excluded by approval"), Q(waived_at__isnull=False)),
        ),
        (Instant("decided", _("decided"), "decided_at"), Instant("due", _("due"), "due_at")),
        (
            Measure("met", _("Share that was met"), How.SHARE, Measured.PERCENT, DECIDED,
                    Q(breached_at=None)),
            *amounts("used", _("Working time used"), Cast("spent", FloatField()),
                     Q(stopped_at__isnull=False), measured=Measured.WORKING),
        ),
        customer="record__customer",
    )
)  # fmt: skip
register(
    Subject(
        "breaches", _("Missed targets"), Breach,
        lambda asked: Breach.objects.filter(clock__support=None),
        (
            *record(Breach, "clock__record__")[:3], pick(Breach, "clock__metric", _("Target")),
            row(Breach, "clock__agreement_version__agreement", _("Agreement")),
            pick(Breach, "reason", _("Cause")), row(Breach, "team", _("Team")),
            pick(Breach, "tier", _("Tier")),
            row(Breach, "assignee", _("Person")),
            flag("is_explained", _("Explained"), ~Q(reason="")),
            flag("is_excluded", _("Excluded by approval"), Q(clock__waived_at__isnull=False)),
        ),
        (Instant("missed", _("missed"), "at"),),
        (
            Measure("explained", _("Share that is explained"), How.SHARE, Measured.PERCENT,
                    hit=~Q(reason="")),
            *amounts("over", _("Working time over the target"),
                     Cast(F("clock__spent") - F("clock__target_seconds"), FloatField()),
                     Q(clock__stopped_at__isnull=False, clock__target_seconds__isnull=False),
                     measured=Measured.WORKING),
        ),
        customer="clock__record__customer",
    )
)  # fmt: skip
register(
    Subject(
        "service_reports", _("Service reports"), ServiceReport,
        lambda asked: ServiceReport.objects.visible_to(asked.actor),
        (
            row(ServiceReport, "customer", _("Customer")), row(ServiceReport, "agreement", _("Agreement")),
            pick(ServiceReport, "period", _("Period")), row(ServiceReport, "assignee", _("Person")),
            state(Kind.REPORT),
        ),
        (Instant("due", _("due"), "due_on", is_day=True),
         Instant("published", _("published"), "published_at")),
        (
            Measure("in_time", _("Share published in time"), How.SHARE, Measured.PERCENT,
                    Q(published_at__isnull=False), Q(published_at__date__lte=F("due_on"))),
        ),
        permission="dashboard",
    )
)  # fmt: skip
