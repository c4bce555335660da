"""The list of all editions of agreements."""

from django.db.models import QuerySet

from accounts.access import Actor
from agreements.models import Edition, State


def listed(actor: Actor, state: str) -> QuerySet[Edition]:
    """The editions the actor may read, in one state where that is one, the newest first."""
    rows: QuerySet[Edition] = Edition.objects.visible_to(actor).select_related(
        "agreement__customer", "agreement__team", "agreement__supplier", "customer"
    )
    if state in State.values:
        rows = rows.filter(state=state)
    return rows.order_by("-pk")
