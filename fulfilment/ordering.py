"""Ordering from the catalogue: from a filled-in form to a service request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organisation, Team, User
from fulfilment import answers, approvals
from fulfilment.blueprint import Blueprint
from fulfilment.models import Offering, OfferingVersion, ServiceRequest
from fulfilment.models.offering import meant_for
from records.files import Upload
from records.kinds import Kind
from records.models import Channel
from records.services import open_record, refuse

MOST = 10_000


def order(
    offering: Offering,
    given: Mapping[str, Any],
    *,
    customer: Organisation,
    requester: User,
    actor: Actor,
    now: datetime,
    quantity: int = 1,
    remark: str = "",
    reporter: User | None = None,
    channel: str = Channel.PORTAL,
    attachments: Sequence[Upload] = (),
    edition: int | None = None,
) -> ServiceRequest:
    """Order ``offering`` for ``requester`` with cleaned answers (field key -> value; shown fields only).

    ``edition`` is the number of the version whose form was filled in; if another one is in force by now the
    order is refused, so that nobody orders by words or a price he has not read.
    """
    with transaction.atomic():
        # with the row held nobody withdraws it or changes its words meanwhile
        row = Offering.objects.select_for_update(of=("self",), no_key=True).get(pk=offering.pk)
        version = orderable(row, customer, requester)
        if edition is not None and edition != version.number:
            raise refuse("edition", _("This entry has changed since you opened it. Please look at it again."))
        if not 1 <= quantity <= MOST:
            raise refuse("quantity", _("Give a quantity from 1 to %(n)s.") % {"n": MOST})
        blueprint = version.blueprint
        kept = answers.kept(blueprint, given)
        request: ServiceRequest = open_record(
            ServiceRequest,
            Kind.REQUEST,
            actor=actor,
            now=now,
            customer=customer,
            requester=requester,
            reporter=reporter or requester,
            follower=reporter,
            attachments=attachments,
            words=[text for row in kept for text in dict.fromkeys(row["shown"].values())],
            title=_title(blueprint, requester, quantity),
            description=remark.strip(),
            service=row.service,
            priority=blueprint.priority,
            channel=channel,
            team=_team(blueprint, row),
            owner_id=actor.user_id if actor.is_staff_side else None,
            offering=row,
            ordered_version=version,
            answers=kept,
            quantity=quantity,
            is_chargeable=blueprint.is_chargeable,
        )
        return approvals.ask(request, blueprint, actor=actor, now=now)


def orderable(offering: Offering, customer: Organisation, requester: User) -> OfferingVersion:
    """The version to order by; ValidationError on ``offering`` where this person cannot have it now."""
    rows = Offering.objects.offered().filter(meant_for(customer.pk), pk=offering.pk)
    if not requester.actor.has("customer_manager"):
        rows = rows.filter(for_contacts_only=False)
    found = rows.select_related("service", "present").first()
    if found is None or found.present is None:
        raise refuse("offering", _("This is not offered to %(person)s.") % {"person": requester.name})
    if found.is_away:
        words = _("This cannot be ordered at the moment: %(why)s") % {"why": found.unavailable_words or "–"}
        raise refuse("offering", words, "unavailable")
    return found.present


def _title(blueprint: Blueprint, requester: User, quantity: int) -> str:
    """The entry's name in the requester's language, with the quantity where it is more than one."""
    name = blueprint.name
    text = (name.en or name.zh) if requester.language == "en" else (name.zh or name.en)
    return (f"{text} × {quantity}" if quantity > 1 else text)[:200]


def _team(blueprint: Blueprint, offering: Offering) -> Team | None:
    """The entry's team, else the first support of its service, else the desk."""
    active = Team.objects.filter(is_active=True)
    own = active.filter(code=blueprint.team).first() if blueprint.team else None
    return own or offering.service.support_team or active.filter(tier=Team.Tier.DESK).order_by("pk").first()
