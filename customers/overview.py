"""Everything about customers on one page: counts for a list, the whole for one. For the desk's side."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

import accounts.queries
from accounts.access import Actor, may
from accounts.models import Organisation
from customers import lifecycle, profiles
from customers.access import complaints
from customers.models import (
    Callback,
    ContactPerson,
    CustomerProfile,
    Invitation,
    ProfileChange,
    Publication,
    Visit,
)
from customers.opinions import mean_in
from customers.rows import row_of
from records.kinds import Kind, process_of
from records.models import Record
from sla.queries import agreements

MOST = 10


def customers(actor: Actor) -> "QuerySet[Organisation]":
    """The customers whose pages the actor may read, those that left too."""
    rows = accounts.queries.organisations(actor).filter(kind=Organisation.Kind.CUSTOMER)
    rows = rows if actor.is_staff_side else rows.none()
    return rows.select_related("profile__account_manager").order_by("name_en", "pk")


def rows_of(page: Iterable[Organisation], actor: Actor) -> list[dict[str, Any]]:
    """Customers as the list shows them; three queries for all of a page."""
    found = list(page)
    pks = [row.pk for row in found]
    tickets = _counted(Record.objects.visible_to(actor).tickets().open().filter(customer__in=pks))
    said = _counted(complaints(actor).filter(customer__in=pks, state__in=lifecycle.OPEN))
    people = set(
        ContactPerson.objects.filter(customer__in=pks, is_active=True).values_list("customer", flat=True)
    )
    shown = []
    for row in found:
        profile = getattr(row, "profile", None) or CustomerProfile(customer=row)
        shown.append(
            {
                "customer": row,
                "profile": profile,
                "complete": profiles.completeness(profile, has_contact=row.pk in people),
                "tickets": tickets.get(row.pk, 0),
                "complaints": said.get(row.pk, 0),
            }
        )
    return shown


def _counted(rows: "QuerySet[Any]") -> dict[int, int]:
    counted = rows.order_by().values("customer").annotate(n=Count("pk"))
    return {row["customer"]: row["n"] for row in counted}


def whole(customer: Organisation, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """One customer: what we agreed, what is open, what they say, whom we met."""
    profile = profiles.profile_of(customer)
    contacts = list(ContactPerson.objects.filter(customer=customer, is_active=True).select_related("user"))
    visible = Record.objects.visible_to(actor).filter(customer=customer)
    asked = Invitation.objects.filter(customer=customer)
    calls = Callback.objects.visible_to(actor).filter(customer=customer)
    return {
        "customer": customer,
        "profile": profile,
        "missing": profiles.missing(profile, has_contact=bool(contacts)),
        "complete": profiles.completeness(profile, has_contact=bool(contacts)),
        "changes": list(ProfileChange.objects.filter(customer=customer).select_related("by")[:MOST]),
        "contacts": contacts,
        "agreements": agreements(actor).filter(customer=customer),
        "open_tickets": visible.tickets().open().count(),
        "complaints": [
            row_of(row, now)
            for row in complaints(actor)
            .filter(customer=customer)
            .select_related("customer", "requester", "assignee", "about")
            .order_by("-pk")[:MOST]
        ],
        "mean": mean_in(asked) if may(actor, "lead_customers") else None,
        "calls": calls.aggregate(
            waiting=Count("pk", filter=Q(state=Callback.State.WAITING)),
            made=Count("pk", filter=Q(state=Callback.State.DONE)),
        ),
        "visits": list(Visit.objects.filter(customer=customer).select_related("visitor")[:MOST]),
        "meetings": _meetings(visible),
        "publications": list(
            Publication.objects.filter(customer=customer).select_related("agreement", "published_by")[:MOST]
        ),
    }


def _meetings(visible: "QuerySet[Record]") -> Sequence[dict[str, Any]]:
    """Meetings with their minutes, the newest first."""
    rows = visible.filter(kind=Kind.REVIEW).order_by("-pk")[:MOST]
    return [{"record": row, "state": process_of(row.kind).labels(row.state).label} for row in rows]
