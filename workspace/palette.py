"""What the command palette finds beyond the page: tickets, customers, people and services, in one request."""

import re
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organisation
from catalog.models import Service
from records import search, typeahead
from records.kinds import PREFIXES, TICKETS, Kind, process_of
from records.models import Record

TICKETS_SHOWN, OTHERS_SHOWN = 6, 4
LEAST = 2  # characters of another script than Chinese, before words are looked for
_NUMBER = re.compile(r"([A-Za-z]{2,3})?0*([0-9]{1,12})")

Group = dict[str, Any]


def find(text: str, actor: Actor) -> list[Group]:
    """Groups of {text, hint, url}, those with something in them; all of it visible to the actor."""
    asked = text.replace("\0", "").strip()[: typeahead.MOST_TYPED]
    if not asked or (asked.isascii() and len(asked) < LEAST and not asked.isdecimal()):
        return []
    groups = [
        {"key": "tickets", "label": _("Tickets"), "items": _tickets(asked, actor)},
        {"key": "customers", "label": _("Customers"), "items": _customers(asked, actor)},
        {"key": "people", "label": _("People"), "items": _people(asked, actor)},
        {"key": "services", "label": _("Services"), "items": _services(asked, actor)},
    ]
    return [group for group in groups if group["items"]]


def _tickets(asked: str, actor: Actor) -> list[dict[str, str]]:
    """By number, whole or begun or without its zeros; then by words, the newest first."""
    visible = Record.objects.visible_to(actor)
    found = list(visible.filter(_numbered(asked)).order_by("-pk")[:TICKETS_SHOWN])
    if len(found) < TICKETS_SHOWN:
        by_words = search.find(visible.tickets(), asked, actor=actor).exclude(pk__in=[r.pk for r in found])
        newest = by_words.defer("description").order_by("-opened_at", "-pk")
        found += newest[: TICKETS_SHOWN - len(found)]
    return [_line(f"{r.number} {r.title}", _state(r), r.get_absolute_url()) for r in found]


def _numbered(asked: str) -> Q:
    match = _NUMBER.fullmatch(asked)
    if match is None:
        return Q(number__startswith=asked.upper()) if asked.isascii() and asked[0].isalpha() else Q(pk__in=[])
    letters, digits = (match[1] or "").upper(), match[2]
    kinds = [kind for kind, prefix in PREFIXES.items() if prefix == letters]
    kinds = kinds or ([] if letters else [Kind(kind) for kind in TICKETS])
    numbers = [f"{PREFIXES[kind]}{int(digits):07d}" for kind in kinds]
    begins = Q(number__startswith=asked.upper()) if letters else Q()
    return Q(number__in=numbers) | begins if begins else Q(number__in=numbers)


def _state(record: Record) -> str:
    return str(process_of(record.kind).labels(record.state).label)


def _customers(asked: str, actor: Actor) -> list[dict[str, str]]:
    found = _answered("customers", asked, actor)
    codes = Organisation.objects.in_bulk([int(line["value"]) for line in found])
    return [
        _line(
            line["text"], line["hint"], reverse("customers:customer", args=[codes[int(line["value"])].code])
        )
        for line in found
    ]


def _people(asked: str, actor: Actor) -> list[dict[str, str]]:
    """A customer's people lead to what they asked for."""
    queue = reverse("records:queue")
    return [
        _line(line["text"], line["hint"], f"{queue}?view=all&requester={line['value']}")
        for line in _answered("people", asked, actor)
    ]


def _services(asked: str, actor: Actor) -> list[dict[str, str]]:
    found = _answered("services", asked, actor)
    codes = Service.objects.in_bulk([int(line["value"]) for line in found])
    return [
        _line(line["text"], line["hint"], reverse("catalog:detail", args=[codes[int(line["value"])].code]))
        for line in found
    ]


def _answered(what: str, asked: str, actor: Actor) -> list[dict[str, str]]:
    return (typeahead.answer(what, typeahead.question(asked, ""), actor) or [])[:OTHERS_SHOWN]


def _line(text: str, hint: str, url: str) -> dict[str, str]:
    return {"text": text, "hint": hint, "url": url}
