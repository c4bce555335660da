"""The queue page: what its URL asks for, and everything its template shows. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Team
from records import filters, queues
from records.queues import VIEWS, Row, View

# (css, sort key, the direction of the first click)
COLUMNS = (
    ("col-number", "opened", "-"),
    ("col-title", "", ""),
    ("col-sla", "due", ""),
    ("col-priority", "priority", ""),
    ("col-state", "", ""),
    ("col-who", "", ""),
    ("col-updated", "updated", "-"),
)


@dataclass(frozen=True)
class Desk:
    """A queue as a URL asks for it: a named view, filters, a sort, and a place in it."""

    actor: Actor
    now: datetime
    view: View
    values: dict[str, list[str]]
    sort: str
    after: str
    before: str

    @classmethod
    def asked(cls, params: QueryDict, actor: Actor, now: datetime) -> "Desk":
        """What the parameters ask for; an unknown view or sort is the default one."""
        view = VIEWS.get(params.get("view", ""), VIEWS[queues.default_view(actor)])
        sort = params.get("sort", "")
        return cls(
            actor=actor,
            now=now,
            view=view,
            values=filters.values_of(params),
            sort=sort if sort.removeprefix("-") in view.sorts else view.sort,
            after=params.get("after", "")[:300],
            before=params.get("before", "")[:300],
        )

    # --- rows --------------------------------------------------------------------------------

    @cached_property
    def _filter(self) -> filters.QueueFilter:
        data = QueryDict(mutable=True)
        for name, values in self.values.items():
            data.setlist(name, values)
        everything = queues.records_in(self.view, self.actor, self.now)
        return filters.QueueFilter(data, queryset=everything, actor=self.actor)

    @property
    def bad_filters(self) -> list[str]:
        """The fields whose value cannot be one, by name."""
        return [str(self._filter.filters[name].label) for name in self._filter.form.errors]

    @property
    def records(self) -> queues.Rows:
        """The records asked for. A filter that makes no sense finds nothing rather than everything."""
        rows: queues.Rows = self._filter.qs
        return rows.none() if self.bad_filters else rows

    # --- URLs --------------------------------------------------------------------------------

    def _params(self, **over: Any) -> list[tuple[str, str]]:
        params = [("view", over.get("view", self.view.key))]
        values = over.get("values", self.values)
        params += [(name, value) for name, own in values.items() for value in own]
        sort = over.get("sort", self.sort)
        if sort != VIEWS[params[0][1]].sort and sort.removeprefix("-") in VIEWS[params[0][1]].sorts:
            params.append(("sort", sort))
        params += [(name, over[name]) for name in ("after", "before") if over.get(name)]
        return params

    def url(self, **over: Any) -> str:
        """The address of this queue with something else: view, values, sort, after or before."""
        return f"{reverse('records:queue')}?{urlencode(self._params(**over))}"

    @property
    def here(self) -> str:
        return self.url(after=self.after, before=self.before)

    def changes_url(self, rows: Iterable[Row]) -> str:
        """Where to ask what changed since this page was read."""
        params = [*self._params(), ("since", self.now.isoformat())]
        params.append(("shown", ",".join(str(row.record.pk) for row in rows)))
        return f"{reverse('records:changes')}?{urlencode(params)}"

    # --- what the template shows -------------------------------------------------------------

    def views(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        """The named views in their groups, each with its count."""
        groups = []
        for key, label in queues.GROUPS.items():
            entries = [
                {
                    "label": view.label,
                    "url": self.url(view=view.key, values={}, sort=view.sort),
                    "count": queues.count_words(counts[view.key]),
                    "is_capped": counts[view.key] > queues.COUNTED,
                    "is_bad": view.is_bad and counts[view.key] > 0,
                    "is_active": view.key == self.view.key,
                    "title": queues.HINTS.get(view.key, ""),
                }
                for view in VIEWS.values()
                if view.group == key
            ]
            groups.append({"label": label, "entries": entries})
        return groups

    def columns(self) -> list[dict[str, Any]]:
        """The table's head: sort links with the direction in force."""
        labels = {
            "col-number": _("Number"), "col-title": _("Title"), "col-sla": _("Service level"),
            "col-priority": _("Priority"), "col-state": _("State"), "col-who": _("Person"),
            "col-updated": _("Updated"),
        }  # fmt: skip
        found = []
        for css, key, first in COLUMNS:
            column: dict[str, Any] = {"label": labels[css], "css": css, "direction": ""}
            if key in self.view.sorts:
                is_here = self.sort.removeprefix("-") == key
                is_descending = self.sort.startswith("-")
                turned = key if is_descending else f"-{key}"
                column["url"] = self.url(sort=turned if is_here else first + key)
                column["direction"] = ("desc" if is_descending else "asc") if is_here else ""
            found.append(column)
        return found

    def sorts(self) -> list[dict[str, Any]]:
        """The same choice for narrow screens, where there is no head."""
        labels = {
            "due": _("Next due"), "priority": _("Priority"), "updated": _("Updated"), "opened": _("Opened"),
        }  # fmt: skip
        first = {key: prefix for _css, key, prefix in COLUMNS if key}
        return [
            {
                "label": labels[key],
                "url": self.url(sort=first[key] + key),
                "is_active": self.sort.removeprefix("-") == key,
            }
            for key in self.view.sorts
        ]

    def choices(self, words: dict[str, dict[str, str]]) -> list[filters.Choice]:
        """The filter form's fields with what is chosen."""
        return [
            filters.Choice(
                name=name,
                label=str(self._filter.filters[name].label),
                chosen=list(words.get(name, {}).items()),
                source=reverse("records:typeahead", args=[filters.SOURCES[name]]) + "?q=",
            )
            for name in filters.FIELDS
        ]

    def active(self, words: dict[str, dict[str, str]]) -> list[filters.Active]:
        """The active filters, each with the address without it."""
        return [
            filters.Active(
                label=str(self._filter.filters[name].label),
                value=", ".join(words[name].values()),
                remove_url=self.url(values={k: v for k, v in self.values.items() if k != name}),
            )
            for name in self.values
        ]

    def context(self) -> dict[str, Any]:
        """Everything the page shows."""
        counts = queues.counts(self.actor, self.now)
        words = filters.chosen_words(self.values, self.actor)
        page = queues.page_of(self.records, self.sort, after=self.after, before=self.before)
        rows = queues.rows_of(page.rows, self.actor, self.now)
        count = counts[self.view.key]
        is_counted = not self.values and count <= queues.COUNTED
        return {
            "view": self.view,
            "hint": queues.HINTS.get(self.view.key, ""),
            "views": self.views(counts),
            "columns": self.columns(),
            "sorts": self.sorts(),
            "sort": self.sort if self.sort != self.view.sort else "",
            "choices": self.choices(words),
            "filters": self.active(words),
            "bad_filters": self.bad_filters,
            "clear_url": self.url(values={}),
            "rows": rows,
            "previous_url": self.url(before=page.before) if page.before else "",
            "next_url": self.url(after=page.after) if page.after else "",
            "total": count if is_counted else None,
            "note": _("more than %(n)s in this view") % {"n": queues.COUNTED}
            if count > queues.COUNTED and not self.values
            else "",
            "here": self.here,
            "changes_url": self.changes_url(rows),
            "teams": list(Team.objects.filter(is_active=True).order_by("name_en")) if rows else [],
        }
