"""The go-live gate (TRN-08): what a service must have, whether it is there now, and where it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Service
from cmdb.models import ItemService
from knowledge.models import Article, VersionService
from monitoring.models import Alert, Rule
from sla.catalogue_checks import names
from sla.models import Agreement, AgreementVersion
from sla.terms_rows import terms_of
from transitions.models import StepSort, Transition

LABELS: dict[str, Any] = {
    "commitment": gettext_lazy("Agreement or service commitment in force"),
    "catalogue": gettext_lazy("Published catalogue entry"),
    "items": gettext_lazy("Configuration items"),
    "knowledge": gettext_lazy("Knowledge article"),
    "training": gettext_lazy("Trained staff"),
    "monitoring": gettext_lazy("Monitoring"),
}


@dataclass(frozen=True)
class Point:
    """One thing that must be there. ``words``: what was found, or what is missing; ``url``: where it is made.

    ``exempted`` is the decision by name to go live without it.
    """

    key: str
    label: Any
    is_there: bool
    words: str
    url: str
    action: str
    exempted: Any = None

    @property
    def is_missing(self) -> bool:
        return not self.is_there and self.exempted is None


Found = tuple[bool, str, str, str]


def points(transition: Transition, now: datetime) -> list[Point]:
    """Every point as it is at this moment."""
    exempted = {row.point: row for row in transition.exemptions.select_related("decided_by")}
    return [
        Point(key, LABELS[key], *look(transition, now), exempted.get(key)) for key, look in _LOOKS.items()
    ]


def missing(transition: Transition, now: datetime) -> list[Point]:
    """What is neither there nor exempted by name."""
    return [point for point in points(transition, now) if point.is_missing]


def _commitment(transition: Transition, now: datetime) -> Found:
    url = reverse("agreements:list")
    make = _("To the agreements")
    version = _in_force(transition, now)
    if version:
        return True, _("“%(name)s” is in force.") % {"name": version.agreement.name}, url, make
    return False, _("No agreement in force covers the service."), url, make


def _in_force(transition: Transition, now: datetime) -> AgreementVersion | None:
    """The transition's own agreement, or one that names the service; else one that is for all services."""
    service = transition.about
    rows = AgreementVersion.objects.filter(agreement__kind=Agreement.Kind.SLA)
    newest = rows.current(now).select_related("agreement", "calendar")
    if transition.agreement_id:
        return newest.filter(agreement=transition.agreement_id).first()
    if service is None:
        return None
    if transition.customer.kind == "customer":
        newest = newest.filter(Q(agreement__customer=transition.customer_id) | Q(agreement__customer=None))
    for version in newest:
        terms = terms_of(version)
        if names(terms, service.code) or (version.agreement.customer_id is None and not terms.services):
            return version
    return None


def _catalogue(transition: Transition, now: datetime) -> Found:
    service = transition.about
    if service is None:
        url = reverse("catalog:new")
        return False, _("The service has no entry in the catalogue."), url, _("Begin an entry")
    url = reverse("catalog:detail", args=[service.code])
    if service.is_published:
        return True, _("“%(name)s” is published.") % {"name": service.name}, url, _("To the entry")
    return False, _("“%(name)s” is not published.") % {"name": service.name}, url, _("To the entry")


def _items(transition: Transition, now: datetime) -> Found:
    url, make = reverse("configuration:items"), _("To the configuration items")
    rows = ItemService.objects.filter(service=transition.about_id, item__is_active=True)
    count = rows.count() if transition.about_id else 0
    if count:
        return True, _("It runs on items of the register: %(n)s.") % {"n": count}, url, make
    return False, _("No configuration item is named for it."), url, make


def _knowledge(transition: Transition, now: datetime) -> Found:
    rows = Article.objects.shown().filter(
        published__in=VersionService.objects.filter(service=transition.about_id).values("version")
    )
    found = rows.order_by("number").first() if transition.about_id else None
    if found:
        return (
            True,
            _("%(number)s is published.") % {"number": found.number},
            found.get_absolute_url(),
            (_("To the article")),
        )
    return False, _("No published article is about it."), reverse("knowledge:new"), _("Write an article")


def _training(transition: Transition, now: datetime) -> Found:
    url = f"{transition.get_absolute_url()}?view=readiness"
    trained = transition.checks.filter(sort="team_trained", met_at__isnull=False).first()
    taught = not transition.steps.filter(sort=StepSort.TRAIN, done_at=None).exists()
    if trained and taught:
        return (
            True,
            _("The team is trained: %(how)s") % {"how": trained.evidence or trained.attachment},
            url,
            (_("To the checklist")),
        )
    words = _("A training is not done yet.") if trained else _("It is not shown that the team is trained.")
    return False, words, url, _("To the checklist")


def _monitoring(transition: Transition, now: datetime) -> Found:
    url, make = reverse("monitoring:sources"), _("To the monitoring sources")
    service: Service | None = transition.about
    if service:
        rule = Rule.objects.filter(service=service, is_active=True, action=Rule.Action.TICKET).first()
        if rule:
            return True, _("The rule “%(name)s” maps alerts to it.") % {"name": rule.name}, url, make
        watched = ItemService.objects.filter(service=service, item__in=Alert.objects.values("item"))
        if row := watched.select_related("item").first():
            return True, _("Monitoring reports on %(item)s.") % {"item": row.item}, url, make
    return False, _("No monitoring source reports on it."), url, make


_LOOKS: dict[str, Callable[[Transition, datetime], Found]] = {
    "commitment": _commitment,
    "catalogue": _catalogue,
    "items": _items,
    "knowledge": _knowledge,
    "training": _training,
    "monitoring": _monitoring,
}
