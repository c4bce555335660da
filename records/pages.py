"""What the views of records have in common: who asks, when, and the page around a page."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import access
from accounts.access import Actor
from records.kinds import process_of
from records.models import Record


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def agent_of(request: HttpRequest) -> Actor:
    """The actor, if he works at the desk; else Denied, which shows customers to their portal."""
    actor = actor_of(request)
    access.require(actor, "desk")
    return actor


def now_utc() -> datetime:
    return timezone.now().replace(microsecond=0)


def frame_of(actor: Actor) -> str:
    """The page around a page that both sides use."""
    return "base.html" if actor.is_desk_side else "portal_base.html"


def url_of(record: Record, actor: Actor) -> str:
    if actor.is_desk_side:
        return record.get_absolute_url()
    return reverse(process_of(record.kind).customer_url, args=[record.number])
