"""Which services an actor may know of and name."""

from django.db.models import QuerySet

from accounts.access import Actor
from catalog.models import Service


def services(actor: Actor) -> QuerySet[Service]:
    """The desk side knows drafts too; customers what is published."""
    return Service.objects.all() if actor.is_desk_side else Service.objects.published()


def nameable(actor: Actor) -> QuerySet[Service]:
    """Services for a ticket."""
    return Service.objects.published()
