"""Who may do what, by the one pure table of role x action. No row is read here and no clock is asked.

Every writer calls :func:`require` before it changes anything; the system itself is an actor too.
Whether a record may be *seen* is decided by ``Record.objects.visible_to(actor)``; the table decides
what may be *done* with a record that was seen.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from accounts.permissions import RULES
from accounts.roles import DESK_ROLES, NARROW_ROLES, STAFF_ROLES, Reach, Role

__all__ = [
    "DESK_ROLES", "NARROW_ROLES", "RULES", "STAFF_ROLES", "Actor", "Denied", "Origin", "Reach", "Role",
    "Subject", "may", "require",
]  # fmt: skip


class Origin(StrEnum):
    """Through which door an act came in; kept on every Activity."""

    WEB = "web"
    PORTAL = "portal"
    API = "api"
    SYSTEM = "system"
    IMPORT = "import"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, as a value.

    ``scope`` holds the ids of the organisations whose records the desk-side roles cover; None means all.
    """

    user_id: int
    name: str
    roles: frozenset[str]
    organisation_id: int | None = None
    scope: frozenset[int] | None = frozenset()
    team_ids: frozenset[int] = field(default_factory=frozenset)
    origin: Origin = Origin.WEB

    def has(self, *roles: str) -> bool:
        """True when the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_staff_side(self) -> bool:
        """Works on the provider's side, in the browser."""
        return not self.roles.isdisjoint(STAFF_ROLES)

    @property
    def is_desk_side(self) -> bool:
        """Sees internal notes: staff, integrations and the system."""
        return not self.roles.isdisjoint(DESK_ROLES)

    def via(self, origin: Origin) -> "Actor":
        """The same actor coming in through another door."""
        return replace(self, origin=origin)


class Subject(Protocol):
    """What the table needs to know of a record."""

    @property
    def customer_id(self) -> int: ...
    @property
    def requester_id(self) -> int: ...


class Denied(Exception):
    """The actor may not do this. Carries the action for the message and the log."""

    def __init__(self, actor: Actor, action: str) -> None:
        super().__init__(f"{actor.name} may not {action}")
        self.actor = actor
        self.action = action


def _reaches(actor: Actor, reach: Reach, record: Subject | None) -> bool:
    if reach is Reach.ANYTHING:
        return True
    if reach is Reach.EVERYWHERE:
        return actor.scope is None
    if record is None:
        return False
    if reach is Reach.SCOPE:
        return actor.scope is None or record.customer_id in actor.scope
    if record.customer_id != actor.organisation_id:
        return False
    return reach is Reach.ORGANISATION or record.requester_id == actor.user_id


def may(actor: Actor, action: str, record: Subject | None = None) -> bool:
    """True when one of the actor's roles allows ``action`` on ``record``.

    ``action`` is a key of :data:`RULES`; a process prefix is cut off ("incident.resolve" asks "resolve").
    An unknown action raises KeyError: a permission nobody wrote down is a mistake, not a refusal.
    """
    rules = RULES[action.rpartition(".")[2]]
    return any(role in actor.roles and _reaches(actor, reach, record) for role, reach in rules.items())


def require(actor: Actor, action: str, record: Subject | None = None) -> None:
    """Raise :class:`Denied` unless :func:`may`."""
    if not may(actor, action, record):
        raise Denied(actor, action)
