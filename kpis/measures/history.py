"""How registers stood at an instant that is past, as far as their histories tell.

Customers and suppliers keep their history by the database's clock, assets by their log. While a period is
not over, what is known now counts.
"""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from accounts.models import Organisation
from assets import lifecycle as asset_states
from assets.models import Asset, Entry
from catalog.models import Service, ServiceVersion
from kpis.engine import Asked
from sla.models import Agreement, AgreementVersion
from sourcing.models import Decision
from suppliers.models import Supplier


def end_of(asked: Asked) -> datetime:
    """The last instant of the period, or now where it is not over."""
    return min(asked.period.end - timedelta(microseconds=1), asked.now)


def is_over(asked: Asked) -> bool:
    return asked.period.end <= asked.now


def due(asked: Asked, column: str) -> Q:
    """That a day lies in the period and has come: what is due later is not judged yet."""
    today = asked.now.astimezone(asked.period.zone).date()
    return asked.days(column) & Q(**{f"{column}__lte": today})


def in_force(asked: Asked) -> QuerySet[AgreementVersion]:
    """Versions of agreements in force at the end of the period, or now if it is not over."""
    return AgreementVersion.objects.in_force(end_of(asked))


def with_customers(asked: Asked) -> QuerySet[AgreementVersion]:
    """The one version that counts of each SLA with a customer that is in force then."""
    current = AgreementVersion.objects.current(end_of(asked)).values("pk")
    return AgreementVersion.objects.filter(
        pk__in=current, agreement__kind=Agreement.Kind.SLA, agreement__customer__isnull=False
    )


def was_active(event: str, at: datetime) -> Subquery:
    """Whether a row was active at an instant by its history, such as "accounts.OrganisationEvent"; None
    where it was not known yet.
    """
    rows: Any = apps.get_model(event)._default_manager.filter(pgh_obj=OuterRef("pk"), pgh_created_at__lt=at)
    return Subquery(rows.order_by("-pgh_id").values("is_active")[:1])


def customers(asked: Asked) -> QuerySet[Any]:
    """Customers at the end of the period with ``is_hit``: whether an SLA of theirs was in force.

    One that was registered later counts if its agreement says that it was there.
    """
    own = in_force(asked).filter(agreement__kind=Agreement.Kind.SLA, agreement__customer=OuterRef("pk"))
    rows = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER).annotate(is_hit=Exists(own))
    if not is_over(asked):
        return rows.filter(is_active=True)
    known = rows.annotate(was=was_active("accounts.OrganisationEvent", asked.period.end))
    return known.filter(Q(was=True) | Q(was=None, is_hit=True))


def suppliers(asked: Asked) -> QuerySet[Any]:
    """Suppliers at work at the end of the period with ``has_contract``: whether a contract was in force.

    One that was registered later counts if a contract or its admission says that it was there.
    """
    contracts = in_force(asked).filter(agreement__kind=Agreement.Kind.UC, agreement__supplier=OuterRef("pk"))
    rows = Supplier.objects.annotate(in_contract=Exists(contracts))
    if not is_over(asked):
        return rows.filter(is_active=True)
    admitted = Decision.objects.filter(
        supplier=OuterRef("pk"), is_admitted=True, decided_at__lt=asked.period.end
    )
    known = rows.annotate(
        was=was_active("suppliers.SupplierEvent", asked.period.end), is_admitted=Exists(admitted)
    )
    return known.filter(Q(was=True) | Q(was=None, in_contract=True) | Q(was=None, is_admitted=True))


def important_assets(asked: Asked) -> QuerySet[Any]:
    """Important assets at the end of the period, with ``is_hit``: whether each was a configuration item.

    The log of an asset holds before and after of each change: the first change after the period says how it
    was in it.
    """
    later = Entry.objects.filter(asset=OuterRef("pk"), at__gte=asked.period.end).order_by("pk")
    marked = later.filter(data__changes__has_key="is_important")
    tied = later.filter(data__changes__has_key="item")
    rows = Asset.objects.annotate(
        was_important=Subquery(
            marked.annotate(before=KT("data__changes__is_important__0__en")).values("before")[:1]
        ),
        is_retied=Exists(tied),
        was_tied=Subquery(tied.annotate(before=KT("data__changes__item__0")).values("before")[:1]),
    )
    there = Entry.objects.filter(asset=OuterRef("pk"), at__lt=end_of(asked))
    gone = Q(state=asset_states.DISPOSED) & (Q(disposed_on=None) | Q(disposed_on__lte=asked.period.last))
    return rows.filter(
        Exists(there) | Q(received_on__lte=asked.period.last),
        Q(was_important="yes") | Q(was_important=None, is_important=True),
    ).exclude(gone)


WAS_ITEM = Q(is_retied=False, item__isnull=False) | Q(is_retied=True, was_tied__isnull=False)


def live_services(asked: Asked) -> QuerySet[Service]:
    """Services that customers could have at the end of the period: published then, and not withdrawn yet."""
    at = end_of(asked)
    versions = ServiceVersion.objects.filter(service=OuterRef("pk"))
    published = Exists(versions.filter(effective_from__lte=at)) | (~Exists(versions) & Q(is_published=True))
    there = Q(withdrawn_at__gt=at) | Q(withdrawn_at=None, is_published=True)
    return Service.objects.filter(published, there)
