"""What an orderable entry says and asks, as one value: words, form, approvals, tasks. PURE.

``Blueprint.parse`` reads the JSON form that ``dump`` writes; texts are kept in both languages. ``problems``
names what is missing before customers may order by it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.offer import Text

TEXT, LONG, CHOICE, CHOICES, DATE = "text", "long", "choice", "choices", "date"
NUMBER, FLAG, FILE, PERSON, ITEM = "number", "flag", "file", "person", "item"
TYPES = (TEXT, LONG, CHOICE, CHOICES, DATE, NUMBER, FLAG, FILE, PERSON, ITEM)
CHOOSING = (CHOICE, CHOICES)
# by what a later field may be shown or hidden
STEERING = (CHOICE, CHOICES, FLAG)
YES, NO = "yes", "no"
ALL, ANY = "all", "any"
CONTACT, TEAM_LEAD, NAMED = "customer_manager", "team_lead", "user"
KEY = re.compile(r"[a-z][a-z0-9_]{0,29}")
# a repeated group that repeats inside: time to match grows without bounds
EXPLODES = re.compile(r"\([^)]*[+*{][^)]*\)+[+*{]")
MOST_FIELDS, MOST_STAGES, MOST_TASKS = 40, 6, 30
MOST_CHOICES, MOST_PARTIES = 500, 50


@dataclass(frozen=True)
class Choice:
    key: str
    label: Text


@dataclass(frozen=True)
class Condition:
    """The field is shown while an earlier field's answer is (or holds) ``value``."""

    field: str
    value: str


@dataclass(frozen=True)
class Field:
    """One question. ``least`` and ``most``: length of a text, range of a number; None for none."""

    key: str
    type: str
    label: Text
    help: Text = field(default_factory=Text)
    required: bool = False
    choices: tuple[Choice, ...] = ()
    shown_when: Condition | None = None
    least: int | None = None
    most: int | None = None
    pattern: str = ""

    @property
    def steers(self) -> bool:
        return self.type in STEERING

    def options(self) -> tuple[Choice, ...]:
        """What it may be answered with, of a field that steers others."""
        return (
            (Choice(YES, Text("Yes", "是")), Choice(NO, Text("No", "否")))
            if self.type == FLAG
            else self.choices
        )


@dataclass(frozen=True)
class Party:
    """Who is asked: the customer's contacts, the leads of a team (code), or a person (username)."""

    kind: str
    code: str = ""


@dataclass(frozen=True)
class Stage:
    """One approval stage: ``rule`` says whether all who are asked must approve, or any one of them."""

    name: Text
    rule: str
    parties: tuple[Party, ...]


@dataclass(frozen=True)
class TaskTemplate:
    """A piece of work; those of equal order are done side by side, the next order after them."""

    title: Text
    order: int
    team: str = ""


@dataclass(frozen=True)
class Blueprint:
    """All that a version of an offering says. ``price`` is an amount in ``currency``; "" if there is none."""

    name: Text
    what: Text = field(default_factory=Text)
    price: str = ""
    currency: str = "CNY"
    unit: Text = field(default_factory=Text)
    level: Text = field(default_factory=Text)
    duration: Text = field(default_factory=Text)
    is_chargeable: bool = False
    priority: int = 4
    team: str = ""
    fields: tuple[Field, ...] = ()
    stages: tuple[Stage, ...] = ()
    tasks: tuple[TaskTemplate, ...] = ()

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Blueprint":
        """The value of a JSON form that :meth:`dump` wrote."""
        plain = ("price", "currency", "is_chargeable", "priority", "team")
        texts = ("name", "what", "unit", "level", "duration")
        said: dict[str, Any] = {name: raw[name] for name in plain if name in raw}
        said |= {name: _text(raw.get(name)) for name in texts}
        return cls(
            **said,
            fields=tuple(_field(row) for row in raw.get("fields", ())),
            stages=tuple(_stage(row) for row in raw.get("stages", ())),
            tasks=tuple(
                TaskTemplate(_text(row["title"]), row["order"], row["team"]) for row in raw.get("tasks", ())
            ),
        )

    def dump(self) -> dict[str, Any]:
        return {
            **{name: _dumped(getattr(self, name)) for name in ("name", "what", "unit", "level", "duration")},
            "price": self.price,
            "currency": self.currency,
            "is_chargeable": self.is_chargeable,
            "priority": self.priority,
            "team": self.team,
            "fields": [_dumped_field(one) for one in self.fields],
            "stages": [
                {
                    "name": _dumped(stage.name),
                    "rule": stage.rule,
                    "parties": [{"kind": p.kind, "code": p.code} for p in stage.parties],
                }
                for stage in self.stages
            ],
            "tasks": [
                {"title": _dumped(task.title), "order": task.order, "team": task.team} for task in self.tasks
            ],
        }

    def field(self, key: str) -> Field | None:
        return next((one for one in self.fields if one.key == key), None)

    def with_field(self, new: Field) -> "Blueprint":
        """With a field replaced, or added at the end where there is none of its key."""
        if self.field(new.key):
            return replace(self, fields=tuple(new if one.key == new.key else one for one in self.fields))
        return replace(self, fields=(*self.fields, new))

    def without_field(self, key: str) -> "Blueprint":
        return replace(self, fields=tuple(one for one in self.fields if one.key != key))

    def with_moved(self, key: str, step: int) -> "Blueprint":
        """With a field one place up (-1) or down (1)."""
        rows = list(self.fields)
        here = next((n for n, one in enumerate(rows) if one.key == key), None)
        if here is not None and 0 <= (there := here + step) < len(rows):
            rows[here], rows[there] = rows[there], rows[here]
        return replace(self, fields=tuple(rows))

    def problems(self) -> Iterator[tuple[str, str]]:
        """What keeps customers from ordering by it, as (code, the field's key or "")."""
        if not self.name.is_filled:
            yield "no_name", ""
        if not self.what.is_filled:
            yield "no_words", ""
        earlier: dict[str, Field] = {}
        for one in self.fields:
            yield from ((code, one.key) for code in problems_of(one, earlier))
            earlier[one.key] = one
        for stage in self.stages:
            if not stage.parties:
                yield "nobody_asked", ""


def problems_of(one: Field, earlier: Mapping[str, Field]) -> Iterator[str]:
    """What is wrong with a field that stands below others, as codes."""
    if one.key in earlier:
        yield "twice"
    if not one.label.is_filled:
        yield "no_label"
    if one.type in CHOOSING and not one.choices:
        yield "no_choices"
    if one.pattern and not is_pattern(one.pattern):
        yield "bad_pattern"
    if one.least is not None and one.most is not None and one.least > one.most:
        yield "bad_range"
    if one.shown_when:
        steering = earlier.get(one.shown_when.field)
        if steering is None or one.shown_when.value not in {c.key for c in steering.options()}:
            yield "bad_condition"


def is_pattern(pattern: str) -> bool:
    """A regular expression that can be read and cannot take for ever."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return len(pattern) <= 200 and not EXPLODES.search(pattern)


def shown(fields: Sequence[Field], answers: Mapping[str, Any]) -> list[Field]:
    """The fields that are shown for some answers (key -> code, list of codes, or bool), in order.

    What depends on a hidden field is hidden too.
    """
    found: dict[str, Field] = {}
    for one in fields:
        when = one.shown_when
        if when is None or (when.field in found and when.value in _codes(answers.get(when.field))):
            found[one.key] = one
    return list(found.values())


def _codes(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {YES if value else NO}
    if isinstance(value, list | tuple | set | frozenset):
        return {str(each) for each in value}
    return set() if value in (None, "") else {str(value)}


def _text(raw: Any) -> Text:
    return Text(str(raw.get("en", "")), str(raw.get("zh", ""))) if isinstance(raw, Mapping) else Text()


def _dumped(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _field(row: Mapping[str, Any]) -> Field:
    when = row.get("shown_when")
    return Field(
        key=row["key"],
        type=row["type"],
        label=_text(row.get("label")),
        help=_text(row.get("help")),
        required=bool(row.get("required")),
        choices=tuple(Choice(c["key"], _text(c["label"])) for c in row.get("choices", ())),
        shown_when=Condition(when["field"], when["value"]) if when else None,
        least=row.get("least"),
        most=row.get("most"),
        pattern=row.get("pattern", ""),
    )


def _dumped_field(one: Field) -> dict[str, Any]:
    when = one.shown_when
    return {
        "key": one.key,
        "type": one.type,
        "label": _dumped(one.label),
        "help": _dumped(one.help),
        "required": one.required,
        "choices": [{"key": c.key, "label": _dumped(c.label)} for c in one.choices],
        "shown_when": {"field": when.field, "value": when.value} if when else None,
        "least": one.least,
        "most": one.most,
        "pattern": one.pattern,
    }


def _stage(row: Mapping[str, Any]) -> Stage:
    return Stage(
        _text(row["name"]), row["rule"], tuple(Party(p["kind"], p.get("code", "")) for p in row["parties"])
    )
