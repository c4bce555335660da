"""What the views of records have in common: who asks, when, and the page around a page."""

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.pages import actor_for, actor_of, add_errors, agent_of, now_utc, reader_of
from records.kinds import process_of
from records.models import Record
from records.services import get_record

__all__ = [
    "actor_for",
    "actor_of",
    "add_errors",
    "agent_of",
    "frame_of",
    "get_one",
    "now_utc",
    "paged",
    "reader_of",
    "url_of",
]

R = TypeVar("R", bound=Record)


def get_one(model: type[R], actor: Actor, number: str) -> R:
    """The record if it is of this process; a number of another one is 404, as what is invisible is."""
    record = get_record(actor, number)
    if not isinstance(record, model):
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return record


def paged(request: HttpRequest, rows: "QuerySet[Any]", size: int) -> tuple[Page[Any], str]:
    """The page the address asks for, and the rest of the address, for the links to the others."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return Paginator(rows, size).get_page(request.GET.get("page")), kept.urlencode()


def frame_of(actor: Actor) -> str:
    """The page around a page that both sides use."""
    return "base.html" if actor.is_desk_side else "portal_base.html"


def url_of(record: Record, actor: Actor) -> str:
    if actor.is_desk_side:
        return record.get_absolute_url()
    return reverse(process_of(record.kind).customer_url, args=[record.number])
