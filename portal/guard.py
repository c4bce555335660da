"""Who a page of the portal is for, and who asks for it."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access import may, require
from accounts.models import User
from records.pages import actor_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def customer_page(view: View[P]) -> View[P]:
    """Only for customers. The provider's staff are shown to their own page of the same thing."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = actor_of(request)
        if not may(actor, "portal") and actor.is_staff_side:
            number = kwargs.get("number")
            return redirect("records:go", number) if number else redirect("records:queue")
        require(actor, "portal")
        return view(request, *args, **kwargs)

    logged_in: View[P] = login_required(guarded)
    return logged_in


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - every page here asks for a login
    return request.user
