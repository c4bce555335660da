"""Answers to an order's form as they are kept: typed, each with the label of the version ordered by."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User, in_reader_language
from cmdb.models import Item
from fulfilment.blueprint import FLAG, NO, YES, Blueprint, Field
from records.log import bilingual

__all__ = ["kept", "lines", "words"]


def kept(blueprint: Blueprint, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is stored for the answers of the shown fields: {key, type, label, value, shown}.

    ``value`` is for programs, ``shown`` its words in both languages for people. What was left empty is not
    stored.
    """
    found = []
    for one in blueprint.fields:
        value = given.get(one.key)
        if value in (None, "", [], ()):
            continue
        found.append(
            {
                "key": one.key,
                "type": one.type,
                "label": {"en": one.label.en, "zh": one.label.zh},
                "value": _value(value),
                "shown": _shown(one, value),
            }
        )
    return found


def _value(value: Any) -> Any:
    match value:
        case User() | Item():
            return value.pk
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case list():
            return [str(each) if isinstance(each, str) else each.name for each in value]
    return value


def _shown(one: Field, value: Any) -> dict[str, str]:
    """The answer's words in both languages."""
    if isinstance(value, User):
        return {"en": value.display_name, "zh": value.display_name}
    if isinstance(value, Item):
        return bilingual(value.name)
    if isinstance(value, date):
        return {"en": value.isoformat(), "zh": f"{value.year}年{value.month}月{value.day}日"}
    if one.type == FLAG:
        return _labels(one, [YES if value else NO])
    if one.choices:
        return _labels(one, value if isinstance(value, list) else [value])
    plain = _value(value)
    text = ", ".join(plain) if isinstance(plain, list) else str(plain)
    return {"en": text, "zh": text}


def _labels(one: Field, keys: list[str]) -> dict[str, str]:
    labels = [choice.label for key in keys for choice in one.options() if choice.key == key]
    return {
        "en": ", ".join(label.en or label.zh for label in labels),
        "zh": "、".join(label.zh or label.en for label in labels),
    }


def words(pair: Any) -> str:
    """A label in both languages as the reader's."""
    return in_reader_language(str(pair.get("en", "")), str(pair.get("zh", "")))


def lines(answers: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(label, answer) for people, in the order of the form."""
    return [(words(row["label"]), words(row["shown"])) for row in answers]
