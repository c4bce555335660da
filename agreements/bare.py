"""Agreements in force that were entered without an edition: the default commitment, and those of before."""

from datetime import datetime

from django.db.models import QuerySet

from sla.models import Agreement, AgreementVersion


def in_force(agreements: QuerySet[Agreement], now: datetime) -> QuerySet[AgreementVersion]:
    """The version in force of each of these agreements, where no edition tells of it."""
    newest = AgreementVersion.objects.filter(agreement__in=agreements).current(now)
    bare = AgreementVersion.objects.filter(pk__in=newest.values("pk"), edition=None)
    related = ("agreement__customer", "agreement__team", "agreement__supplier")
    return bare.select_related(*related).order_by("agreement__kind", "agreement__code")
