"""The search page: records by their words, narrowed by kind, state and customer, by keyset. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst

from accounts.access import Actor
from records import columns, filter_words, filters, keyset, queues, search
from records.kinds import processes
from records.models import Record

PAGE = 50
COUNTED = 1000
ORDER = "-opened"
# what a search is narrowed by; customers have but one organisation, and know its word for the state only
FOR_DESK = ("kind", "state", "customer")
FOR_CUSTOMERS = ("kind", "state")
COLUMNS = ("number", "title", "kind", "sla", "priority", "state", "who", "updated")


def asked_in(params: QueryDict) -> str:
    """The words of the question."""
    return params.get("q", "").replace("\0", "").strip()[: search.MAX_QUESTION]


@dataclass(frozen=True)
class Found:
    """A search as a URL asks for it."""

    actor: Actor
    now: datetime
    asked: str
    values: dict[str, list[str]]

    @property
    def fields(self) -> Sequence[str]:
        return FOR_DESK if self.actor.is_desk_side else FOR_CUSTOMERS

    def rows(self) -> queues.Rows:
        """Everything the words and filters fit, of every kind the reader may know of."""
        found = search.find(Record.objects.visible_to(self.actor), self.asked, actor=self.actor)
        if kinds := self.values.get("kind"):
            found = found.filter(kind__in=kinds)
        if states := self.values.get("state"):
            found = found.filter(state__in=states)
        if wanted := self.values.get("customer"):
            ids = [int(v) for v in wanted if v.isascii() and v.isdecimal() and len(v) < 10]
            found = found.filter(customer__in=ids)
        return found

    def url(self, **over: Any) -> str:
        values = over.get("values", self.values)
        params = [("q", self.asked), *((name, v) for name, own in values.items() for v in own)]
        params += [(name, over[name]) for name in ("after", "before") if over.get(name)]
        return f"{reverse('records:search')}?{urlencode(params)}"


def kind_choices() -> list[tuple[str, str]]:
    """Every kind of record in words."""
    return [(p.kind.value, capfirst(str(p.model._meta.verbose_name))) for p in processes()]


def _choices(found: Found) -> list[dict[str, Any]]:
    """The filters as plain lists of known values; customers are typed."""
    offered = {"kind": kind_choices(), "state": [(v, str(label)) for v, label in filters.state_choices()]}
    labels = filters.QueueFilter.base_filters
    words = filter_words.words_of(
        {"customer": found.values["customer"]} if "customer" in found.values else {}, found.actor
    )
    fields = []
    for name in found.fields:
        chosen = found.values.get(name, [])
        known = offered.get(name, list(words.get(name, {}).items()))
        fields.append(
            {
                "name": name,
                "label": labels[name].label,
                "choices": [(value, label, value in chosen) for value, label in known],
                "source": reverse("records:typeahead", args=["customers"]) + "?q="
                if name == "customer"
                else "",
                "words": ", ".join(str(label) for value, label in known if value in chosen),
            }
        )
    return fields


def context(params: QueryDict, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the search page shows."""
    asked = asked_in(params)
    fields = FOR_DESK if actor.is_desk_side else FOR_CUSTOMERS
    values = {name: own for name, own in filters.values_of(params).items() if name in fields}
    found = Found(actor, now, asked, values)
    shown = columns.chosen(COLUMNS)
    rows = found.rows() if asked else Record.objects.none()
    page = keyset.page(
        queues.shown(rows, shown), ORDER, size=PAGE, after=params.get("after", "")[:300],
        before=params.get("before", "")[:300],
    )  # fmt: skip
    count = rows.order_by().values("pk")[: COUNTED + 1].count() if page.rows else 0
    form = _choices(found)
    active = [
        filter_words.Active(
            str(field["label"]), field["words"] or ", ".join(values[field["name"]]),
            found.url(values={k: v for k, v in values.items() if k != field["name"]}),
        )
        for field in form
        if field["name"] in values
    ]  # fmt: skip
    return {
        "is_desk": actor.is_desk_side,
        "asked": asked,
        "fields": form,
        "filters": active,
        "clear_url": found.url(values={}),
        "columns": [{"label": c.label, "css": c.css} for c in shown],
        "rows": queues.rows_of(page.rows, actor, now, shown),
        "count": min(count, COUNTED),
        "is_capped": count > COUNTED,
        "previous_url": found.url(before=page.before) if page.before else "",
        "next_url": found.url(after=page.after) if page.after else "",
    }
