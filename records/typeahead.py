"""Choices while typing: the first twenty of a kind that the actor may name, in either language.

Customers may only ask for services; of everything else they need, the portal knows their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from accounts.access import STAFF_ROLES, Actor
from accounts.models import Organisation, Team, User
from catalog.models import Service
from cmdb.models import Item
from records.filters import ME, NOBODY, fixed_choices

LIMIT = 20
MOST_TYPED = 100


@dataclass(frozen=True)
class Question:
    """What was typed, and the customer or team it is about (if one was chosen)."""

    text: str
    customer: int | None
    team: int | None = None


Found = list[dict[str, str]]


def _best(rows: "QuerySet[Any]", text: str, *fields: str) -> "QuerySet[Any]":
    """Rows with the text in one of the fields, those that begin with it first."""
    if not text:
        return rows[:LIMIT]
    within, begins = Q(), Q()
    for name in fields:
        within |= Q(**{f"{name}__icontains": text})
        begins |= Q(**{f"{name}__istartswith": text})
    rank = Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.filter(within).order_by(rank, fields[0], "pk")[:LIMIT]


def _line(value: object, text: str, hint: str = "") -> dict[str, str]:
    return {"value": str(value), "text": text, "hint": hint}


def _customers(actor: Actor, asked: Question) -> Found:
    rows = Organisation.objects.filter(kind=Organisation.Kind.CUSTOMER, is_active=True)
    if actor.scope is not None:
        rows = rows.filter(pk__in=actor.scope)
    return [_line(o.pk, o.name, o.code) for o in _best(rows, asked.text, "name_en", "name_zh", "code")]


def _people(actor: Actor, asked: Question) -> Found:
    rows = User.objects.filter(
        is_active=True, organisation__kind=Organisation.Kind.CUSTOMER, organisation__is_active=True
    ).select_related("organisation")
    if actor.scope is not None:
        rows = rows.filter(organisation__in=actor.scope)
    if asked.customer is not None:
        rows = rows.filter(organisation=asked.customer)
    found = _best(rows, asked.text, "display_name", "username", "email", "phone")
    return [_line(u.pk, u.name, u.email if asked.customer else u.organisation.name) for u in found]


def _services(actor: Actor, asked: Question) -> Found:
    return [
        _line(s.pk, s.name)
        for s in _best(Service.objects.published(), asked.text, "name_en", "name_zh", "code")
    ]


def _teams(actor: Actor, asked: Question) -> Found:
    rows = _best(Team.objects.filter(is_active=True), asked.text, "name_en", "name_zh", "code")
    return [_line(t.pk, t.name, t.get_tier_display()) for t in rows]


def _items(actor: Actor, asked: Question) -> Found:
    rows = Item.objects.visible_to(actor).select_related("type")
    if asked.customer is not None:
        rows = rows.filter(Q(customer=asked.customer) | Q(customer=None))
    found = _best(rows, asked.text, "name", "number")
    return [_line(i.pk, i.name, f"{i.number} · {i.type}") for i in found]


def _agents(actor: Actor, asked: Question) -> Found:
    rows = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()
    if asked.team is not None:
        rows = rows.filter(memberships__team=asked.team)
    found = _best(rows.order_by("display_name", "pk"), asked.text, "display_name", "username")
    return [_line(u.pk, u.name, u.username) for u in found]


def _assignees(actor: Actor, asked: Question) -> Found:
    special = [_line(ME, _("Me")), _line(NOBODY, _("Nobody"))]
    text = asked.text.lower()
    return [s for s in special if text in s["text"].lower()] + _agents(actor, asked)


def _fixed(what: str, asked: Question) -> Found | None:
    """The values of a filter of the queue that are known beforehand."""
    choices = fixed_choices().get(what.replace("-", "_"))
    if choices is None:
        return None
    text = asked.text.lower()
    return [_line(v, str(label)) for v, label in choices() if text in str(label).lower()]


_SOURCES: dict[str, Callable[[Actor, Question], Found]] = {
    "customers": _customers,
    "people": _people,
    "services": _services,
    "teams": _teams,
    "items": _items,
    "agents": _agents,
    "assignees": _assignees,
}
FOR_CUSTOMERS = frozenset({"services"})


def answer(what: str, asked: Question, actor: Actor) -> Found | None:
    """The choices, each {value, text, hint}; None for a kind that does not exist for this actor."""
    if not actor.is_staff_side and what not in FOR_CUSTOMERS:
        return None
    source = _SOURCES.get(what)
    return source(actor, asked) if source else _fixed(what, asked)


def question(text: str, customer: str, team: str = "") -> Question:
    """A question from a URL; a customer or team that is no number stands for one that does not exist."""
    return Question(text.replace("\0", "").strip()[:MOST_TYPED], _id(customer), _id(team))


def _id(text: str) -> int | None:
    is_id = text.isascii() and text.isdecimal() and len(text) < 10
    return (int(text) if is_id else 0) if text else None
