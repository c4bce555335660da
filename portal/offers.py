"""The service catalogue as customers read it: the customer view only, in their language."""

from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

import catalog.queries
from accounts.models import in_reader_language
from catalog.models import Service
from catalog.offer import CustomerView, Lines, Text

MOST = 60
PARTS = (
    ("hours", _("Service hours")),
    ("level", _("Service level")),
    ("period", _("Duration")),
    ("price", _("Price")),
    ("ask", _("How to ask for it")),
)


def families(text: str) -> list[dict[str, Any]]:
    """What is published and holds the words, as {name, services} in the order of the catalogue."""
    rows = catalog.queries.find(catalog.queries.offered(), text)
    return [
        {"name": family.name if family else "", "services": [_card(service) for service in group]}
        for family, group in groupby(rows, key=lambda service: service.family)
    ]


def prices() -> list[tuple[str, str]]:
    """Each service offered whose entry names a price, with its words."""
    rows = catalog.queries.offered()
    found = [(service.name, _words(service.offer.customer.price)) for service in rows]
    return [(name, price) for name, price in found if price][:MOST]


def _card(service: Service) -> dict[str, Any]:
    """One service as templates/portal/_offer.html takes it."""
    view = service.offer.customer
    return {
        "service": service,
        "what": _words(view.what),
        "price": _words(view.price),
        "facts": _named(view),
        "included": _lines(view.included),
        "not_included": _lines(view.not_included),
    }


def _words(text: Text) -> str:
    return in_reader_language(text.en, text.zh)


def _lines(lines: Lines) -> list[str]:
    return [_words(line) for line in lines]


def _named(view: CustomerView) -> list[tuple[Any, str]]:
    found = [(label, _words(getattr(view, name))) for name, label in PARTS]
    return [(label, words) for label, words in found if words]
