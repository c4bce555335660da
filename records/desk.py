"""A queue as a URL asks for it: its rows, its place, and the addresses of its neighbours. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import TooManyFieldsSent
from django.http import Http404, QueryDict
from django.urls import reverse

from accounts.access import Actor
from records import columns, filters, queues, saved
from records.columns import Column
from records.models import DeskSetting, SavedView
from records.queues import VIEWS, Row, View

MOST_REFERENCE = 1500  # characters of the address a ticket was opened from


@dataclass(frozen=True)
class Desk:
    """A queue as a URL asks for it: a named or saved view, filters, a sort, columns, and a place in it.

    ``columns`` are what the URL names, empty where it names none. ``is_missing``: it asked for a saved view
    that the reader has not (any more).
    """

    actor: Actor
    now: datetime
    setting: DeskSetting
    views: list[SavedView]
    view: View
    own: SavedView | None
    values: dict[str, list[str]]
    sort: str
    columns: list[str]
    after: str
    before: str
    is_missing: bool = False
    stored: saved.Content | None = field(default=None, repr=False)

    @classmethod
    def asked(cls, params: QueryDict, actor: Actor, now: datetime) -> "Desk":
        """What the parameters ask for; an unknown view or sort is the reader's usual one."""
        setting = saved.setting_of(actor)
        views = saved.listed(actor, setting)
        key = params.get("view", "") or setting.start
        view, own = _view_of(key, views, actor)
        stored = saved.content_of(own) if own else None
        values = filters.values_of(params)
        if stored and not values and "edited" not in params:
            values = stored.filters
        sort = params.get("sort", "") or (stored.sort if stored else "")
        return cls(
            actor=actor,
            now=now,
            setting=setting,
            views=views,
            view=view,
            own=own,
            values=values,
            sort=sort if sort.removeprefix("-") in view.sorts else view.sort,
            columns=[key for key in params.getlist("columns")[:50] if key in columns.known()],
            after=params.get("after", "")[:300],
            before=params.get("before", "")[:300],
            is_missing=own is None and saved.id_of(params.get("view", "")) is not None,
            stored=stored,
        )

    @classmethod
    def from_reference(cls, reference: str, actor: Actor, now: datetime) -> "Desk":
        """The queue a ticket was opened from: only what :meth:`asked` understands gets through."""
        try:
            params = QueryDict(reference[:MOST_REFERENCE])
        except TooManyFieldsSent:
            params = QueryDict()
        return cls.asked(params, actor, now)

    # --- rows --------------------------------------------------------------------------------

    @cached_property
    def filter(self) -> filters.QueueFilter:
        everything = queues.records_in(self.view, self.actor, self.now)
        return filters.filter_of(self.values, everything, actor=self.actor, now=self.now)

    @property
    def bad_filters(self) -> list[str]:
        """The fields whose value cannot be one, by name."""
        return [str(self.filter.filters[name].label) for name in self.filter.form.errors]

    @cached_property
    def records(self) -> queues.Rows:
        """The records asked for. A filter that makes no sense finds nothing rather than everything."""
        rows: queues.Rows = self.filter.qs if not self.filter.form.errors else self.filter.queryset.none()
        return rows

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns: the URL's, else the saved view's, else the person's, else the usual ones."""
        return columns.chosen(self.columns or self._usual_columns)

    @property
    def _usual_columns(self) -> Sequence[str]:
        return (self.stored.columns if self.stored else []) or self.setting.columns

    @property
    def usual_sort(self) -> str:
        return self.stored.sort if self.stored else self.view.sort

    @property
    def key(self) -> str:
        return self.own.key if self.own else self.view.key

    @property
    def is_edited(self) -> bool:
        """A saved view is shown with something else than what is stored."""
        if self.stored is None:
            return False
        has_columns = bool(self.columns) and self.columns != self.stored.columns
        return self.values != self.stored.filters or self.sort != self.stored.sort or has_columns

    # --- URLs --------------------------------------------------------------------------------

    def _params(self, **over: Any) -> list[tuple[str, str]]:
        params = [("view", self.key)]
        values = over.get("values", self.values)
        if self.stored is None or values != self.stored.filters:
            params += [(name, value) for name, own in values.items() for value in own]
            if self.stored is not None:
                params.append(("edited", "1"))
        sort = over.get("sort", self.sort)
        if sort != self.usual_sort and sort.removeprefix("-") in self.view.sorts:
            params.append(("sort", sort))
        params += [("columns", key) for key in over.get("columns", self.columns)]
        params += [(name, over[name]) for name in ("after", "before") if over.get(name)]
        return params

    def url(self, **over: Any) -> str:
        """The address of this queue with something else: values, sort, columns, after or before."""
        return f"{reverse('records:queue')}?{urlencode(self._params(**over))}"

    @property
    def here(self) -> str:
        return self.url(after=self.after, before=self.before)

    @property
    def reference(self) -> str:
        """What a ticket's address carries of this queue; empty where it would be too long."""
        text = urlencode(self._params())
        return text if len(text) <= MOST_REFERENCE else urlencode([("view", self.key)])

    def changes_url(self, rows: Iterable[Row]) -> str:
        """Where to ask what changed since this page was read."""
        params = self._params(after=self.after, before=self.before)
        params.append(("since", self.now.isoformat()))
        params.append(("shown", ",".join(str(row.record.pk) for row in rows)))
        return f"{reverse('records:changes')}?{urlencode(params)}"


def _view_of(key: str, views: Sequence[SavedView], actor: Actor) -> tuple[View, SavedView | None]:
    """The base view and the saved one a key names; the usual view where it names none of the reader's."""
    usual = VIEWS[queues.default_view(actor)]
    pk = saved.id_of(key)
    if pk is None:
        return VIEWS.get(key, usual), None
    own = next((view for view in views if view.pk == pk), None)
    try:
        own = own or saved.get(actor, pk)
    except Http404:
        return usual, None
    return VIEWS.get(own.base, VIEWS["all"]), own
