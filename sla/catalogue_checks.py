"""What agreements and packages know of a service: asked by the catalogue, which stands below them."""

from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import catalog.queries
import catalog.services
from accounts.access import Actor, may
from catalog.models import Service
from catalog.queries import Use
from catalog.services import Hindrance
from sla.models import Agreement, AgreementVersion, ServicePackage
from sla.queries import agreements
from sla.terms import Terms
from sla.terms_rows import terms_of


def register() -> None:
    """Let the catalogue ask. Safe to repeat."""
    if hindrances not in catalog.services.WITHDRAWAL_CHECKS:
        catalog.services.WITHDRAWAL_CHECKS.append(hindrances)
    if uses not in catalog.queries.USES:
        catalog.queries.USES.append(uses)


def names(terms: Terms, code: str) -> bool:
    """The terms speak of the service by name. Terms for all services name none."""
    return code in terms.services or any(term.service == code for term in terms.promises)


def naming(service: Service, rows: Iterable[AgreementVersion]) -> list[Agreement]:
    """Agreements of the versions that name the service, each once."""
    found = {v.agreement_id: v.agreement for v in rows if names(terms_of(v), service.code)}
    return list(found.values())


def hindrances(service: Service, actor: Actor, now: datetime) -> list[Hindrance]:
    """Agreements in force, or signed for later, forbid a withdrawal; open tickets are only counted."""
    rows = naming(service, _present_and_later(AgreementVersion.objects.all(), now))
    known = set(agreements(actor).filter(pk__in=[a.pk for a in rows]).values_list("pk", flat=True))
    message, other = _("The agreement “%(name)s” names it."), _("An agreement you may not read names it.")
    words = [message % {"name": a.name} if a.pk in known else other for a in rows]
    found = [Hindrance(each, forbids=True) for each in dict.fromkeys(words)]
    # the records stand above: known here by the name of their model only, as in Clock.record
    tickets = apps.get_model("records", "Record").objects.filter(service=service.pk).exclude(phase="done")
    if count := tickets.count():
        counted = ngettext(
            "%(n)d open ticket names it and goes on.", "%(n)d open tickets name it and go on.", count
        )
        found.append(Hindrance(counted % {"n": count}, forbids=False))
    return found


def _present_and_later(rows: QuerySet[AgreementVersion], now: datetime) -> list[AgreementVersion]:
    """Of each agreement that has not ended the version in force at ``now``, and those still to come."""
    alive = rows.filter(
        Q(effective_until=None) | Q(effective_until__gt=now),
        Q(agreement__ended_at=None) | Q(agreement__ended_at__gt=now),
    ).select_related("agreement", "calendar")
    kept: dict[int, list[AgreementVersion]] = {}
    for version in alive.order_by("effective_from", "number"):
        own = kept.setdefault(version.agreement_id, [])
        if version.effective_from <= now:
            own.clear()
        own.append(version)
    return [version for own in kept.values() for version in own]


def uses(service: Service, actor: Actor, now: datetime) -> list[Use]:
    """The agreements and packages that name the service, as far as the actor may know them."""
    rows = AgreementVersion.objects.filter(agreement__in=agreements(actor))
    found = [
        Use(agreement.get_kind_display(), agreement.name, _page(agreement, actor))
        for agreement in naming(service, _present_and_later(rows, now))
    ]
    packages = [
        Use(_("Service package"), package.name)
        for package in ServicePackage.objects.filter(is_active=True)
        if names(Terms.parse(package.terms), service.code)
    ]
    return found + packages


def _page(agreement: Agreement, actor: Actor) -> str:
    return reverse("sla:underpinning", args=[agreement.code]) if may(actor, "dashboard") else ""
