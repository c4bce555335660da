"""The lists of service reports."""

from accounts.access import Actor
from servicereports.models import ReportQuerySet, ServiceReport


def reports(actor: Actor) -> ReportQuerySet:
    """All reports the actor may read, without their figures."""
    rows: ReportQuerySet = ServiceReport.objects.visible_to(actor).defer("computed")
    return rows.select_related("agreement", "customer", "assignee")


def published(actor: Actor) -> ReportQuerySet:
    """Those that were published, the newest first."""
    return reports(actor).sent().order_by("-period_until", "-pk")
