"""Quantity done against quantity planned, per service and month (REQ-19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from django.db.models import Sum
from django.utils import timezone

from accounts.access import Actor, require
from fulfilment.models import Offering, PlannedQuantity, ServiceRequest


@dataclass(frozen=True)
class Row:
    """One entry in a month; ``planned`` is None where nobody planned it, ``share`` percent of the plan."""

    offering: Offering
    planned: int | None
    done: int

    @property
    def share(self) -> int | None:
        return round(100 * self.done / self.planned) if self.planned else None


@dataclass(frozen=True)
class Group:
    """The entries of one service with their sum; the sum counts what was planned."""

    name: str
    rows: Sequence[Row]

    @property
    def planned(self) -> int:
        return sum(row.planned or 0 for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row.done for row in self.rows if row.planned is not None)

    @property
    def share(self) -> int | None:
        return round(100 * self.done / self.planned) if self.planned else None


def span(month: date) -> tuple[datetime, datetime]:
    """The instants between which a month lies, in the reader's zone."""
    zone = timezone.get_current_timezone()
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime.combine(month, time(), zone), datetime.combine(after, time(), zone)


def of_month(actor: Actor, month: date) -> list[Group]:
    """What was done in a month, of the customers the actor covers, beside what was planned."""
    start, end = span(month)
    requests = ServiceRequest.objects.visible_to(actor).filter(fulfilled_at__gte=start, fulfilled_at__lt=end)
    done = dict(requests.values_list("offering").annotate(n=Sum("quantity")).order_by())
    plans = PlannedQuantity.objects.filter(month=month).values_list("offering", "quantity")
    planned = dict(plans)
    offerings = Offering.objects.filter(present__isnull=False).select_related("service")
    shown = [
        Row(offering, planned.get(offering.pk), done.get(offering.pk, 0))
        for offering in offerings.order_by("service__name_en", "service_id", "name_en")
        if offering.withdrawn_at is None or offering.pk in done or offering.pk in planned
    ]
    return [
        Group(service.name, list(rows))
        for service, rows in groupby(shown, key=lambda row: row.offering.service)
    ]


def plan(offering: Offering, month: date, quantity: int | None, *, actor: Actor) -> None:
    """Set, change or (None) take away what is planned."""
    require(actor, "design_offerings")
    if quantity is None:
        PlannedQuantity.objects.filter(offering=offering, month=month).delete()
    else:
        PlannedQuantity.objects.update_or_create(
            offering=offering, month=month, defaults={"quantity": quantity}
        )
