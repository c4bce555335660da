"""What the views of records have in common: who asks, when, and the page around a page."""

from django.urls import reverse

from accounts.access import Actor
from accounts.pages import actor_for, actor_of, agent_of, now_utc
from records.kinds import process_of
from records.models import Record

__all__ = ["actor_for", "actor_of", "agent_of", "frame_of", "now_utc", "url_of"]


def frame_of(actor: Actor) -> str:
    """The page around a page that both sides use."""
    return "base.html" if actor.is_desk_side else "portal_base.html"


def url_of(record: Record, actor: Actor) -> str:
    if actor.is_desk_side:
        return record.get_absolute_url()
    return reverse(process_of(record.kind).customer_url, args=[record.number])
