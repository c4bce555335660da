"""Agreements in force that were entered without an edition: the default commitment, and those of before."""

from datetime import datetime

from django.db.models import Q, QuerySet

from sla.models import Agreement, AgreementVersion


def in_force(agreements: QuerySet[Agreement], now: datetime) -> QuerySet[AgreementVersion]:
    """The version in force of each of these agreements, where no edition tells of it."""
    rows = AgreementVersion.objects.filter(
        Q(effective_until=None) | Q(effective_until__gt=now),
        Q(agreement__ended_at=None) | Q(agreement__ended_at__gt=now),
        agreement__in=agreements,
        effective_from__lte=now,
    )
    newest = rows.order_by("agreement_id", "-effective_from", "-number").distinct("agreement_id")
    bare = AgreementVersion.objects.filter(pk__in=newest.values("pk"), edition=None)
    related = ("agreement__customer", "agreement__team", "agreement__supplier")
    return bare.select_related(*related).order_by("agreement__kind", "agreement__code")
