"""After a ticket is closed: is its requester asked or called? Decided once per closing, and kept.

The log is the source: closings that were not looked at yet, whichever process they are of. Any number of
workers may look; the row of a closing is unique.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.access import Origin, Role
from accounts.models import Organisation
from accounts.services import system_actor
from customers import callbacks, surveys
from customers.models import Callback, Closing, Invitation, Survey
from records.kinds import TICKETS, process_of
from records.models import Activity, Record

LOOKS_BACK = timedelta(days=7)
BATCH = 100
Outcome = Closing.Outcome


def closing_verbs() -> list[str]:
    """The moves that end a ticket for good, of every process; giving it up is none."""
    found = []
    for kind in TICKETS:
        cycle = process_of(kind).lifecycle
        for move, (_sources, state) in cycle.moves.items():
            if cycle.is_final(state) and state not in cycle.withdrawn:
                found.append(f"{kind}.{move}")
    return found


def unseen(now: datetime) -> "QuerySet[Activity]":
    """Closings of the last days nobody looked at; what was imported happened long ago."""
    seen = Closing.objects.filter(activity=OuterRef("pk"))
    rows = Activity.objects.filter(verb__in=closing_verbs(), at__gte=now - LOOKS_BACK)
    return rows.exclude(origin=Origin.IMPORT).filter(~Exists(seen)).order_by("at", "pk")


def look(*, now: datetime) -> int:
    """Look at the closings that were not looked at; answers how many."""
    found = 0
    for activity in unseen(now).select_related("record__requester", "record__customer")[:BATCH]:
        found += _look_at(activity, now)
    return found


def _look_at(activity: Activity, now: datetime) -> bool:
    try:
        with transaction.atomic():
            ticket = activity.record
            outcomes = {"survey": _survey(ticket, now), "callback": _callback(ticket, activity.at, now)}
            Closing.objects.create(
                activity=activity, ticket=ticket, customer_id=ticket.customer_id, closed_at=activity.at,
                **outcomes,
            )  # fmt: skip
    except IntegrityError:
        if not Closing.objects.filter(activity=activity).exists():
            raise
        return False  # another worker was quicker: all it did for this closing is there with it
    return True


def _survey(ticket: Record, now: datetime) -> str:
    survey = surveys.running_for(ticket.customer_id) or _of_the_provider()
    if survey is None:
        return Outcome.NO_RULE
    if Invitation.objects.filter(ticket=ticket).exists():
        return Outcome.BEFORE
    # under the survey's lock, so that two workers count and ask one after the other
    current = Survey.objects.select_for_update(no_key=True, of=("record_ptr", "self")).get(pk=survey.pk)
    Survey.objects.filter(pk=current.pk).update(counted=F("counted") + 1)
    is_on_site = _was_on_site(ticket)
    if not is_on_site and (current.counted + 1) % current.every_nth:
        return Outcome.NOT_ITS_TURN
    person = ticket.requester
    if not person.is_active or not person.actor.has(Role.CUSTOMER, Role.CUSTOMER_MANAGER):
        return Outcome.NOBODY
    lately = Invitation.objects.filter(person=person, created_at__gt=now - timedelta(days=current.quiet_days))
    if not is_on_site and lately.exists():
        return Outcome.TOO_SOON
    surveys.ask_about(ticket, current, actor=system_actor(), now=now)
    return Outcome.DONE


def _was_on_site(ticket: Record) -> bool:
    """Work on site always ends with the question how it went."""
    return Activity.objects.filter(record=ticket.pk, verb=f"{ticket.kind}.arrive").exists()


def _of_the_provider() -> Survey | None:
    own = Organisation.objects.filter(kind=Organisation.Kind.PROVIDER).order_by("pk").first()
    return surveys.running_for(own.pk) if own else None


def _callback(ticket: Record, closed_at: datetime, now: datetime) -> str:
    rule = callbacks.rule_for(ticket)
    if rule is None:
        return Outcome.NO_RULE
    if Callback.objects.filter(ticket=ticket).exists():
        return Outcome.BEFORE
    if not callbacks.is_chosen(ticket.number, rule.percent):
        return Outcome.NOT_ITS_TURN
    callbacks.make(ticket, rule, closed_at=closed_at, now=now)
    return Outcome.DONE
