"""What the tests of the customer's side of agreements share: an edition on its way, what is said to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.access import Role
from accounts.models import User
from agreements import party, services
from agreements.models import Edition, Signature
from records.models import Delivery
from sla.models import Agreement
from sla.terms import SECTIONS
from tests.cast import MONDAY, Cast, make_user

ClientOf = Callable[[Any], Client]
DAY = timedelta(days=1)
TERMS: dict[str, Any] = {
    "calendar": "office",
    "targets": [
        {
            "metric": "resolution",
            "promise": {"kind": "business_seconds", "seconds": 8 * 3600},
            "method": {"en": "from the tickets", "zh": "依据工单"},
        }
    ],
    "sections": {code: {"en": f"Words on {code}", "zh": "文字"} for code in SECTIONS}
    | {"customer_duties": {"en": "The customer names a contact.", "zh": "客户指定联系人。"}},
}
MESSAGE_TO_REVIEWERS = "Their lawyer must not read this."


def fresh(edition: Edition) -> Edition:
    found: Edition = Edition.objects.get(pk=edition.pk)
    return found


def url(name: str, *args: Any) -> str:
    return reverse(f"portal:{name}", args=args)


def draft(cast: Cast, agreement: Agreement, **over: Any) -> Edition:
    facts = {"terms": TERMS, "effective_from": MONDAY, "actor": cast.mona.actor, "now": MONDAY - DAY, **over}
    return services.draft(agreement, **facts)


def offer(cast: Cast, edition: Edition) -> Edition:
    """Reviewed by the administrator with words for the house only, checked, and offered."""
    mona, admin, now = cast.mona.actor, cast.admin.actor, MONDAY - DAY
    current = services.submit(edition, reviewers=[cast.admin], actor=mona, now=now)
    services.countersign(current, result="approved", comment=MESSAGE_TO_REVIEWERS, actor=admin, now=now)
    services.check_legality(current, result="passed", note=MESSAGE_TO_REVIEWERS, actor=admin, now=now)
    return services.offer(fresh(current), actor=mona, now=now)


def agreed(cast: Cast, edition: Edition) -> Edition:
    return party.agree(
        edition, note="", offer=party.offer_of(edition), actor=cast.carla.actor, now=MONDAY - DAY
    )


def in_force(cast: Cast, edition: Edition) -> Edition:
    current = agreed(cast, edition)
    for side in Signature.Party.values:
        services.sign(
            current, party=side, person="Somebody", role="Director", signed_on=(MONDAY - DAY).date(),
            actor=cast.admin.actor, now=MONDAY - DAY,
        )  # fmt: skip
    return services.activate(fresh(current), actor=cast.mona.actor, now=MONDAY)


def say(client: Client, edition: Edition, act: str, **data: Any) -> Any:
    body = {"offer": party.offer_of(edition), **data}
    return client.post(url("agreement-act", edition.number, act), body)


def signature(**over: Any) -> dict[str, Any]:
    return {"person": "Carla", "role": "Head of IT", "signed_on": MONDAY.date().isoformat(), **over}


def told(user: User) -> list[str]:
    rows = Delivery.objects.filter(recipient=user, channel="in_app").order_by("pk")
    return list(rows.values_list("activity__verb", flat=True))


def second_contact(cast: Cast) -> User:
    return make_user("cora", cast.acme, Role.CUSTOMER_MANAGER)
