"""What passes between customers and us: answers, complaints, calls, visits and their forms."""

from datetime import timedelta

from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from calls.models import CallRecord
from customers.models import Complaint, Response
from fieldwork.models import Appointment, ServiceForm
from questions.subjects.base import How, Instant, Measure, Measured, Subject, amounts, register
from questions.subjects.making import flag, pick, record, row, seconds, state
from records.kinds import Kind

SATISFIED = 4  # from this score of five on somebody is called satisfied
LATE = timedelta(minutes=15)  # so much later than agreed is still kept

register(
    Subject(
        "answers", _("Answers about satisfaction"), Response,
        lambda asked: Response.objects.filter(score__isnull=False),
        (
            row(Response, "customer", _("Customer")),
            row(Response, "invitation__ticket__service", _("Service")),
            row(Response, "invitation__ticket__team", _("Team")),
            row(Response, "invitation__ticket__assignee", _("Person")),
            pick(Response, "invitation__survey__purpose", _("Kind of survey")),
            pick(Response, "way", _("Way")),
            flag("is_satisfied", _("Satisfied (4 or 5)"), Q(score__gte=SATISFIED)),
        ),
        (Instant("answered", _("answered"), "answered_at"),),
        (
            Measure("satisfied", _("Share that is satisfied"), How.SHARE, Measured.PERCENT,
                    hit=Q(score__gte=SATISFIED)),
            *amounts("score", _("Score of 5"), Cast("score", FloatField()), Q(), How.MEAN, How.MEDIAN,
                     measured=Measured.POINTS),
        ),
        permission="lead_customers",
    )
)  # fmt: skip
register(
    Subject(
        "complaints", _("Complaints, suggestions, praise"), Complaint,
        lambda asked: Complaint.objects.visible_to(asked.actor),
        (
            *record(Complaint), state(Kind.COMPLAINT), pick(Complaint, "nature", _("Kind")),
            pick(Complaint, "channel", _("Channel")), flag("is_major", _("Major"), Q(is_major=True)),
            flag("is_valid", _("Judged valid"), Q(is_valid=True)),
        ),
        (Instant("received", _("received"), "received_at"), Instant("due", _("due"), "due_at")),
        (
            Measure("in_time", _("Share of the answers that came in time"), How.SHARE, Measured.PERCENT,
                    Q(answered_at__isnull=False), Q(answered_at__lte=F("due_at"))),
            *amounts("answered", _("Time until the answer"), seconds("received_at", "answered_at"),
                     Q(answered_at__isnull=False)),
            *amounts("outcome", _("Score of the outcome"), Cast("outcome_score", FloatField()),
                     Q(outcome_score__isnull=False), How.MEAN, measured=Measured.POINTS),
        ),
    )
)  # fmt: skip
register(
    Subject(
        "calls", _("Telephone calls"), CallRecord,
        lambda asked: CallRecord.objects.visible_to(asked.actor),
        (
            row(CallRecord, "customer", _("Customer")), row(CallRecord, "hotline", _("Hotline")),
            row(CallRecord, "agent", _("Person")), pick(CallRecord, "direction", _("Direction")),
            flag("is_answered", _("Answered"), Q(answered_at__isnull=False)),
            flag("has_ticket", _("Became a ticket"), Q(ticket__isnull=False)),
        ),
        (Instant("offered", _("offered"), "offered_at"),),
        (
            Measure("answered", _("Share that was answered"), How.SHARE, Measured.PERCENT,
                    hit=Q(answered_at__isnull=False)),
            *amounts("waited", _("Time until answered"), seconds("offered_at", "answered_at"),
                     Q(answered_at__isnull=False)),
            *amounts("talked", _("Time on the telephone"), seconds("answered_at", "ended_at"),
                     Q(answered_at__isnull=False, ended_at__isnull=False), How.MEAN, How.SUM),
        ),
        is_shared=True, permission="keep_calls",
    )
)  # fmt: skip
register(
    Subject(
        "visits", _("On-site visits"), Appointment,
        lambda asked: Appointment.objects.visible_to(asked.actor),
        (
            row(Appointment, "customer", _("Customer")), row(Appointment, "ticket__service", _("Service")),
            pick(Appointment, "ticket__priority", _("Priority")), row(Appointment, "team", _("Team")),
            row(Appointment, "engineer", _("Person")), pick(Appointment, "state", _("State")),
        ),
        (Instant("planned", _("planned"), "starts_at"), Instant("arrived", _("arrived"), "arrived_at")),
        (
            Measure("in_time", _("Share that arrived in time"), How.SHARE, Measured.PERCENT,
                    Q(promised_at__isnull=False, arrived_at__isnull=False),
                    Q(arrived_at__lte=F("promised_at") + LATE)),
            *amounts("on_site", _("Time on site"), seconds("arrived_at", "left_at"),
                     Q(arrived_at__isnull=False, left_at__isnull=False), How.MEAN, How.MEDIAN, How.SUM),
            *amounts("travel", _("Travel planned"), Cast("travel_minutes", FloatField()), Q(), How.MEAN,
                     How.SUM, measured=Measured.MINUTES),
        ),
    )
)  # fmt: skip
register(
    Subject(
        "service_forms", _("On-site service forms"), ServiceForm,
        lambda asked: ServiceForm.objects.visible_to(asked.actor),
        (
            row(ServiceForm, "appointment__customer", _("Customer")),
            row(ServiceForm, "appointment__engineer", _("Person")), pick(ServiceForm, "result", _("Result")),
            pick(ServiceForm, "satisfaction", _("Satisfaction")),
            flag("is_signed", _("Signed"), Q(signed_at__isnull=False)),
        ),
        (Instant("arrived", _("arrived"), "arrived_at"),),
        (
            Measure("signed", _("Share that is signed"), How.SHARE, Measured.PERCENT,
                    hit=Q(signed_at__isnull=False)),
            *amounts("work", _("Time on site"), seconds("arrived_at", "left_at"), Q(left_at__isnull=False),
                     How.MEAN, How.SUM),
        ),
        customer="appointment__customer",
    )
)  # fmt: skip
