"""What a person is asked to answer."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.access import Actor
from customers import lifecycle
from customers.models import Invitation


def waiting(actor: Actor, *, now: datetime) -> "QuerySet[Invitation]":
    """What the actor may still answer."""
    return own(actor).filter(response=None, expires_at__gt=now, survey__state=lifecycle.RUNNING)


def own(actor: Actor) -> "QuerySet[Invitation]":
    """What the actor was asked, whatever became of it."""
    rows = Invitation.objects.filter(person=actor.user_id)
    return rows.select_related("survey__questionnaire", "person", "ticket")
