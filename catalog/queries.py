"""Which services an actor may know of and name, and what is known about one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.access import STAFF_ROLES, Actor, Role
from accounts.models import User
from catalog.models import Service, ServiceQuerySet, ServiceReview


def services(actor: Actor) -> ServiceQuerySet:
    """The desk side knows drafts too; customers what is published."""
    return Service.objects.standing() if actor.is_desk_side else Service.objects.published()


def nameable(actor: Actor) -> QuerySet[Service]:
    """Services for a ticket."""
    return Service.objects.published()


def find(rows: ServiceQuerySet, text: str) -> ServiceQuerySet:
    """Those whose name, description or code holds the words, in either language."""
    text = text.replace("\0", "").strip()[:200]
    condition = Q()
    for field in ("name_en", "name_zh", "description_en", "description_zh", "code"):
        condition |= Q(**{f"{field}__icontains": text})
    return rows.filter(condition) if text else rows


def offered() -> ServiceQuerySet:
    """What customers may read, in the order of the catalogue."""
    rows = Service.objects.published().select_related("family", "present")
    return rows.order_by("family__position", "family__code", "name_en")


def to_decide(actor: Actor) -> Q:
    """Entries with a proposal on which this actor was asked and has not decided."""
    return Q(
        reviews__state=ServiceReview.State.OPEN,
        reviews__decisions__member=actor.user_id,
        reviews__decisions__result="",
    )


def committee(actor: Actor) -> QuerySet[User]:
    """Whom the author of a proposal may ask."""
    roles = (Role.ADMINISTRATOR, Role.MANAGER, Role.SERVICE_LEVEL_MANAGER)
    people = User.objects.filter(is_active=True, grants__role__in=roles).exclude(pk=actor.user_id)
    return people.distinct().order_by("display_name", "pk")


def staff() -> QuerySet[User]:
    """Who may own a service."""
    rows = User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()
    return rows.order_by("display_name", "pk")


@dataclass(frozen=True)
class Use:
    """Something that names a service: what kind of thing, its name, and its page if there is one."""

    kind: str
    name: str
    url: str = ""


Uses = Callable[[Service, Actor, datetime], Sequence[Use]]
USES: list[Uses] = []
"""Who knows of uses of a service. Apps above register theirs in AppConfig.ready()."""


def uses(service: Service, actor: Actor, now: datetime) -> list[Use]:
    """What names the service, as far as the actor may know it."""
    return [use for known in USES for use in known(service, actor, now)]
