"""What the verbs check about an offer and the people asked; everything is refused by ValidationError."""

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.access import Actor, may
from accounts.models import Team, User
from catalog import standing
from catalog.models import Service, ServiceDependency
from catalog.offer import Offer, OfferError

RESERVED = ("new",)  # an address of its own


def refuse(field: str, message: str, code: str = "invalid") -> ValidationError:
    """An error of one field."""
    return ValidationError({field: ValidationError(message, code=code)})


def new(code: str, name_en: str, name_zh: str) -> None:
    """A code of its own, and a name in both languages."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", code) or code in RESERVED:
        raise refuse("code", _("Use small letters, digits and hyphens, such as “backup”."))
    if Service.objects.filter(code=code).exists():
        raise refuse("code", _("There is a service of this code already."), "unique")
    for field, value in (("name_en", name_en), ("name_zh", name_zh)):
        if not value.strip():
            raise refuse(field, _("Give the name in both languages."), "required")


def portfolio_class(value: str) -> str:
    if value not in Service.PortfolioClass.values:
        raise refuse("portfolio_class", _("Choose core, supporting or value-added."), "required")
    return value


def offer(given: object) -> Offer:
    """An offer of either form; an error names its place below ``offer``."""
    if isinstance(given, Offer):
        given = given.dump()
    try:
        return Offer.parse(given)
    except OfferError as refused:
        place = f"offer.{refused.field}" if refused.field else "offer"
        raise refuse(place, refused.detail, refused.code) from None


def complete(offered: Offer) -> None:
    """Everything an entry must say is said, and in both languages."""
    words = {"empty": _("This must not be empty."), "language": _("Say it in both languages.")}
    if found := offered.missing:
        raise ValidationError(
            {f"offer.{path}": ValidationError(words[why], "required") for path, why in found.items()}
        )


def known(service: Service, offered: Offer) -> None:
    """The teams and services named exist, the services are published, and nothing rests on itself."""
    groups, codes = offered.provider.groups, offered.provider.depends_on
    teams = set(Team.objects.filter(code__in=groups, is_active=True).values_list("code", flat=True))
    if unknown := [code for code in groups if code not in teams]:
        message = _("There is no active team %(codes)s.") % {"codes": ", ".join(unknown)}
        raise refuse("offer.provider.groups", message, "does_not_exist")
    rows = Service.objects.published() | Service.objects.filter(pk=service.pk)
    services = set(rows.filter(code__in=codes).values_list("code", flat=True))
    if unknown := [code for code in codes if code not in services]:
        message = _("There is no published service %(codes)s.") % {"codes": ", ".join(unknown)}
        raise refuse("offer.provider.depends_on", message, "does_not_exist")
    if way := _circle(service, codes):
        names = {row.code: row.name for row in Service.objects.filter(code__in=way)}
        message = _("Services may not rest on each other; this is a circle: %(circle)s")
        circle = " → ".join(names.get(code, code) for code in way)
        raise refuse("offer.provider.depends_on", message % {"circle": circle}, "circular")


def _circle(service: Service, codes: Sequence[str]) -> list[str]:
    edges: dict[str, Any] = {}
    rows = ServiceDependency.objects.filter(rests_on__isnull=False).exclude(service=service)
    for source, target in rows.values_list("service__code", "rests_on__code"):
        edges.setdefault(source, []).append(target)
    edges[service.code] = codes
    return standing.circle(edges, service.code)


def committee(members: Sequence[User], *, author: Actor) -> list[User]:
    """Who is asked: at least one, none the author, each allowed to decide."""
    people = list(dict.fromkeys(members))
    if any(person.pk == author.user_id for person in people):
        raise refuse("members", _("The author does not decide on the own proposal."))
    if not people:
        raise refuse("members", _("Name at least one colleague other than the author."), "required")
    for person in people:
        if not person.is_active or not may(person.actor, "catalogue_decide"):
            message = _("%(person)s is not of the review committee.")
            raise refuse("members", message % {"person": person.name})
    return people
