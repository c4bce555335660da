"""What agreements promise of services: in force, stood upon, measured and kept (P12, X04 to X16, X34).

Promises about a period are judged by `levels`, as on the pages of the agreements; here they become rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    FloatField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)  # fmt: skip
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from agreements.models import Edition
from catalog.models import Service
from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.history import live_services, with_customers
from records.models import Record
from sla.keys import key_of
from sla.models import AgreementVersion, MeasuredTarget, Target, Underpinning

OF_VERSION = "version__agreement__customer"
IS_HIT = Q(is_hit=True)
Measure = MeasuredTarget.Measure
OUTAGES = (Measure.AVAILABILITY, Measure.FAILURES, Measure.MTBF, Measure.OUTAGE_DURATION)
CAPACITY = (Measure.THROUGHPUT, Measure.WORKLOAD, Measure.TRANSACTION_TIME)
LOAD = (Measure.THROUGHPUT, Measure.WORKLOAD)
SILENT = ("silent", "no_values")


def of_keys(model: type[Model], keys: Iterable[int]) -> QuerySet[Any]:
    """The rows of these ids. No row has 0: it keeps a query of nothing one that can be written down."""
    return model._default_manager.filter(pk__in=[0, *sorted(keys)])


def figures(rows: QuerySet[Any], known: Mapping[int, float]) -> QuerySet[Any]:
    """Rows with the ``figure`` of each."""
    cases = [When(pk=pk, then=Value(value)) for pk, value in sorted(known.items())]
    amount = Cast(Case(*cases, default=None, output_field=FloatField()), FloatField())
    found: QuerySet[Any] = rows.annotate(figure=amount)
    return found


def hits(rows: QuerySet[Any], keys: Iterable[int]) -> QuerySet[Any]:
    """Rows with ``is_hit``: whether each is one of these."""
    among = When(pk__in=sorted(keys), then=Value(True))
    found: QuerySet[Any] = rows.annotate(
        is_hit=Case(among, default=Value(False), output_field=BooleanField())
    )
    return found


# --- what is in the agreements --------------------------------------------------------------------


def targets(asked: Asked) -> QuerySet[Target]:
    """Targets of the SLAs with customers that are in force at the end of the period."""
    return Target.objects.filter(version__in=with_customers(asked))


def supported(rows: Any, key: Callable[[dict[str, Any]], str], *columns: str) -> QuerySet[Any]:
    """Promises, and whether an OLA or UC stands behind each."""
    behind = set(
        Underpinning.objects.filter(version__in=rows.values("version")).values_list("version", "target_key")
    )
    said = rows.values("pk", "version", "service__code", *columns)
    return hits(rows, [row["pk"] for row in said if (row["version"], key(row)) in behind])


def _target_key(row: dict[str, Any]) -> str:
    return key_of(row["metric"], row["service__code"], row["priority"], row["ticket_kind"])


def _measure_key(row: dict[str, Any]) -> str:
    return f"{row['measure']}/{row['service__code'] or ''}"


def quantified(asked: Asked) -> QuerySet[AgreementVersion]:
    """SLAs in force, and whether each has a target for every service it names (for any, if it names none)."""
    rows = with_customers(asked)
    services: dict[int, set[str | None]] = defaultdict(set)
    for promises in (Target.objects, MeasuredTarget.objects):
        for version, code in promises.filter(version__in=rows).values_list("version", "service__code"):
            services[version].add(code)
    named = rows.values_list("pk", "terms__services")
    whole = [
        pk for pk, codes in named
        if None in services[pk] or (services[pk] and set(codes or ()) <= services[pk])
    ]  # fmt: skip
    return hits(rows, whole)


def lawful(asked: Asked) -> QuerySet[AgreementVersion]:
    """SLAs in force, and whether it was found before they came into force that they break no law."""
    passed = Edition.objects.filter(
        signed_version=OuterRef("pk"), legality=Edition.Legality.PASSED,
        legality_at__lte=OuterRef("created_at"),
    )  # fmt: skip
    return with_customers(asked).annotate(is_hit=Exists(passed))


def in_slas(asked: Asked) -> QuerySet[Any]:
    """Live services, and whether an SLA in force with a customer speaks of each; one without a list does."""
    lists = list(with_customers(asked).values_list("terms__services", flat=True))
    rows = live_services(asked)
    if any(not codes for codes in lists):
        return rows.annotate(is_hit=Value(True))
    named = sorted({code for codes in lists for code in codes})
    return rows.annotate(is_hit=Case(When(code__in=named, then=Value(True)), default=Value(False)))


def given_outside(asked: Asked) -> QuerySet[Service]:
    """Services that somebody had a ticket about in the period, and no SLA in force speaks of."""
    used = Record.objects.tickets().filter(asked.within("opened_at"), service__isnull=False)
    inside = in_slas(asked).filter(is_hit=True).values("pk")
    return Service.objects.filter(pk__in=used.order_by().values("service")).exclude(pk__in=inside)


declare("P12.R2.K1", Part(quantified, Unit.PERCENT, IS_HIT, customer="agreement__customer"))
declare("P12.R2.K2", Part(lawful, Unit.PERCENT, IS_HIT, customer="agreement__customer"))
declare("X04", Part(in_slas, Unit.PERCENT, IS_HIT, customer=""))
declare(
    "X05",
    Part(
        lambda asked: supported(targets(asked), _target_key, "metric", "priority", "ticket_kind"),
        Unit.PERCENT, IS_HIT, customer=OF_VERSION, name=_("Targets of tickets"),
    ),
    Part(
        lambda asked: supported(
            MeasuredTarget.objects.filter(version__in=with_customers(asked)), _measure_key, "measure"
        ),
        Unit.PERCENT, IS_HIT, customer=OF_VERSION, name=_("Measures of services"),
    ),
)  # fmt: skip
