"""Lists that can be had as files: registered by the app that shows them, with the query its page asks.

What a file holds is decided by the function the page itself uses, at the time the file is made and with the
rights its asker has then: there is no second way of filtering.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from accounts.access import Actor, may
from exports.columns import Column

Rows = QuerySet[Any] | Sequence[Any]
# of an address: parameters that say where in the list somebody stands, not what is in it
PLACES = frozenset({"page", "after", "before", "cursor"})


def words_of(query: QueryDict) -> dict[str, str]:
    """What an address says, each parameter once: its last word counts, as for pages."""
    return {name: str(query.get(name, "")) for name in query}


def _as_it_is(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


def _nothing(rows: Sequence[Any], actor: Actor, now: datetime) -> None:
    pass


@dataclass(frozen=True)
class Source:
    """A list as it can be exported.

    ``rows(actor, query, now)``: the rows of the list's page at an address with this query, in its order, for
    this actor; a queryset (of whole model rows with a numeric key), or, for a list that is computed, a
    sequence. It may raise Denied, Http404 or ValidationError. ``columns``: the columns, or a function of
    (actor, query). ``permission``: an action of accounts.access, asked without a record, in addition.
    ``read`` adds select_related and prefetch_related to a queryset. ``attach(chunk, actor, now)`` reads what
    many rows need in few queries and puts it on them; a column's value may run no query.
    ``page``: the URL name of the list, or a function of the query that gives its address.
    """

    name: str
    label: Any
    columns: Sequence[Column] | Callable[[Actor, QueryDict], Sequence[Column]]
    rows: Callable[[Actor, QueryDict, datetime], Rows]
    permission: str = ""
    read: Callable[[QuerySet[Any]], QuerySet[Any]] = _as_it_is
    attach: Callable[[Sequence[Any], Actor, datetime], None] = _nothing
    page: str | Callable[[QueryDict], str] = ""
    keep: frozenset[str] = field(default=frozenset())  # of PLACES, those that mean something here

    def columns_for(self, actor: Actor, query: QueryDict) -> list[Column]:
        return list(self.columns(actor, query) if callable(self.columns) else self.columns)

    def may(self, actor: Actor) -> bool:
        """Whether the actor may export anything, and from this list."""
        return may(actor, "export") and (not self.permission or may(actor, self.permission))

    def query_of(self, params: QueryDict, fixed: Mapping[str, Any] | None = None) -> str:
        """What of an address says what is in the list, as text; ``fixed`` are parts the path says."""
        kept = params.copy()
        for name in PLACES - self.keep:
            kept.pop(name, None)
        for name, value in (fixed or {}).items():
            kept[name] = str(value)
        return kept.urlencode()

    def address(self, query: QueryDict) -> str:
        """Where the list itself is; empty where it has no page."""
        if callable(self.page):
            return self.page(query)
        if not self.page:
            return ""
        try:
            found = reverse(self.page)
        except NoReverseMatch:
            return ""
        return f"{found}?{query.urlencode()}" if query else found


_SOURCES: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Make lists exportable. Called from AppConfig.ready(); safe to repeat."""
    _SOURCES.update({source.name: source for source in sources})


def get(name: str) -> Source | None:
    """The source of this name; None where no app has registered one."""
    return _SOURCES.get(name)


def known() -> list[Source]:
    """All sources, by name."""
    return [_SOURCES[name] for name in sorted(_SOURCES)]


def offered_to(actor: Actor) -> list[Source]:
    """The sources an actor may export from."""
    return [source for source in known() if source.may(actor)]
