"""Who and what an actor may know of people: every list, lookup and reference starts here."""

from django.db.models import Prefetch, Q, QuerySet

from accounts.access import Actor, Role, may
from accounts.models import Membership, Organisation, Team, User


def organisations(actor: Actor) -> QuerySet[Organisation]:
    """The desk side: those it covers, and its own. Customers: their own."""
    if actor.is_desk_side and actor.scope is None:
        return Organisation.objects.all()
    own = Q(pk=actor.organisation_id)
    return Organisation.objects.filter(
        own | Q(pk__in=actor.scope) if actor.is_desk_side and actor.scope else own
    )


def customers(actor: Actor) -> QuerySet[Organisation]:
    """Organisations for which the actor may name one on a record."""
    return organisations(actor).filter(kind=Organisation.Kind.CUSTOMER, is_active=True)


def people(actor: Actor) -> QuerySet[User]:
    """Whose entry the actor may read: covered organisations, one's own organisation, or only oneself."""
    users = User.objects.exclude(grants__role=Role.SYSTEM)
    if actor.is_desk_side or actor.has(Role.CUSTOMER_MANAGER):
        return users.filter(organisation__in=organisations(actor))
    return users.filter(pk=actor.user_id)


def colleagues(actor: Actor) -> QuerySet[User]:
    """Active people the actor may name as requester or reporter: customers, anyone of their organisation."""
    return User.objects.filter(organisation__in=organisations(actor), is_active=True)


def everybody(actor: Actor) -> QuerySet[User]:
    """Whom a list may be filtered by, deactivated people too."""
    return User.objects.filter(organisation__in=organisations(actor))


def teams(actor: Actor) -> QuerySet[Team]:
    """Teams are the provider's own affair."""
    return Team.objects.all() if may(actor, "directory") else Team.objects.none()


def with_members(rows: QuerySet[Team]) -> QuerySet[Team]:
    """Teams with their members loaded."""
    memberships = Membership.objects.select_related("user").order_by("user__display_name", "pk")
    return rows.prefetch_related(Prefetch("memberships", memberships))


def assignees(actor: Actor) -> QuerySet[User]:
    """Active people of the provider, to whom work is given."""
    if not may(actor, "directory"):
        return User.objects.none()
    return User.objects.filter(organisation__kind=Organisation.Kind.PROVIDER, is_active=True).exclude(
        grants__role=Role.SYSTEM
    )
