"""Entries to order from and requests, made by the real verbs."""

from typing import Any

from catalog.offer import Text
from fulfilment import offerings, ordering
from fulfilment.blueprint import Blueprint
from fulfilment.models import Offering, ServiceRequest
from tests.cast import MONDAY, Cast

COLOUR = {
    "key": "colour", "type": "choice", "label": {"en": "Colour", "zh": "颜色"}, "required": True,
    "choices": [
        {"key": "red", "label": {"en": "Red", "zh": "红"}},
        {"key": "other", "label": {"en": "Another", "zh": "其他"}},
    ],
}  # fmt: skip
WHICH = {
    "key": "which", "type": "text", "label": {"en": "Which one", "zh": "哪一种"}, "required": True,
    "shown_when": {"field": "colour", "value": "other"},
}  # fmt: skip


def make_offering(cast: Cast, code: str = "chair", **over: Any) -> Offering:
    """A published entry of e-mail's; ``over``: ``kind`` and what its blueprint says."""
    kind = over.pop("kind", Offering.Kind.STANDARD)
    content = {
        "name": {"en": "New chair", "zh": "新座椅"}, "what": {"en": "A chair to sit on.", "zh": "一把椅子。"},
        "priority": 3, **over,
    }  # fmt: skip
    actor = cast.mona.actor
    name = Text(content["name"]["en"], content["name"]["zh"])
    made = offerings.create(code=code, name=name, service=cast.mail, kind=kind, actor=actor, now=MONDAY)
    wanted = Blueprint.parse(content)
    made = offerings.redraft(made, lambda draft: wanted, actor=actor, now=MONDAY)
    offerings.publish(made, reason="", actor=actor, now=MONDAY)
    return Offering.objects.select_related("service", "present").get(pk=made.pk)


def make_request(cast: Cast, offering: Offering | None = None, **over: Any) -> ServiceRequest:
    """A chair ordered by rita in the portal on MONDAY."""
    facts: dict[str, Any] = {
        "customer": cast.acme, "requester": cast.rita, "actor": cast.rita.actor, "now": MONDAY,
    }  # fmt: skip
    given = over.pop("given", {})
    return ordering.order(offering or make_offering(cast), given, **{**facts, **over})
