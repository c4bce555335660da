"""One box finds everything a customer may read: articles, entries to order, own tickets, announcements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

import announcements.queries
from accounts.access import Actor
from knowledge import found as articles
from knowledge import show, using
from portal import orders, queries
from records import search

FOUND = 30
QUICK = 3  # of each kind while somebody types
SHORTEST = 2  # characters from which something is looked for


@dataclass(frozen=True)
class Hit:
    """One line of the quick answers."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind; ``icon`` stands before each line."""

    title: str
    icon: str
    hits: list[Hit]


def clean(text: str) -> str:
    return " ".join(text.replace("\0", "").split())[:200]


def told(actor: Actor, text: str) -> "QuerySet[Any]":
    """The announcements the customer was told that hold the words, the newest first."""
    rows: Any = announcements.queries.shown_to(actor)
    found: Any = search.find(rows, text, actor=actor)
    return found.order_by("-published_at", "-pk")  # type: ignore[no-any-return]


def everything(actor: Actor, text: str, *, now: datetime) -> dict[str, Any]:
    """What templates/portal/search.html shows; without words nothing.

    The question itself is kept (knowledge.using), so that articles that are missing can be written.
    """
    if not text:
        return {"articles": [], "offerings": [], "lines": [], "services": [], "announcements": []}
    matches = using.search(text, actor=actor, now=now)[:FOUND]
    return {
        "articles": [show.brief(row, actor) for row in articles.rows_of(matches)],
        "offerings": orders.cards(actor, text)[:FOUND],
        "lines": queries.lines(queries.find_tickets(actor, text), actor=actor, now=now),
        "services": queries.find_services(text),
        "announcements": list(told(actor, text)[:FOUND]),
    }


def quickly(actor: Actor, text: str) -> list[Group]:
    """The best few of each kind while somebody types; kinds without any are left out."""
    if len(text) < SHORTEST:
        return []
    best = articles.rows_of(articles.matching(text, actor=actor)[:QUICK])
    groups = (
        Group(_("Articles"), "book", [_article(show.brief(row, actor)) for row in best]),
        Group(_("To order"), "clipboard-list", [_offering(c) for c in orders.cards(actor, text)[:QUICK]]),
        Group(_("Requests"), "list-check", _tickets(queries.find_tickets(actor, text)[:QUICK])),
        Group(_("Announcements"), "news", _announcements(told(actor, text)[:QUICK])),
    )
    return [group for group in groups if group.hits]


def _article(row: dict[str, Any]) -> Hit:
    return Hit(row["title"], row["url"], row["genre"])


def _offering(card: orders.Card) -> Hit:
    return Hit(card.name, reverse("portal:offering", args=[card.offering.code]), card.price)


def _tickets(rows: Iterable[Any]) -> list[Hit]:
    return [Hit(row.title, reverse("portal:detail", args=[row.number]), row.number) for row in rows]


def _announcements(rows: Iterable[Any]) -> list[Hit]:
    return [Hit(row.told.title, reverse("announcements:portal", args=[row.number])) for row in rows]


def helpful(actor: Actor, text: str) -> list[dict[str, Any]]:
    """Articles that may answer what is being written; nothing for a few characters."""
    words = clean(text)[: articles.LONGEST]
    if len(words) < SHORTEST + 1:
        return []
    matches = articles.suggested(words, actor=actor, limit=QUICK)
    return [show.brief(row, actor) for row in articles.rows_of(matches)]
