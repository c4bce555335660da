"""Incident management (P01)."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team
from customers.models import Response
from fieldwork.models import ServiceForm
from fulfilment.models import ServiceRequest
from incidents.models import BackfillSource, Incident, ManagementEscalation, Participation
from kpis.engine import Asked, Part, Unit, declare
from majors.models import Major
from records.kinds import TICKETS, Kind
from records.models import Activity, Link
from shifts.models import Handover
from sla.models import Breach, Clock, Metric

DESK, FIRST, SECOND = Team.Tier.DESK.value, Team.Tier.FIRST.value, Team.Tier.SECOND.value
OF_RECORD = "clock__record__customer"


def missed(asked: Asked, **over: Any) -> QuerySet[Breach]:
    """The first target that each incident missed in the period; decided exclusions do not count."""
    rows = Breach.objects.filter(
        asked.within("at"), clock__waived_at=None, clock__support=None,
        clock__record__kind=Kind.INCIDENT.value, **over,
    )  # fmt: skip
    earlier = rows.filter(clock__record=OuterRef("clock__record"), pk__lt=OuterRef("pk"))
    return rows.exclude(Exists(earlier))


def helped(asked: Asked) -> QuerySet[Participation]:
    """Managers' parts in incidents that were major or missed a target, each incident once."""
    is_missed = Breach.objects.filter(clock__record=OuterRef("incident"), clock__waived_at=None)
    rows = Participation.objects.filter(
        asked.within("since"),
        Exists(is_missed) | Exists(Major.objects.filter(cause=OuterRef("incident"))),
        part=Participation.Part.INCIDENT_MANAGER,
    )
    return rows.exclude(Exists(rows.filter(incident=OuterRef("incident"), pk__lt=OuterRef("pk"))))


def accepted(tier: str) -> Part:
    """Acceptances of incidents and requests by a tier."""
    return Part(
        lambda asked: Activity.objects.filter(
            asked.within("at"), verb="record.accepted", data__tier=tier, record__kind__in=TICKETS
        ),
        person="actor", at="at",
    )  # fmt: skip


def solved(tier: str) -> Part:
    """Incidents a tier solved."""
    return Part(
        lambda asked: Incident.objects.filter(asked.within("resolved_at"), resolved_tier=tier),
        person="resolved_by", at="resolved_at", name=_("Incidents"),
    )  # fmt: skip


def satisfied(tier: str) -> Part:
    """Answers about tickets a tier solved: above the mark of their survey, or not."""
    return Part(
        lambda asked: Response.objects.filter(
            asked.within("answered_at"), score__isnull=False,
            invitation__ticket__incident__resolved_tier=tier,
        ),
        Unit.PERCENT, Q(score__gt=F("invitation__survey__bad_mark")),
        person="invitation__ticket__incident__resolved_by", at="answered_at",
    )  # fmt: skip


def signed(tier: str) -> Part:
    """On-site service forms of a tier's engineers, signed or not; a corrected one by its last edition."""
    newer = ServiceForm.objects.filter(appointment=OuterRef("appointment"), edition__gt=OuterRef("edition"))
    return Part(
        lambda asked: ServiceForm.objects.filter(
            asked.within("arrived_at"), ~Exists(newer), appointment__team__tier=tier
        ),
        Unit.PERCENT, Q(signed_at__isnull=False), customer="appointment__customer",
        person="appointment__engineer", at="arrived_at",
    )  # fmt: skip


def beyond(tier: str) -> Part:
    return Part(lambda asked: missed(asked, tier=tier), customer=OF_RECORD, person="assignee", at="at")


def to_problem(asked: Asked) -> QuerySet[Link]:
    """Incidents somebody linked to a problem as their cause."""
    return Link.objects.filter(
        asked.within("created_at"), type=Link.Type.CAUSED_BY, source__kind=Kind.INCIDENT.value,
        target__kind=Kind.PROBLEM.value,
    )  # fmt: skip


def backfilled(source: BackfillSource | None = None) -> Part:
    """Incidents written down afterwards, of all who told of them or of one kind of them."""
    only = {"backfill_source": source} if source else {}
    return Part(
        lambda asked: Incident.objects.filter(asked.within("opened_at"), is_backfilled=True, **only),
        person="logged_by", at="opened_at", name=source.label if source else _("All"),
    )  # fmt: skip


def closed(asked: Asked) -> QuerySet[Any]:
    rows: QuerySet[Any] = Incident.objects.filter(asked.within("closed_at"))
    return rows


def closures(asked: Asked) -> QuerySet[Clock]:
    """Promises to close incidents in time that were decided in the period."""
    return Clock.objects.filter(
        asked.within("decided_at"), metric=Metric.CLOSURE, record__kind=Kind.INCIDENT.value, waived_at=None
    )


def on_behalf(asked: Asked) -> QuerySet[Any]:
    """Incidents of customers' people that somebody of the provider reported for them."""
    rows: QuerySet[Any] = Incident.objects.filter(
        asked.within("opened_at"), reporter__organisation__kind=Organisation.Kind.PROVIDER,
        requester__organisation__kind=Organisation.Kind.CUSTOMER,
    )  # fmt: skip
    return rows


# that an answer was not collected by who solved the ticket
UNBIASED = (
    Q(collected_by=None)
    | Q(invitation__ticket__incident__resolved_by=None)
    | ~Q(collected_by=F("invitation__ticket__incident__resolved_by"))
)
declare(
    "P01.R1.K1",
    Part(helped, customer="incident__customer", person="person", at="since"),
    beside=("P01.R2.K3",),
)
_PASSED = Part(to_problem, customer="source__customer", person="created_by", at="created_at")
declare("P01.R1.K2", _PASSED, beside=("P02.R1.K2",))
declare("P01.R4.K3", _PASSED, beside=("P02.R1.K2",))
declare("P01.R1.K3", backfilled(), *(backfilled(source) for source in BackfillSource), beside=("X17", "X30"))
_BYPASSED = Part(
    lambda asked: Incident.objects.filter(asked.within("resolved_at"), bypassed_by__isnull=False),
    person="bypassed_by", at="resolved_at",
)  # fmt: skip
declare("P01.R1.K4", _BYPASSED, beside=("X51",))
declare("P01.R5.K2", _BYPASSED, beside=("X51",))
declare(
    "P01.R5.K1",
    Part(on_behalf, person="reporter", at="opened_at", name=_("By people of ours, of any department")),
    beside=("X17", "X30"),
)
declare("P01.R2.K1", accepted(DESK), beside=("P01.R2.K4", "X17"))
declare(
    "P01.R2.K2",
    solved(DESK),
    Part(
        lambda asked: ServiceRequest.objects.filter(
            asked.within("fulfilled_at"), team__tier=DESK, fulfilled_by__isnull=False
        ),
        person="fulfilled_by", at="fulfilled_at", name=_("Service requests"),
    ),
    beside=("P01.R2.K4", "X28"),
)  # fmt: skip
declare(
    "P01.R2.K3",
    Part(
        lambda asked: ManagementEscalation.objects.filter(asked.within("required_at")),
        Unit.PERCENT, Q(done_at__lte=F("due_at")), customer="incident__customer",
        person="incident__owner", at="required_at",
    ),
)  # fmt: skip
declare(
    "P01.R2.K4",
    Part(
        closed, Unit.PERCENT, Q(survey_invitations__isnull=False), person="owner", at="closed_at",
        name=_("Asked how content they are"),
    ),
    Part(
        closures, Unit.PERCENT, Q(breached_at=None), customer="record__customer", person="record__owner",
        at="decided_at", name=_("Closed in time"),
    ),
    Part(
        lambda asked: Response.objects.filter(
            asked.within("answered_at"), invitation__ticket__kind=Kind.INCIDENT.value
        ),
        Unit.PERCENT, UNBIASED, person="collected_by", at="answered_at",
        name=_("Not asked by who solved it"),
    ),
)  # fmt: skip
declare(
    "P01.R2.K5",
    Part(
        lambda asked: Handover.objects.filter(asked.within("given_at")), Unit.PERCENT,
        Q(accepted_at__isnull=False), customer="", person="given_by", at="given_at",
    ),
)  # fmt: skip
for line, tier in (("R3", FIRST), ("R4", SECOND)):
    declare(f"P01.{line}.K1", accepted(tier), beside=(f"P01.{line}.K6",))
    declare(f"P01.{line}.K2", solved(tier), beside=(f"P01.{line}.K6", "X51"))
    declare(f"P01.{line}.K6", satisfied(tier))
    declare(f"P01.{line}.K5", signed(tier))
declare("P01.R3.K3", beyond(FIRST), beside=("X22",))
declare("P01.R4.K4", beyond(SECOND), beside=("X22",))
declare(
    "P01.R3.K4",
    Part(
        lambda asked: Activity.objects.filter(
            asked.within("at"), verb="record.escalated", data__from_tier=FIRST, data__to_tier=SECOND
        ),
        person="actor", at="at",
    ),
    beside=("P01.R3.K3",),
)  # fmt: skip
