"""The roles there are, and which records a role's permission covers. PURE."""

from enum import StrEnum


class Role(StrEnum):
    """What a person or program is here to do. One user may hold several."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    SERVICE_LEVEL_MANAGER = "service_level_manager"
    AGENT = "agent"
    CUSTOMER = "customer"
    CUSTOMER_MANAGER = "customer_manager"
    SUPPLIER = "supplier"
    INTEGRATION = "integration"
    SYSTEM = "system"


class Reach(StrEnum):
    """Which records a role's permission covers."""

    SCOPE = "scope"  # every organisation the role was granted for
    OWN = "own"  # records whose requester the actor is
    ORGANISATION = "organisation"  # records of the actor's own organisation
    ANYTHING = "anything"  # acts that concern no record
    EVERYWHERE = "everywhere"  # the same, for those whose roles are limited to no organisation


STAFF_ROLES = frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.SERVICE_LEVEL_MANAGER, Role.AGENT})
DESK_ROLES = STAFF_ROLES | {Role.INTEGRATION, Role.SYSTEM}
# Whoever has one of these has nothing else, whatever else was given, and only the pages of records.narrow.
NARROW_ROLES = frozenset({Role.SUPPLIER})
