"""The few pages for those with a narrow role: everything else is closed to them before it is asked."""

from django.http import HttpRequest

from accounts.access import NARROW_ROLES
from accounts.pages import actor_of

NAMESPACES = frozenset({"supplier"})
"""Apps' pages made for them."""

PAGES = frozenset(
    {
        "healthz",
        "set_language",
        "javascript-catalog",
        "accounts:login",
        "accounts:logout",
        "accounts:password",
        "accounts:password_done",
        "accounts:preferences",
        "records:home",
    }
)
"""Pages about oneself, and the door."""


def may_open(request: HttpRequest) -> bool:
    """Whether the actor may open this address at all; True for who has no narrow role.

    The API says so itself (the permission "api"), to programs with a token too.
    """
    if request.path.startswith("/api/") or actor_of(request).roles.isdisjoint(NARROW_ROLES):
        return True
    match = request.resolver_match
    return match is not None and (match.namespace in NAMESPACES or match.view_name in PAGES)
