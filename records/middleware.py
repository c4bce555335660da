"""What a verb refuses becomes a page in words: 403 not allowed, 409 not possible now, 409 somebody was first.

The API answers the same exceptions itself, as problem details; here they belong to pages only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts.access import Actor, Denied, may
from accounts.pages import actor_of
from records import narrow
from records.kinds import processes
from records.lifecycle import IllegalMove
from records.services import Stale
from records.verbs import sentence


class RefusalMiddleware:
    """Answers Denied, IllegalMove and Stale wherever a page let them through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Who has a narrow role gets no page but those on its list, however new the page is."""
        return None if narrow.may_open(request) else render(request, "errors/403.html", status=403)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        if isinstance(exception, Denied):
            return _denied(request, exception)
        if isinstance(exception, IllegalMove):
            return _page(
                request, "errors/409.html", {"legal": _words(exception.legal), "url": _back(request)}
            )
        if isinstance(exception, Stale):
            context = {"changes": changes_of(exception, actor_of(request)), "url": _back(request)}
            return _page(request, "errors/412.html", context)
        return None


def _denied(request: HttpRequest, denied: Denied) -> HttpResponse:
    """Strangers are asked to log in, customers at the desk's door shown to the portal, the rest refused."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if denied.action == "desk" and request.method == "GET" and may(actor_of(request), "portal"):
        return redirect("portal:home")
    return render(request, "errors/403.html", status=403)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=409)


def _words(moves: tuple[str, ...]) -> list[str]:
    """The buttons' words for moves; processes that share a move call it the same."""
    named: dict[str, Any] = {}
    for process in processes():
        named.update(process.moves)
    return [str(named.get(move, move)) for move in moves]


def _back(request: HttpRequest) -> str:
    """The record's page an act was posted to: its own address without the act."""
    head, _slash, _act = request.path.rstrip("/").rpartition("/")
    return f"{head}/" if head else "/"


def changes_of(stale: Stale, actor: Actor) -> list[dict[str, Any]]:
    """What the reader may know of what happened meanwhile, as components/stale_notice.html reads it."""
    return [
        {"actor": activity.actor.name, "words": sentence(activity.verb, activity.data), "at": activity.at}
        for activity in stale.since_for(actor)
    ]
