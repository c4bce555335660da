"""What a person is asked to answer."""

from django.db.models import QuerySet

from accounts.access import Actor
from customers.models import Invitation


def own(actor: Actor) -> "QuerySet[Invitation]":
    """What the actor was asked, whatever became of it."""
    rows = Invitation.objects.filter(person=actor.user_id)
    return rows.select_related("survey__questionnaire", "person", "ticket")
