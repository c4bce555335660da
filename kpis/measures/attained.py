"""What came of what agreements promise of services (P06.R2, P08.R2, P12.R1.K3, X06 to X16, X34).

Promises about a period are judged by `levels`, as on the pages of the agreements; here they become rows.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from catalog.models import Service
from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.history import in_force
from kpis.measures.promises import IS_HIT, OF_VERSION, Measure, figures, hits, of_keys
from levels import facts as facts_of
from levels import measured
from levels.measured import MeasureStanding
from reviews.models import Review
from servicereports.models import Period, ServiceReport
from sla.models import Agreement, Breach, Clock, MeasuredTarget, Target

OUTAGES = (Measure.AVAILABILITY, Measure.FAILURES, Measure.MTBF, Measure.OUTAGE_DURATION)
CAPACITY = (Measure.THROUGHPUT, Measure.WORKLOAD, Measure.TRANSACTION_TIME)
LOAD = (Measure.THROUGHPUT, Measure.WORKLOAD)
SILENT = ("silent", "no_values")
THOUSAND_HOURS = 1000 * 3600
IN_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}


def agreements() -> list[Agreement]:
    """The SLAs with customers; which customers' rows count is narrowed afterwards, as of all indicators."""
    return list(Agreement.objects.filter(kind=Agreement.Kind.SLA, customer__isnull=False).order_by("pk"))


@dataclass(frozen=True)
class Told:
    """What came of one promise; ``of``: the agreement's id and the service's code."""

    standing: MeasureStanding
    of: tuple[int, str | None]


def told(asked: Asked, *measures: str) -> dict[int, Told]:
    """What came of each promise of these measures in the period, by the row of the promise."""
    of, period = agreements(), asked.period
    if not of:
        return {}
    facts = facts_of.load_measures(of, start=period.start, end=period.end, now=asked.now)
    named = ("version__agreement", "version__number", "measure", "service__code", "pk")
    rows = MeasuredTarget.objects.filter(version__agreement__in=of, measure__in=measures)
    keys = {tuple(key): pk for *key, pk in rows.values_list(*named)}
    found: dict[int, Told] = {}
    for agreement in of:
        for row in measured.standing_of(facts, agreement, facts.spans.get(agreement.pk, [])):
            pk = keys.get((agreement.pk, row.versions[-1], row.measure, row.term.service))
            if pk and row.no_data != "not_begun":
                found[pk] = Told(row, (agreement.pk, row.term.service))
    return found


def among(found: Mapping[int, Told], kept: Callable[[MeasureStanding], bool]) -> QuerySet[Any]:
    """The rows of promises, and whether each is ``kept``."""
    rows = of_keys(MeasuredTarget, found)
    return hits(rows, [pk for pk, row in found.items() if kept(row.standing)])


def kept(*measures: str) -> Part:
    """Promises of these measures that could be judged, and those that were kept."""

    def rows(asked: Asked) -> QuerySet[Any]:
        known = {pk: row for pk, row in told(asked, *measures).items() if row.standing.is_kept is not None}
        return among(known, lambda row: bool(row.is_kept))

    return Part(rows, Unit.PERCENT, IS_HIT, customer=OF_VERSION, name=_("Promises that were kept"))


def monitored(*measures: str, source: str = "", name: Any = "") -> Part:
    """Promises of these measures (of one source of data), and those that something was measured for."""

    def rows(asked: Asked) -> QuerySet[Any]:
        found = among(told(asked, *measures), lambda row: row.no_data not in SILENT)
        return found.filter(source=source) if source else found

    return Part(rows, Unit.PERCENT, IS_HIT, customer=OF_VERSION, name=name)


def mean(
    figure: Callable[[MeasureStanding], float | None], *measures: str, name: Any, unit: Unit = Unit.SECONDS
) -> Part:
    """The mean of a figure over the services of SLAs for which there is one, each counted once."""

    def rows(asked: Asked) -> QuerySet[Any]:
        known: dict[int, float] = {}
        seen: set[tuple[int, str | None]] = set()
        for pk, row in told(asked, *measures).items():
            value = figure(row.standing)
            if value is not None and row.of not in seen:
                known[pk] = value
                seen.add(row.of)
        return figures(of_keys(MeasuredTarget, known), known)

    return Part(rows, unit, amount="figure", customer=OF_VERSION, name=name)


def _available(row: MeasureStanding) -> float | None:
    return float(row.availability.agreed - row.availability.down) if row.availability else None


def _between_failures(row: MeasureStanding) -> float | None:
    mtbf = row.availability.mtbf if row.availability else None
    return None if mtbf is None else float(mtbf)


def _failures(row: MeasureStanding) -> float | None:
    found = row.availability
    return found.failures * THOUSAND_HOURS / found.agreed if found and found.agreed else None


def _running(row: MeasureStanding) -> float | None:
    if row.availability:
        share = row.availability.percent
        return None if share is None else float(share)
    return row.actual if row.unit == "percent" else None


def _used(row: MeasureStanding) -> float | None:
    return 100 * row.actual / row.value if row.actual is not None and row.value else None


def _answering(row: MeasureStanding) -> float | None:
    seconds = IN_SECONDS.get(row.unit)
    return None if row.actual is None or seconds is None else row.actual * seconds


def reported(asked: Asked) -> QuerySet[Breach]:
    """Missed targets of the period whose service report is due by now, and whether it went out in time."""
    covering = ServiceReport.objects.filter(
        agreement=OuterRef("clock__agreement_version__agreement"), period_from__lte=OuterRef("day"),
        period_until__gte=OuterRef("day"), due_on__lt=asked.now.astimezone(asked.period.zone).date(),
    ).exclude(state="cancelled")  # fmt: skip
    sent = covering.annotate(sent_on=TruncDate("published_at", tzinfo=asked.period.zone))
    return (
        Breach.objects.filter(asked.within("at"), clock__support=None, clock__waived_at=None)
        .annotate(day=TruncDate("at", tzinfo=asked.period.zone))
        .annotate(is_hit=Exists(sent.filter(sent_on__lte=F("due_on"))))
        .filter(Exists(covering))
    )


def months_of(asked: Asked) -> int:
    """How many months end in the period; one for a shorter one."""
    last = asked.period.last + timedelta(days=1)
    months = (last.year - asked.period.first.year) * 12 + last.month - asked.period.first.month
    return max(1, months)


def watched(asked: Asked) -> QuerySet[Agreement]:
    """SLAs with customers in force, and whether a monthly review was held for each month of the period, and
    as many service reports sent.
    """
    rows = Agreement.objects.filter(
        Exists(in_force(asked).filter(agreement=OuterRef("pk"))), kind=Agreement.Kind.SLA,
        customer__isnull=False,
    )  # fmt: skip
    held = Review.objects.filter(
        asked.within("held_at"), agreement=OuterRef("pk"), meeting=Review.Meeting.MONTHLY
    )
    sent = ServiceReport.objects.filter(
        asked.days("period_until"), agreement=OuterRef("pk"), published_at__isnull=False, period=Period.MONTH
    )
    months = Value(months_of(asked))
    return rows.annotate(
        is_reviewed=GreaterThanOrEqual(_number(held), months),
        is_reported=GreaterThanOrEqual(_number(sent), months),
    )


def _number(rows: QuerySet[Any]) -> Any:
    """How many there are of each agreement."""
    counted = rows.order_by().values("agreement").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


for kpi, measures in (("P06.R2.K1", OUTAGES), ("P08.R2.K1", CAPACITY)):
    declare(kpi, monitored(*measures, source="monitoring", name=_("Promises that monitoring told of")))
declare(
    "X06",
    monitored(*Measure.values, name=_("Measures that something was measured for")),
    Part(
        reported, Unit.PERCENT, IS_HIT, customer="clock__record__customer", at="at",
        name=_("Missed targets reported in time"),
    ),
)  # fmt: skip
declare(
    "X08",
    Part(watched, Unit.PERCENT, Q(is_reviewed=True), name=_("Reviewed each month")),
    Part(watched, Unit.PERCENT, Q(is_reported=True), name=_("Reported each month")),
)
declare("X09", mean(_available, *OUTAGES, name=_("Mean of the services promised")))
declare(
    "X11",
    mean(_between_failures, *OUTAGES, name=_("Mean time between failures")),
    mean(_failures, *OUTAGES, unit=Unit.SCORE, name=_("Failures in 1,000 agreed hours")),
)
declare("X15", kept(*LOAD), mean(_used, *LOAD, unit=Unit.PERCENT, name=_("Used of the limit")))
declare(
    "X16",
    mean(_answering, Measure.TRANSACTION_TIME, name=_("Mean of the services promised")),
    kept(Measure.TRANSACTION_TIME),
)
declare(
    "X34",
    mean(_running, Measure.AVAILABILITY, unit=Unit.PERCENT, name=_("Of the agreed hours")),
    kept(Measure.AVAILABILITY),
)


# --- services that kept their SLA -----------------------------------------------------------------


def kept_services(asked: Asked) -> dict[tuple[int, int], bool]:
    """By agreement and service, where anything was judged in the period: whether all of it was kept."""
    counts: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    goals: dict[tuple[int, str], tuple[int, Any]] = {}
    decided = Clock.objects.filter(
        asked.within("decided_at"), waived_at=None, agreement_version__agreement__kind=Agreement.Kind.SLA,
        agreement_version__agreement__customer__isnull=False,
        record__service__isnull=False,
    ).order_by()  # fmt: skip
    groups = list(
        decided.values_list("agreement_version__agreement", "record__service", "target").annotate(
            met=Count("pk", filter=Q(breached_at=None)), n=Count("pk")
        )
    )
    promised = Target.objects.select_related("service").in_bulk({target for _a, _s, target, *_n in groups})
    for agreement, service, target, met, n in groups:
        row = promised[target]
        held = counts[agreement, service, row.key]
        held[0], held[1] = held[0] + met, held[1] + n
        goals[agreement, row.key] = max(goals.get((agreement, row.key), (0, 0)), (row.pk, row.goal_percent))
    found: dict[tuple[int, int], bool] = {}
    for (agreement, service, key), (met, n) in counts.items():
        is_kept = 100 * met >= goals[agreement, key][1] * n
        found[agreement, service] = found.get((agreement, service), True) and is_kept
    return _with_measures(asked, found)


def _with_measures(asked: Asked, found: dict[tuple[int, int], bool]) -> dict[tuple[int, int], bool]:
    """The same with the promises about each service over the period."""
    ids = dict(Service.objects.values_list("code", "pk"))
    for row in told(asked, *Measure.values).values():
        agreement, code = row.of
        if code in ids and row.standing.is_kept is not None:
            key = (agreement, ids[code])
            found[key] = found.get(key, True) and row.standing.is_kept
    return found


def services(asked: Asked) -> QuerySet[Service]:
    found = kept_services(asked)
    missed = {service for (_agreement, service), is_kept in found.items() if not is_kept}
    named = {service for _agreement, service in found}
    return hits(of_keys(Service, named), named - missed)


def slas_kept(asked: Asked) -> QuerySet[Agreement]:
    found = kept_services(asked)
    missed = {agreement for (agreement, _service), is_kept in found.items() if not is_kept}
    named = {agreement for agreement, _service in found}
    return hits(of_keys(Agreement, named), named - missed)


declare(
    "P12.R1.K3",
    Part(services, Unit.PERCENT, IS_HIT, customer="", name=_("Services")),
    Part(slas_kept, Unit.PERCENT, IS_HIT, name=_("Agreements whose services all did")),
)
