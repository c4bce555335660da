"""The queue's columns: an allow-list, which are shown and in which order, and what a row says in each.

A list reads only what its columns show: each names the joins it needs, so that a page costs the same number
of queries whatever is chosen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itsm.templatetags.ui import instant_words
from records import facets
from records.kinds import process_of
from records.models import Level, Record

MOST = 14


@dataclass(frozen=True)
class Column:
    """One column. ``value`` writes a row's plain text; without it records/_row.html knows how it looks.

    ``sort`` is a key of records.keyset.ORDERS, ``first`` the direction of the first click on its head.
    """

    key: str
    label: Any
    sort: str = ""
    first: str = ""
    joins: tuple[str, ...] = ()
    value: Callable[[Record], str] | None = None

    @property
    def css(self) -> str:
        return f"col-{self.key}" if self.value is None else "col-text"


def _named(attribute: str) -> Callable[[Record], str]:
    def words(record: Record) -> str:
        found = getattr(record, attribute)
        return str(found.name) if found else ""

    return words


def _at(attribute: str) -> Callable[[Record], str]:
    def words(record: Record) -> str:
        found = getattr(record, attribute)
        return instant_words(found) if found else ""

    return words


def _waiting(record: Record) -> str:
    if not record.waiting_for:
        return ""
    return str(process_of(record.kind).reasons.get(record.waiting_for, _("something")))


def _kind(record: Record) -> str:
    return str(capfirst(process_of(record.kind).model._meta.verbose_name))


_OWN = (
    Column("number", gettext_lazy("Number"), "opened", "-"),
    Column("title", gettext_lazy("Title"), joins=("customer",)),
    Column("sla", gettext_lazy("Service level"), "due"),
    Column("priority", gettext_lazy("Priority"), "priority"),
    Column("state", gettext_lazy("State")),
    Column("who", gettext_lazy("Person"), joins=("team", "assignee")),
    Column("updated", gettext_lazy("Updated"), "updated", "-"),
    Column("kind", gettext_lazy("Kind"), value=_kind),
    Column("customer", gettext_lazy("Customer"), joins=("customer",), value=_named("customer")),
    Column("service", gettext_lazy("Service"), joins=("service",), value=_named("service")),
    Column("due", gettext_lazy("Next due"), "due", value=_at("next_due_at")),
    Column("team", gettext_lazy("Team"), joins=("team",), value=_named("team")),
    Column("assignee", gettext_lazy("Assignee"), joins=("assignee",), value=_named("assignee")),
    Column("owner", gettext_lazy("Owner"), joins=("owner",), value=_named("owner")),
    Column("requester", gettext_lazy("Affected user"), joins=("requester",), value=_named("requester")),
    Column("channel", gettext_lazy("Channel"), value=lambda r: str(r.get_channel_display())),
    Column("impact", gettext_lazy("Impact"), value=lambda r: str(Level(r.impact).label)),
    Column("urgency", gettext_lazy("Urgency"), value=lambda r: str(Level(r.urgency).label)),
    Column("waiting", gettext_lazy("Waiting for"), value=_waiting),
    Column("opened", gettext_lazy("Opened"), "opened", "-", value=_at("opened_at")),
)
DEFAULT = ("number", "title", "sla", "priority", "state", "who", "updated")
# a row without them could not be told from another
NEEDED = ("number", "title")


def known() -> dict[str, Column]:
    """Every column there is, in the order in which they are offered."""
    found = {column.key: column for column in _OWN}
    for shown in facets.columns():
        found.setdefault(shown.key, Column(shown.key, shown.label, joins=shown.joins, value=shown.value))
    return found


def chosen(keys: Iterable[Any]) -> tuple[Column, ...]:
    """The columns of these names in this order; what is unknown or named twice is left out.

    Number and title are put first where they are missing; no names at all are the usual ones.
    """
    offered = known()
    wanted = list(dict.fromkeys(str(key) for key in keys if str(key) in offered)) or list(DEFAULT)
    wanted = [key for key in NEEDED if key not in wanted] + wanted
    return tuple(offered[key] for key in wanted[:MOST])


def joins_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """What select_related must read for them."""
    return tuple(dict.fromkeys(("customer", *(join for column in columns for join in column.joins))))


@dataclass(frozen=True)
class Cell:
    """One cell of a row: its text, or, where that is None, the key by which the row's template knows it."""

    key: str
    css: str
    label: str
    text: str | None


def cells_of(record: Record, columns: Iterable[Column]) -> list[Cell]:
    return [
        Cell(c.key, c.css, str(c.label) if c.value else "", c.value(record) if c.value else None)
        for c in columns
    ]
