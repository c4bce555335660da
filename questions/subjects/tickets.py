"""Tickets: incidents and service requests, together and each by itself."""

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fulfilment.models import ServiceRequest
from incidents.models import Incident
from questions.subjects.base import (
    Dimension,
    How,
    Instant,
    Measure,
    Measured,
    Sort,
    Subject,
    amounts,
    register,
)
from questions.subjects.making import flag, pick, record, row, seconds, state, text
from records.kinds import TICKETS, Kind, process_of
from records.models import Record

OPENED = Instant("opened", _("opened"), "opened_at")
DONE = Instant("done", _("done"), "done_at")
IS_DONE = Q(done_at__isnull=False)
# states in which the work was given up instead of done
GIVEN_UP = tuple(sorted({state for kind in TICKETS for state in process_of(kind).lifecycle.withdrawn}))
TIME_TO_DONE = amounts("duration", _("Time from opened to done"), seconds("opened_at", "done_at"), IS_DONE)
SHARE_DONE = Measure(
    "done", _("Share that is done, not given up"), How.SHARE, Measured.PERCENT,
    hit=IS_DONE & ~Q(state__in=GIVEN_UP),
)  # fmt: skip
KIND = Dimension(
    "kind", _("Kind"), Sort.PICK, "kind",
    choices=lambda: [(Kind.INCIDENT.value, _("Incident")), (Kind.REQUEST.value, _("Service request"))],
)  # fmt: skip

register(
    Subject(
        "tickets", _("Tickets (incidents and service requests)"), Record,
        lambda asked: Record.objects.visible_to(asked.actor).tickets(),
        (*record(Record), KIND, state(Kind.INCIDENT, Kind.REQUEST), pick(Record, "channel", _("Channel")),
         flag("is_open", _("Still open"), Q(done_at=None))),
        (OPENED, DONE), (SHARE_DONE, *TIME_TO_DONE),
    )
)  # fmt: skip
register(
    Subject(
        "incidents", _("Incidents"), Incident,
        lambda asked: Incident.objects.visible_to(asked.actor),
        (
            *record(Incident), state(Kind.INCIDENT), text("category", _("Category")),
            text("subcategory", _("Subcategory")), pick(Incident, "channel", _("Channel")),
            pick(Incident, "contact_type", _("Contact type")),
            pick(Incident, "event_kind", _("Kind of event")),
            pick(Incident, "resolution_code", _("How it was solved")),
            row(Incident, "resolved_by", _("Solved by")),
            pick(Incident, "resolved_tier", _("Solved in tier")),
            row(Incident, "supplier", _("Supplier")), text("site", _("Site")),
            flag("is_open", _("Still open"), Q(done_at=None)),
            flag("is_reopened", _("Reopened"), Q(reopen_count__gt=0)),
            flag("is_repeat", _("Repeats another one"), Q(repeat_of__isnull=False)),
        ),
        (OPENED, Instant("resolved", _("resolved"), "resolved_at"),
         Instant("closed", _("closed"), "closed_at")),
        (
            Measure("by_desk", _("Share solved by the service desk itself"), How.SHARE, Measured.PERCENT,
                    Q(resolved_at__isnull=False), Q(resolved_tier="desk")),
            Measure("reopened", _("Share that was reopened"), How.SHARE, Measured.PERCENT,
                    Q(resolved_at__isnull=False), Q(reopen_count__gt=0)),
            Measure("repeated", _("Share that repeats another one"), How.SHARE, Measured.PERCENT,
                    hit=Q(repeat_of__isnull=False)),
            *amounts("duration", _("Time from opened to resolved"), seconds("opened_at", "resolved_at"),
                     Q(resolved_at__isnull=False)),
            *amounts("restored", _("Time from opened to restored"), seconds("opened_at", "restored_at"),
                     Q(restored_at__isnull=False, restored_at__gte=F("opened_at"))),
        ),
    )
)  # fmt: skip
register(
    Subject(
        "requests", _("Service requests"), ServiceRequest,
        lambda asked: ServiceRequest.objects.visible_to(asked.actor),
        (
            *record(ServiceRequest), state(Kind.REQUEST), row(ServiceRequest, "offering", _("Offering")),
            pick(ServiceRequest, "channel", _("Channel")),
            row(ServiceRequest, "fulfilled_by", _("Fulfilled by")),
            flag("is_open", _("Still open"), Q(done_at=None)),
            flag("is_chargeable", _("Charged for"), Q(is_chargeable=True)),
        ),
        (OPENED, Instant("fulfilled", _("fulfilled"), "fulfilled_at"),
         Instant("closed", _("closed"), "closed_at")),
        (
            Measure("reopened", _("Share that was reopened"), How.SHARE, Measured.PERCENT,
                    Q(fulfilled_at__isnull=False), Q(reopen_count__gt=0)),
            *amounts("duration", _("Time from opened to fulfilled"), seconds("opened_at", "fulfilled_at"),
                     Q(fulfilled_at__isnull=False)),
        ),
    )
)  # fmt: skip
