"""Verbs on people: the system's own account, deactivation, tokens."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts.access import Actor, Origin, Role, require
from accounts.models import SYSTEM_USERNAME, Grant, Organisation, Token, User


def system_actor() -> Actor:
    """The system as an actor; its account is made by the first migration."""
    user = User.objects.prefetch_related("grants", "memberships").get(username=SYSTEM_USERNAME)
    return user.actor.via(Origin.SYSTEM)


def system_after(actor: Actor) -> Actor:
    """The system doing what follows from an act of ``actor``: silent like an import if that is one."""
    system = system_actor()
    return system.via(Origin.IMPORT) if actor.origin == Origin.IMPORT else system


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


def reactivate(user: User, *, actor: Actor) -> None:
    """Let a deactivated user log in again. Tokens are gone for good and are issued anew."""
    require(actor, "administer")
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def make_administrator(username: str, *, name: str, email: str, password: str) -> tuple[User, bool]:
    """Give the administrator's role, creating the person where there is none. Answers (user, is new).

    Meant for the first one, from the command line; an existing person keeps the password.
    """
    user = User.objects.filter(username__iexact=username).first()
    is_new = user is None
    if user is None:
        provider = Organisation.objects.get(code="provider")
        user = User(username=username, display_name=name or username, email=email, organisation=provider)
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        user.save()
    Grant.objects.get_or_create(user=user, role=Role.ADMINISTRATOR, organisation=None)
    return user, is_new
