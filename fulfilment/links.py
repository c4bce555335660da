"""The link in a mail by which one person decides on one approval without logging in: signed, dated, once.

It carries no right beyond that one answer, and only while its person is active and may see the request.
"""

import hashlib
from datetime import datetime, timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Origin
from accounts.models import User
from fulfilment import approvals
from fulfilment.models import ServiceRequest
from fulfilment.models.approval import Approval, UsedLink
from records.models import Activity

VALID = timedelta(days=14)
SALT = "fulfilment.approval"


class Refused(Exception):
    """A link that does not work (any more), with the sentence that says why."""

    def __init__(self, words: object) -> None:
        super().__init__(str(words))
        self.words = words


WRONG = _("This link is not one of ours, or a part of it is missing. Copy it whole from the mail.")
EXPIRED = _("This link has expired. Log in to decide, or wait for the next reminder: it brings a new one.")
USED = _("This link was used already. It works once only; log in to see what was decided.")
GONE = _("This is no longer yours to decide. Log in to see how the request stands.")


def made_for(approval: Approval) -> str:
    """A new link's token; several may be out for one approval, the first one used decides."""
    return signing.dumps({"approval": approval.pk, "person": approval.person_id}, salt=SALT)


def address_of(activity: Activity, person: User) -> str:
    """The link of a mail that asks for approval: its person's own, else the page of the request."""
    stage = activity.data.get("stage_id")
    approval = Approval.objects.filter(stage=stage, person=person.pk).first()
    if approval is None:
        return reverse("records:go", args=[activity.data["number"]])
    return reverse("fulfilment:link", args=[made_for(approval)])


def read(token: str) -> Approval:
    """The approval a token is for; :class:`Refused` with why it does not work."""
    try:
        found = signing.loads(token, salt=SALT, max_age=VALID)
    except signing.SignatureExpired:
        raise Refused(EXPIRED) from None
    except signing.BadSignature:
        raise Refused(WRONG) from None
    if UsedLink.objects.filter(key=_key(token)).exists():
        raise Refused(USED)
    rows = Approval.objects.select_related("person", "stage__request__customer", "stage__request__requester")
    approval = rows.filter(pk=found["approval"], person=found["person"], person__is_active=True).first()
    if approval is None:
        raise Refused(GONE)
    seen = ServiceRequest.objects.visible_to(approval.person.actor).filter(pk=approval.stage.request_id)
    if not seen.exists() or not Approval.objects.waiting().filter(pk=approval.pk).exists():
        raise Refused(GONE)
    return approval


def decide(token: str, *, result: str, comment: str, now: datetime) -> ServiceRequest:
    """Answer by the link, which is used up by it. What is refused leaves the link as it was."""
    approval = read(token)
    person = approval.person
    origin = Origin.WEB if person.actor.is_staff_side else Origin.PORTAL
    try:
        with transaction.atomic():
            # the unique key is the claim: of two at the same moment one gets it
            UsedLink.objects.create(key=_key(token), approval=approval, used_at=now)
            return approvals.decide(
                approval, result=result, comment=comment, actor=person.actor.via(origin), now=now,
                is_by_link=True,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(USED) from None


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
