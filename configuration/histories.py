"""Alterations in words: what was done to an item or refused, by whom, and by what change."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import in_reader_language
from cmdb.models import Alteration, Item, ItemAttribute

DASH = "—"
FACTS = ("name", "customer", "site", "state", "owner", "revision", "is_important", "type")


@dataclass(frozen=True)
class Difference:
    """One fact of an alteration. Without ``before`` it came to be."""

    fact: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    act: str
    authority: str
    is_refused: bool
    refusal: str
    differences: list[Difference]
    sentence: str
    item: Item


def lines(rows: Iterable[Alteration], attributes: Mapping[str, ItemAttribute]) -> list[Line]:
    """``attributes`` by code: those of the items' type, for their names and choices."""
    return [_line(row, attributes) for row in rows]


def _line(row: Alteration, attributes: Mapping[str, ItemAttribute]) -> Line:
    return Line(
        at=row.at,
        who=row.actor.name,
        act=row.get_act_display(),
        authority=row.authority,
        is_refused=row.is_refused,
        refusal=row.get_refusal_display() if row.refusal else "",
        differences=list(_differences(row, attributes)),
        sentence=_sentence(row),
        item=row.item,
    )


def _sentence(row: Alteration) -> str:
    """A relation or service in a sentence; "" for facts, which stand in a table."""
    found = row.after or row.before
    if "relation" in found:
        return relation_words(found["relation"])
    if "service" in found:
        return _("runs the service %(service)s") % {"service": _labelled(found["service"])}
    return ""


def relation_words(kept: Mapping[str, Any]) -> str:
    """«APP-1 runs on SRV-2», in the reader's language."""
    kind = in_reader_language(kept["type"]["en"], kept["type"]["zh"])
    return f"{kept['source']['name']} {kind} {kept['target']['name']}"


def _differences(row: Alteration, attributes: Mapping[str, ItemAttribute]) -> Iterator[Difference]:
    for name in FACTS:
        if name in row.after or name in row.before:
            yield Difference(
                fact_name(name), _words(name, row.before.get(name)), _words(name, row.after.get(name))
            )
    before, after = row.before.get("attributes") or {}, row.after.get("attributes") or {}
    for code in dict.fromkeys((*before, *after)):
        known = attributes.get(code)
        yield Difference(
            known.name if known else code,
            value_words(known, before.get(code)),
            value_words(known, after.get(code)),
        )


def fact_name(name: str) -> str:
    return str(Item._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _words(name: str, value: Any) -> str:
    if name == "state":
        return str(dict(Item.State.choices).get(value, value or DASH))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return _labelled(value)
    return str(value) if value not in (None, "") else DASH


def _labelled(value: Mapping[str, Any]) -> str:
    return in_reader_language(str(value.get("en", "")), str(value.get("zh", "")))


def value_words(attribute: ItemAttribute | None, value: Any) -> str:
    """A stored value of an attribute as people read it."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return attribute.words(value) if attribute else str(value)
