"""What customers can order: each entry as a card in their language, only what is offered to them."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from accounts.access import Actor
from accounts.models import in_reader_language
from catalog.offer import Text
from fulfilment.blueprint import Blueprint
from fulfilment.models import Offering
from fulfilment.prices import price_words


@dataclass(frozen=True)
class Card:
    """One entry as templates/portal/_offering.html takes it. ``price`` is words, "" where there is none."""

    offering: Offering
    name: str
    what: str
    price: str
    level: str
    duration: str
    is_chargeable: bool


def words(text: Text) -> str:
    return in_reader_language(text.en, text.zh)


def card(offering: Offering) -> Card:
    """A published entry. Where it names no level of its own, its service's holds."""
    blueprint = offering.present.blueprint if offering.present else Blueprint(Text())
    level = words(blueprint.level) or words(offering.service.offer.customer.level)
    return Card(
        offering=offering,
        name=offering.name,
        what=offering.description,
        price=price_words(blueprint),
        level=level,
        duration=words(blueprint.duration),
        is_chargeable=blueprint.is_chargeable,
    )


def cards(actor: Actor, text: str = "") -> list[Card]:
    """What the reader may order, in the order of the catalogue; away or not."""
    rows = Offering.objects.visible_to(actor).find(text)
    rows = rows.select_related("service__present", "service__family", "present")
    ordered = rows.order_by("service__family__position", "service__name_en", "name_en", "pk")
    return [card(row) for row in ordered]


def groups(actor: Actor, text: str) -> list[dict[str, Any]]:
    """The cards by service."""
    return [
        {"name": service.name, "cards": list(found)}
        for service, found in groupby(cards(actor, text), key=lambda one: one.offering.service)
    ]
