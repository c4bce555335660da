"""What every page asks first, who is it, may he, and what time is it; and where it says what was refused."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts import access
from accounts.access import Actor


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, as ActorMiddleware found out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def actor_for(request: HttpRequest, *actions: str) -> Actor:
    """The actor, if he may do all of this at all; else Denied."""
    actor = actor_of(request)
    for action in actions:
        access.require(actor, action)
    return actor


def agent_of(request: HttpRequest) -> Actor:
    """The actor, if he works at the desk; else Denied, which shows customers to their portal."""
    return actor_for(request, "desk")


def reader_of(request: HttpRequest) -> Actor:
    """The actor of a page made for customers, which the staff may look at as well; else Denied."""
    actor = actor_of(request)
    return actor if actor.is_staff_side else actor_for(request, "portal")


def now_utc() -> datetime:
    """This second: what happens is recorded to the second."""
    return timezone.now().replace(microsecond=0)


def add_errors(form: forms.BaseForm, refused: ValidationError) -> None:
    """Put what a verb refused at its field, or above the form where there is no such field."""
    for field, errors in refused.message_dict.items():
        for words in errors:
            form.add_error(field if field in form.fields else None, words)
