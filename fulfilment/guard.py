"""Whom the agents' pages are for, and what their answers have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from records.pages import agent_of

View = Callable[..., HttpResponse]
UNPROCESSABLE, CONFLICT = 422, 409


def desk_only(view: View) -> View:
    """These pages are for the provider's staff."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        agent_of(request)
        return view(request, *args, **kwargs)

    return login_required(guarded)
