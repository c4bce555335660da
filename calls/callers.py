"""Who calls: the customers' people and contact persons with a number, among those an agent works for."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, QuerySet, Value

from accounts.access import Actor
from accounts.models import Organisation, User
from calls.models import Branch, Hotline
from calls.numbers import FEWEST, key_of, same
from customers.models import ContactPerson
from incidents.forms import customers_of, people_of

MOST = 20
TRIED = 200


@dataclass(frozen=True)
class Caller:
    """One possible caller; without an account only the customer is known."""

    name: str
    phone: str
    customer: Organisation
    person: User | None


def people(key: str, actor: Actor) -> list[Caller]:
    """Everybody with this number (a key of :mod:`calls.numbers`), at most MOST; two queries."""
    if not key:
        return []
    users = _numbered(people_of(actor), key).order_by("display_name", "pk")
    found = [Caller(u.name, u.phone, u.organisation, u) for u in users[:TRIED] if same(key, key_of(u.phone))]
    contacts = ContactPerson.objects.filter(is_active=True, customer__in=customers_of(actor))
    rows = _numbered(contacts, key).select_related("customer", "user__organisation").order_by("name", "pk")
    known = {each.person for each in found}
    for contact in rows[:TRIED]:
        if not same(key, key_of(contact.phone)):
            continue
        user = contact.user if contact.user and contact.user.is_active else None
        if user is None or user.organisation_id != contact.customer_id:
            found.append(Caller(contact.name, contact.phone, contact.customer, None))
        elif user not in known:
            found.append(Caller(contact.name, contact.phone, contact.customer, user))
    return found[:MOST]


def _numbered(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """Candidates: the digits as written hold the end of the key; ``same`` decides."""
    digits = Func(F("phone"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace")
    found: QuerySet[Any] = rows.exclude(phone="").alias(digits=digits)
    return found.filter(digits__contains=key[-FEWEST:])


def hotline_named(text: str) -> Hotline | None:
    """A hotline by its code, or by its number however it is written."""
    text = text.replace("\0", "").strip()[:50]
    if not text:
        return None
    found = Hotline.objects.select_related("service", "team").filter(code__iexact=text).first()
    return found or Hotline.objects.select_related("service", "team").filter(key=key_of(text) or "-").first()


def branch_named(hotline: Hotline | None, text: str) -> Branch | None:
    text = text.replace("\0", "").strip()[:20]
    if hotline is None or not text:
        return None
    return hotline.branches.select_related("service", "team").filter(code=text).first()


def usual(hotline: Hotline | None, branch: Branch | None) -> dict[str, int]:
    """What a ticket from there is about, as the fields of a new ticket (SD-24); the branch goes first."""
    found = {}
    for place in (hotline, branch):
        if place is not None and place.service is not None and place.service.is_published:
            found["service"] = place.service.pk
        if place is not None and place.team is not None and place.team.is_active:
            found["team"] = place.team.pk
    return found
