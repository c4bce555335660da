"""The signed link by which somebody answers without logging in. It is made for the mail and stored nowhere.

Only who holds the key of the installation can make one, so that nobody who is assessed can answer in a
customer's place: no page of the desk and no answer of the API shows it.
"""

from typing import Any

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from customers.models import Invitation


def _signer() -> Signer:
    return Signer(salt="customers.survey", sep=".")


def token_of(invitation_id: int) -> str:
    return _signer().sign(str(invitation_id))


def invitation_of(token: str) -> Invitation | None:
    """The invitation a token was signed for; None for anything else."""
    try:
        pk = _signer().unsign(token)
    except BadSignature:
        return None
    rows = Invitation.objects.select_related("survey__questionnaire", "person", "ticket", "customer")
    return rows.filter(pk=int(pk)).first()


def path_of(activity: Any, person: Any) -> str | None:
    """Where a mail about being asked leads its recipient: to their own link."""
    rows = Invitation.objects.filter(person=person.pk)
    known = activity.data.get("invitation")
    rows = rows.filter(pk=known) if known else rows.filter(survey=activity.record_id, ticket=None)
    pk = rows.values_list("pk", flat=True).first()
    return reverse("customers:answer", args=[token_of(pk)]) if pk else None
