"""Panels other apps show beside a ticket: registered from below by whoever has something to say about it.

A ticket's pages know no app but their own. An app that keeps something about any ticket (an appointment, an
article that was used, a survey's answer) registers a panel, and the agents' page, the customers' page, or
both show it. Most panels have nothing to say about most tickets: a panel that can tell so by rows that must
exist gives them as its ``probe``, and one query asks for all panels of a page which of them to read.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.access import Actor
from records.kinds import TICKETS

if TYPE_CHECKING:
    from records.models import Record


# panels whose name begins so stand above the ticket instead of beside it
BANNER = "banner."


class Side(StrEnum):
    """Whose page it is."""

    DESK = "desk"
    PORTAL = "portal"


Content = Mapping[str, Any]


@dataclass(frozen=True)
class Panel:
    """One panel.

    ``template`` is a fragment with its own ``section.panel``; it reads ``record``, ``panel`` (what
    ``content`` returned) and ``csrf_token``. ``content(record, actor, now=)`` returns None to stay away;
    it asks at most two queries and begins from what the actor may see.

    ``probe(record, actor, now=)``, where given, says beforehand whether ``content`` is worth calling: True or
    False, or the rows of which one must exist; several sets of rows where one of any will do (each is asked
    for by its own index, which one set with "or" in it would not be). Rows are never read, only asked for.
    """

    name: str
    order: int  # lower stands higher
    template: str
    content: "Callable[..., Content | None]"
    side: Side = Side.DESK
    kinds: frozenset[str] = frozenset(TICKETS)
    probe: "Callable[..., QuerySet[Any] | Sequence[QuerySet[Any]] | bool] | None" = None


_PANELS: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Make a panel known. Called from AppConfig.ready(); safe to repeat. ValueError for a name taken."""
    known = _PANELS.setdefault(panel.name, panel)
    if known.template != panel.template:
        raise ValueError(f"two panels are named {panel.name}")


def beside(record: "Record", actor: Actor, *, now: datetime, side: Side) -> dict[str, list[dict[str, Any]]]:
    """The panels of a ticket's page as its template reads them: ``banners`` above, ``panels`` beside it."""
    found = panels_of(record, actor, now=now, side=side)
    is_banner = [panel["name"].startswith(BANNER) for panel in found]
    return {
        "banners": [panel for panel, stands_above in zip(found, is_banner, strict=True) if stands_above],
        "panels": [panel for panel, stands_above in zip(found, is_banner, strict=True) if not stands_above],
    }


def panels_of(record: "Record", actor: Actor, *, now: datetime, side: Side) -> list[dict[str, Any]]:
    """The panels that have something to show, in order, each with its template and what it reads."""
    fitting = [p for p in _PANELS.values() if p.side is side and record.kind in p.kinds]
    worth = _worth_reading(fitting, record, actor, now)
    shown = []
    for panel in sorted(worth, key=lambda p: (p.order, p.name)):
        content = panel.content(record, actor, now=now)
        if content is not None:
            shown.append({"name": panel.name, "template": panel.template, "content": content})
    return shown


def _worth_reading(panels: list[Panel], record: "Record", actor: Actor, now: datetime) -> list[Panel]:
    """Those without a probe, and those whose probe says or finds something; one query for all probes."""
    worth: list[Panel] = []
    asked: list[Panel] = []
    parts: list[str] = []
    params: list[Any] = []
    for panel in panels:
        answer = True if panel.probe is None else panel.probe(record, actor, now=now)
        if isinstance(answer, bool):
            worth += [panel] if answer else []
            continue
        questions = []
        for rows in [answer] if isinstance(answer, QuerySet) else answer:
            with suppress(EmptyResultSet):
                sql, values = rows.order_by().values("pk")[:1].query.sql_with_params()
                questions.append(f"EXISTS ({sql})")
                params += values
        if questions:
            asked.append(panel)
            parts.append(" OR ".join(questions))
    if asked:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)  # Django's own SQL
            found = cursor.fetchone()
        worth += [panel for panel, is_there in zip(asked, found, strict=True) if is_there]
    return worth
