"""Every request gets its actor, and is answered in its reader's language and time zone."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from accounts.access import Actor, Origin
from accounts.models import User

NOBODY = Actor(user_id=0, name="", roles=frozenset())


class ActorMiddleware:
    """Sets ``request.actor``; a user's own language and zone win over those of the browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _who(request))  # type: ignore[attr-defined]
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
            if user.language in dict(settings.LANGUAGES):
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language() or user.language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response


def _who(request: HttpRequest) -> Actor:
    """Who asks, and through which door. Nobody may do nothing."""
    user = request.user
    if not isinstance(user, User):
        return NOBODY
    if request.path.startswith("/portal/"):
        return user.actor.via(Origin.PORTAL)
    return user.actor.via(Origin.API) if request.path.startswith("/api/") else user.actor
