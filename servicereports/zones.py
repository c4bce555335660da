"""In which zone the provider counts its days: that of the agreement all customers have by default."""

from zoneinfo import ZoneInfo

from reviews.inputs import zone_of_agreement
from shifts.models import DEFAULT_ZONE
from sla.models import Agreement


def provider_zone() -> ZoneInfo:
    rows = Agreement.objects.filter(kind=Agreement.Kind.SLA, customer=None, versions__isnull=False)
    usual = rows.order_by("pk").first()
    return zone_of_agreement(usual) if usual else ZoneInfo(DEFAULT_ZONE)
