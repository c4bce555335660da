"""Who asks: a token of a program or person, or the session of a browser (with CSRF)."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.crypto import hash_token
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import access
from accounts.models import Token, User

REALM = "itsm"


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``. Only the token's hash is known here, so it is looked up by that."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _space, text = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = token_of(text.strip())
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is not valid, or no longer."))
        if not token.user.is_active:
            raise exceptions.AuthenticationFailed(_("This account is not active."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'Bearer realm="{REALM}"'


def token_of(text: bytes) -> Token | None:
    """The valid token of this text; None where there is none, or no longer."""
    if not text.isascii() or not text or len(text) > 200:
        return None
    found: Token | None = (
        Token.objects.select_related("user__organisation").filter(digest=hash_token(text.decode())).first()
    )
    if found is None or (found.expiry is not None and found.expiry <= timezone.now()):
        return None
    return found


class MayUseApi(BasePermission):
    """A role that may come in by program; and a token that may only read does not write.

    A view whose POST changes nothing says so with ``post_is_safe``.
    """

    message = gettext_lazy("This account or token may not do that.")

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            return False
        if not access.may(request.user.actor, "api"):
            return False
        reads = request.method in SAFE_METHODS or (request.method == "POST" and view.post_is_safe)
        if isinstance(request.auth, Token) and request.auth.scope == Token.Scope.READ and not reads:
            raise exceptions.PermissionDenied(_("This token may only read. Use one with the scope “write”."))
        return True


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token in the OpenAPI document."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "`manage.py api_token USERNAME` makes one.",
        }
