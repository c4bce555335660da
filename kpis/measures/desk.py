"""Service desk and operation: response, handling, what customers say (X17 to X30, X37 to X39, X43 to X52)."""

from datetime import timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)  # fmt: skip
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from actions.models import Action
from assets.models import Check
from calls.models import CallRecord
from customers.models import Callback, Complaint, Response
from fieldwork.models import Appointment, ServiceForm
from fulfilment.models import ServiceRequest
from incidents.models import EventKind, Incident
from kpis.engine import Asked, Part, Unit, declare
from kpis.measures.history import due
from kpis.measures.relations import SATISFIED
from records.kinds import TICKETS, process_of
from records.models import Activity, Priority, Record
from sla.models import Clock, Metric
from verifications.models import AuditEntry

# states in which a ticket was given up instead of done, of any process
GIVEN_UP = tuple(sorted({state for kind in TICKETS for state in process_of(kind).lifecycle.withdrawn}))
OF_RECORD = "record__customer"


def between(first: str, last: str) -> Any:
    """The time by the clock on the wall from one instant to another."""
    return ExpressionWrapper(F(last) - F(first), output_field=DurationField())


def opened(asked: Asked) -> QuerySet[Record]:
    return Record.objects.tickets().filter(asked.within("opened_at"))


def replies(asked: Asked, **over: Any) -> QuerySet[Clock]:
    """The first replies promised for tickets that were opened in the period, given or not."""
    return Clock.objects.filter(
        Q(record__opened_at__gte=asked.period.start, record__opened_at__lt=asked.period.end),
        metric=Metric.FIRST_RESPONSE, cycle=1, **over,
    )  # fmt: skip


def replied(asked: Asked, **over: Any) -> QuerySet[Clock]:
    """First replies that were given."""
    return replies(asked, state=Clock.State.STOPPED, **over)


def within(limit: timedelta) -> Q:
    """That a reply was given within so long, by the clock on the wall."""
    return Q(state=Clock.State.STOPPED, stopped_at__lte=F("started_at") + limit)


def there(asked: Asked) -> QuerySet[Record]:
    """Tickets that were open at some time in the period."""
    return Record.objects.tickets().filter(
        Q(done_at=None) | Q(done_at__gte=asked.period.start), opened_at__lt=asked.period.end
    )


declare("X17", Part(replies, Unit.PERCENT, within(timedelta(hours=2)), customer=OF_RECORD, at="started_at"))
declare("X50", Part(replies, Unit.PERCENT, within(timedelta(hours=24)), customer=OF_RECORD, at="started_at"))


def progress(asked: Asked) -> QuerySet[Record]:
    """Tickets of the period, and whether within a day each was solved, or told of more than once."""
    by_then = F("record__opened_at") + DAY
    told = Activity.objects.filter(
        asked.within("record__opened_at"), verb="record.replied", at__gte=asked.period.start,
        at__lt=asked.period.end + DAY, at__lte=by_then,
    )  # fmt: skip
    twice = told.order_by().values("record").annotate(n=Count("pk")).filter(n__gte=2).values("record")
    solved = Q(incident__resolved_at__lte=F("opened_at") + DAY)
    solved |= Q(servicerequest__fulfilled_at__lte=F("opened_at") + DAY)
    return opened(asked).annotate(is_hit=_flag(solved | Q(pk__in=twice)))


DAY = timedelta(days=1)
declare("X18", Part(progress, Unit.PERCENT, Q(is_hit=True), person="owner", at="opened_at"))
declare(
    "X26",
    Part(
        replied, Unit.SECONDS, amount=between("started_at", "stopped_at"), customer=OF_RECORD, at="started_at"
    ),
)
declare(
    "X37",
    Part(
        lambda asked: replied(asked, record__kind="request"), Unit.SECONDS,
        amount=between("started_at", "stopped_at"), customer=OF_RECORD, at="started_at",
    ),
)  # fmt: skip
declare(
    "X19",
    Part(
        lambda asked: CallRecord.objects.filter(
            asked.within("offered_at"), direction=CallRecord.Direction.IN
        ),
        Unit.PERCENT, Q(answered_at__isnull=False), customer="", person="agent", at="offered_at",
    ),
)  # fmt: skip
declare("X21", Part(opened, person="owner", at="opened_at"), beside=("X22", "X24"))
declare(
    "X22",
    Part(
        lambda asked: Clock.objects.filter(
            asked.within("decided_at"), metric=Metric.RESOLUTION, waived_at=None
        ),
        Unit.PERCENT, Q(breached_at=None), customer=OF_RECORD, person="record__owner", at="decided_at",
    ),
)  # fmt: skip


class _ByTheEnd:
    """Hits that depend on the period: what was done before its end, what was still open then."""

    @staticmethod
    def done(asked: Asked) -> QuerySet[Record]:
        return opened(asked).annotate(is_hit=_flag(Q(done_at__lt=asked.period.end)))

    @staticmethod
    def left(asked: Asked) -> QuerySet[Record]:
        still = Q(done_at=None) | Q(done_at__gte=asked.period.end)
        return there(asked).annotate(is_hit=_flag(still))


def _flag(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


IS_HIT = Q(is_hit=True)
declare("X23", Part(_ByTheEnd.done, Unit.PERCENT, IS_HIT, person="owner", at="opened_at"))
declare("X24", Part(_ByTheEnd.left, Unit.PERCENT, IS_HIT, person="owner", at="opened_at"))
declare("X30", Part(opened, Unit.PERCENT, Q(done_at__isnull=False) & ~Q(state__in=GIVEN_UP), at="opened_at"))
declare(
    "X25",
    Part(
        lambda asked: Record.objects.tickets().filter(asked.within("done_at")).exclude(state__in=GIVEN_UP),
        Unit.SECONDS, amount=between("opened_at", "done_at"), person="assignee", at="done_at",
    ),
)  # fmt: skip
declare(
    "X38",
    Part(
        lambda asked: ServiceRequest.objects.filter(asked.within("fulfilled_at")), Unit.SECONDS,
        amount=between("opened_at", "fulfilled_at"), person="fulfilled_by", at="fulfilled_at",
    ),
)  # fmt: skip
declare(
    "X27",
    Part(
        lambda asked: Action.objects.filter(due(asked, "due_on")).exclude(state="cancelled").annotate(
            done_on=TruncDate("done_at", tzinfo=asked.period.zone)
        ),
        Unit.PERCENT, Q(done_on__lte=F("due_on")), person="assignee", at="due_on",
    ),
)  # fmt: skip
_SCORES = Part(
    lambda asked: Response.objects.filter(asked.within("answered_at"), score__isnull=False),
    Unit.SCORE, amount="score", at="answered_at", name=_("Mean of five"),
)  # fmt: skip
_SATISFIED = Part(_SCORES.rows, Unit.PERCENT, Q(score__gte=SATISFIED), at="answered_at", name=_("Satisfied"))
declare("X28", _SCORES, _SATISFIED)
declare("X39", _SCORES, _SATISFIED)
declare(
    "X43",
    Part(replies, Unit.PERCENT, Q(state=Clock.State.STOPPED), customer=OF_RECORD, at="started_at"),
)
declare(
    "X44",
    Part(
        lambda asked: Complaint.objects.filter(
            asked.within("due_at"), due_at__lte=asked.now, nature=Complaint.Nature.COMPLAINT, is_valid=True
        ),
        Unit.PERCENT, Q(handled_at__isnull=False), person="assignee", at="due_at",
    ),
)  # fmt: skip
declare(
    "X45",
    Part(
        lambda asked: Complaint.objects.filter(
            asked.within("received_at"), nature=Complaint.Nature.COMPLAINT
        ),
        Unit.PERCENT, Q(answered_at__lte=F("received_at") + timedelta(days=5)), person="assignee",
        at="received_at",
    ),
)  # fmt: skip
declare(
    "X46",
    Part(
        lambda asked: Callback.objects.filter(asked.within("closed_at")), Unit.PERCENT,
        Q(done_at__isnull=False, state=Callback.State.DONE), person="claimed_by", at="closed_at",
    ),
)  # fmt: skip
declare(
    "X47",
    Part(
        lambda asked: Incident.objects.filter(
            asked.within("on_site_at"), priority__lte=Priority.HIGH, on_site_at__gte=F("opened_at")
        ),
        Unit.PERCENT, Q(on_site_at__lte=F("opened_at") + timedelta(hours=2)), person="assignee",
        at="on_site_at",
    ),
)  # fmt: skip
declare(
    "X48",
    Part(
        lambda asked: Incident.objects.filter(asked.within("closed_at"), priority=Priority.LOW),
        Unit.PERCENT, Q(resolved_at__lte=F("opened_at") + timedelta(days=5)), person="resolved_by",
        at="closed_at",
    ),
)  # fmt: skip
LATE = timedelta(minutes=15)  # so much later than agreed is still kept
declare(
    "X49",
    Part(
        lambda asked: Appointment.objects.filter(asked.within("promised_at")).exclude(
            state=Appointment.State.CANCELLED
        ),
        Unit.PERCENT, Q(arrived_at__lte=F("promised_at") + LATE), person="engineer", at="promised_at",
    ),
)  # fmt: skip
declare(
    "X51",
    Part(
        lambda asked: Incident.objects.filter(asked.within("opened_at")), Unit.PERCENT,
        Q(repeat_of__isnull=False), at="opened_at",
    ),
)  # fmt: skip


def visited(asked: Asked) -> QuerySet[Appointment]:
    """Visits that took place, and whether form and opinion are there."""
    forms = ServiceForm.objects.filter(appointment=OuterRef("pk"), signed_at__isnull=False)
    said = Response.objects.filter(invitation__ticket=OuterRef("ticket"))
    whole = Exists(forms.filter(satisfaction__isnull=False)) | Exists(forms) & Exists(said)
    return Appointment.objects.filter(asked.within("arrived_at")).annotate(is_hit=whole)


declare("X52", Part(visited, Unit.PERCENT, IS_HIT, person="engineer", at="arrived_at"))


# --- security, checks, planned work ---------------------------------------------------------------


def maintenance(asked: Asked) -> QuerySet[Check]:
    """Checks of assets that were planned for the period."""
    return Check.objects.filter(due(asked, "due_on"))


declare(
    "P09.R1.K2",
    Part(
        lambda asked: Incident.objects.filter(
            asked.within("opened_at"), event_kind=EventKind.SECURITY
        ),
        person="owner", at="opened_at",
    ),
    beside=("X25", "X30"),
)  # fmt: skip
declare(
    "X29",
    Part(
        lambda asked: Check.objects.filter(asked.days("done_on"), state=Check.State.DONE), Unit.PERCENT,
        Q(has_findings=False), customer="asset__customer", person="done_by", at="done_on",
        name=_("Maintenance checks without a finding"),
    ),
    Part(
        lambda asked: AuditEntry.objects.filter(asked.within("checked_at")), Unit.PERCENT,
        Q(result=AuditEntry.Result.AGREES), customer="audit__customer", person="checked_by",
        at="checked_at", name=_("Audited items that are as registered"),
    ),
)  # fmt: skip
declare(
    "X40",
    Part(
        maintenance, Unit.PERCENT, Q(state=Check.State.DONE), customer="asset__customer",
        person="done_by", at="due_on", name=_("Planned maintenance that was done"),
    ),
)  # fmt: skip
