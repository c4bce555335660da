"""Verbs on people: the system's own account, deactivation, tokens."""

from datetime import timedelta

from django.db import transaction

from accounts.access import Actor, Origin, require
from accounts.models import Token, User

SYSTEM_USERNAME = "system"


def system_actor() -> Actor:
    """The system as an actor; its account is made by the first migration."""
    user = User.objects.prefetch_related("grants", "memberships").get(username=SYSTEM_USERNAME)
    return user.actor.via(Origin.SYSTEM)


@transaction.atomic
def deactivate(user: User, *, actor: Actor) -> None:
    """Cut a user off at once: no login, no open session, no token. Nothing of theirs is deleted.

    Open sessions end with their next request: the login backend knows no inactive user.
    """
    require(actor, "administer")
    user.is_active = False
    user.save(update_fields=["is_active"])
    Token.objects.filter(user=user).delete()


def issue_token(user: User, *, name: str, scope: str, lifetime: timedelta | None) -> str:
    """Create a token and return its text, which is shown this one time."""
    _token, text = Token.objects.create(user=user, expiry=lifetime, name=name, scope=scope)
    return str(text)
