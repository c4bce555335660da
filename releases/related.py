"""The incidents after a release (REL-06): proposed by what they are on, decided by people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from changes.models import ChangeService
from incidents.models import Incident
from records.kinds import Kind
from records.models import Link, Record
from releases.models import Release, ReleaseIncident

Why = ReleaseIncident.Why
MOST = 100


@dataclass(frozen=True)
class Proposed:
    """An incident that may have to do with the release, and why it may."""

    incident: Incident
    why: str


def period(release: Release, now: datetime | None = None) -> tuple[datetime, datetime] | None:
    """From the deployment to the end of the monitoring period; None before the deployment."""
    if release.deployed_at is None:
        return None
    begun: datetime = release.deployed_at
    end: datetime = release.monitor_until or begun + timedelta(days=release.monitor_days)
    return begun, end


def proposed(release: Release) -> list[Proposed]:
    """What nobody decided on yet; four queries."""
    span = period(release)
    if span is None:
        return []
    changes = list(release.bundled.values_list("change_id", flat=True))
    items = set(release.release_items.values_list("item_id", flat=True))
    services = set(ChangeService.objects.filter(change__in=changes).values_list("service_id", flat=True))
    caused = set(
        Link.objects.filter(
            target__in=changes, type=Link.Type.CAUSED_BY, source__kind=Kind.INCIDENT
        ).values_list("source_id", flat=True)
    )
    within = Q(opened_at__gte=span[0], opened_at__lt=span[1])
    on = Q(item__in=items) | Q(service__in=services)
    rows: QuerySet[Incident] = (
        Incident.objects.filter(Q(pk__in=caused) | within & on)
        .exclude(pk__in=release.incidents.values("incident"))
        .order_by("pk")[:MOST]
    )
    return [Proposed(row, _why(row, caused, items)) for row in rows]


def _why(incident: Incident, caused: set[int], items: set[int]) -> str:
    if incident.pk in caused:
        return Why.CHANGE
    return Why.ITEM if incident.item_id in items else Why.SERVICE


def confirmed(release: Release) -> QuerySet[ReleaseIncident]:
    """What has to do with it, as somebody decided."""
    return release.incidents.filter(is_related=True).select_related("incident", "decided_by")


def why_of(release: Release, incident: Record) -> str:
    """Why an incident would be proposed; NAMED where it would not be."""
    known: Mapping[int, Any] = {row.incident.pk: row.why for row in proposed(release)}
    return str(known.get(incident.pk, Why.NAMED))
