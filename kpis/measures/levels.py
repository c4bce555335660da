"""Service level management, reports and availability (P12, X01 to X14, X35, X36)."""

from datetime import timedelta
from typing import Any

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.models import Response
from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.desk import OF_RECORD, replied
from kpis.measures.history import customers, end_of, in_force
from kpis.measures.incidents import missed
from kpis.measures.promises import given_outside
from levels.models import Outage
from planning.models import PlanningCheck
from records.models import Record
from reviews.models import Review
from sla.models import Agreement, Breach, Clock, Metric

YEAR = timedelta(days=365)


def answers(asked: Asked) -> QuerySet[Response]:
    """The last answer of each person in the period."""
    rows = Response.objects.filter(asked.within("answered_at"), score__isnull=False)
    later = rows.filter(invitation__person=OuterRef("invitation__person"), pk__gt=OuterRef("pk"))
    return rows.exclude(Exists(later))


def slas(asked: Asked) -> QuerySet[Agreement]:
    """SLAs with customers in force, and whether they were reviewed within twelve months."""
    at = end_of(asked)
    held = Review.objects.filter(agreement=OuterRef("pk"), held_at__lte=at, held_at__gt=at - YEAR)
    rows = Agreement.objects.filter(
        Exists(in_force(asked).filter(agreement=OuterRef("pk"))), kind=Agreement.Kind.SLA,
        customer__isnull=False,
    )  # fmt: skip
    return rows.annotate(is_hit=Exists(held))


def outages(asked: Asked) -> QuerySet[Outage]:
    return Outage.objects.filter(asked.within("started_at"), withdrawn_at=None)


def decided(asked: Asked) -> QuerySet[Clock]:
    return Clock.objects.filter(asked.within("decided_at"), waived_at=None)


def outside(asked: Asked) -> QuerySet[Record]:
    """Tickets that no agreement with their customer promised anything for."""
    promised = Clock.objects.filter(
        record=OuterRef("pk"), agreement_version__agreement__customer__isnull=False
    )
    return Record.objects.tickets().filter(asked.within("opened_at")).exclude(Exists(promised))


def lasting(until: Any) -> Any:
    return ExpressionWrapper(until - F("started_at"), output_field=DurationField())


MET = Q(breached_at=None)
SATISFIED = Q(score__gte=4)
declare("P12.R1.K1", Part(customers, Unit.PERCENT, Q(is_hit=True), customer="pk"))
declare(
    "P12.R3.K1",
    Part(
        lambda asked: PlanningCheck.objects.filter(asked.within("checked_at")), Unit.PERCENT,
        Q(result=PlanningCheck.Result.PASSED), customer="document__requirement__customer",
        person="document__requirement__assignee", at="checked_at",
    ),
)  # fmt: skip
declare("P12.R1.K2", Part(answers, Unit.PERCENT, SATISFIED, at="answered_at"))
declare(
    "P12.R1.K4",
    Part(missed, customer="clock__record__customer", person="assignee", at="at"),
    beside=("X22", "P12.R1.K3"),
)
declare(
    "X01",
    Part(
        lambda asked: decided(asked).filter(MET), customer=OF_RECORD, at="decided_at", name=_("Met")
    ),
    Part(
        lambda asked: decided(asked).exclude(MET), customer=OF_RECORD, at="decided_at", name=_("Not met")
    ),
    beside=("X22",),
)  # fmt: skip
declare(
    "X02",
    Part(outside, at="opened_at", name=_("Tickets")),
    Part(given_outside, customer="", name=_("Services")),
    beside=("X04",),
)
declare(
    "X03",
    Part(
        lambda asked: Breach.objects.filter(
            asked.within("at"), clock__waived_at=None, agreement__kind=Agreement.Kind.UC
        ),
        customer="clock__record__customer", at="at",
    ),
    beside=("P10.R1.K3",),
)  # fmt: skip
declare("X07", Part(slas, Unit.PERCENT, Q(is_hit=True)))
for kpi in ("X10", "X36"):
    declare(kpi, Part(outages, at="started_at"), beside=("X34", "X35"))
declare(
    "X12",
    Part(
        lambda asked: outages(asked).filter(ended_at__isnull=False), Unit.SECONDS,
        amount=lasting(Coalesce("told_at", "ended_at")), at="started_at",
    ),
)  # fmt: skip
declare(
    "X35",
    Part(
        lambda asked: outages(asked).filter(ended_at__isnull=False), Unit.SECONDS,
        amount=lasting(F("ended_at")), at="started_at",
    ),
)  # fmt: skip
declare("X13", Part(replied, Unit.SECONDS, amount="spent", customer=OF_RECORD, at="started_at"))
declare(
    "X14",
    Part(
        lambda asked: Clock.objects.filter(
            asked.within("stopped_at"), metric=Metric.RESOLUTION, state=Clock.State.STOPPED
        ),
        Unit.SECONDS, amount="spent", customer=OF_RECORD, at="stopped_at",
    ),
)  # fmt: skip
