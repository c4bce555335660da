"""The columns every record has, for any list of records or of what hangs on one."""

from functools import lru_cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from exports.building import at, choice, moment, named, text
from exports.columns import Column
from records.kinds import process_of
from records.models import Record

JOINS = ("customer", "service", "team", "assignee", "owner", "requester")


@lru_cache(maxsize=256)
def _kind_words(kind: str, language: str | None) -> str:
    return str(capfirst(process_of(kind).model._meta.verbose_name))


@lru_cache(maxsize=1024)
def _state_words(kind: str, state: str, language: str | None) -> str:
    return str(process_of(kind).labels(state).label)


def _kind(record: Record) -> str:
    return _kind_words(record.kind, get_language())


def _state(record: Record) -> str:
    return _state_words(record.kind, record.state, get_language())


def _waiting(record: Record) -> str | None:
    if not record.waiting_for:
        return None
    return str(process_of(record.kind).reasons.get(record.waiting_for, _("something")))


def of_record(*names: str, path: str = "") -> list[Column]:
    """The columns of these names; ``path`` leads from a row to its record."""
    record = at(path) if path else (lambda row: row)
    way = f"{path}." if path else ""

    def said(words: Any) -> Any:
        return lambda row: words(found) if (found := record(row)) is not None else None

    known = [
        text("number", gettext_lazy("Number"), f"{way}number"),
        text("title", gettext_lazy("Title"), f"{way}title"),
        Column("kind", gettext_lazy("Kind"), said(_kind)),
        Column("state", gettext_lazy("State"), said(_state)),
        Column("waiting_for", gettext_lazy("Waiting for"), said(_waiting)),
        choice("priority", gettext_lazy("Priority"), path),
        choice("impact", gettext_lazy("Impact"), path),
        choice("urgency", gettext_lazy("Urgency"), path),
        named("customer", gettext_lazy("Customer"), f"{way}customer"),
        named("service", gettext_lazy("Service"), f"{way}service"),
        named("requester", gettext_lazy("Affected user"), f"{way}requester"),
        named("team", gettext_lazy("Team"), f"{way}team"),
        named("assignee", gettext_lazy("Assignee"), f"{way}assignee"),
        named("owner", gettext_lazy("Owner"), f"{way}owner"),
        choice("channel", gettext_lazy("Channel"), path),
        moment("opened_at", gettext_lazy("Opened"), f"{way}opened_at"),
        moment("next_due_at", gettext_lazy("Next due"), f"{way}next_due_at"),
        moment("done_at", gettext_lazy("Finished"), f"{way}done_at"),
        moment("updated_at", gettext_lazy("Updated"), f"{way}updated_at"),
    ]
    by_name = {column.name: column for column in known}
    return [by_name[name] for name in names]
