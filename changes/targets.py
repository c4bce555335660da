"""What was promised about the services a change affects: each figure of each agreement in force (CHG-04)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Prefetch, Q
from django.utils import translation

from accounts.models import Organisation
from catalog.models import Service
from changes.models import Change
from sla import terms_rows
from sla.models import Agreement, AgreementVersion, Target
from sla.naming import Names, amount
from sla.package_views import promise_words
from sla.terms import MeasureTerm, TargetTerm


class Promised(NamedTuple):
    """One promised figure; ``key`` names it within its agreement, the names say it with what is promised."""

    agreement: Agreement
    key: str
    name_en: str
    name_zh: str


def promised(change: Change, *, now: datetime) -> list[Promised]:
    """Everything promised at ``now`` to the customers the change concerns about the services it affects.

    A change of one customer concerns its agreement and the default commitment, one of the provider all. In
    the order of agreements and their terms; five queries however many there are.
    """
    services = Service.objects.filter(pk__in=change.change_services.values("service"))
    codes = frozenset(services.values_list("code", flat=True))
    if not codes:
        return []
    of_whom = Q()
    if change.customer.kind == Organisation.Kind.CUSTOMER:
        of_whom = Q(agreement__customer=None) | Q(agreement__customer=change.customer_id)
    names = Names.load()
    return [
        Promised(version.agreement, term.key, *_names(term, names))
        for version in _in_force(of_whom, now)
        for term in _about(version, codes)
    ]


def _in_force(of_whom: Q, now: datetime) -> Iterable[AgreementVersion]:
    """The version of each customer's agreement that counts now."""
    targets = Target.objects.select_related("service", "calendar").order_by("metric", "priority", "pk")
    rows = AgreementVersion.objects.filter(of_whom, agreement__kind=Agreement.Kind.SLA).current(now)
    return rows.select_related("agreement", "calendar").prefetch_related(
        Prefetch("targets", queryset=targets)
    )


def _about(version: AgreementVersion, codes: frozenset[str]) -> Iterable[TargetTerm | MeasureTerm]:
    """The figures of a version that say something about one of the services."""
    terms = terms_rows.terms_from(version, version.targets.all())
    if terms.services and codes.isdisjoint(terms.services):
        return ()
    return [term for term in terms.promises if term.service is None or term.service in codes]


def _names(term: TargetTerm | MeasureTerm, names: Names) -> tuple[str, str]:
    """The figure and what is promised, in both languages: they are kept with the judgement."""
    found = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found.append(f"{names.key(term.key)}: {_words(term)}"[:300])
    return found[0], found[1]


def _words(term: TargetTerm | MeasureTerm) -> str:
    if isinstance(term, TargetTerm):
        return promise_words(term.promise)
    return amount(term.operator, term.value, term.unit)
