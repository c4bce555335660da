"""From the lines of a file to what each item should be: columns, values, keys, and what would change. PURE.

A column of a file is laid on a *target*: a fact of an item ("name", "state") or an attribute of its type
("attributes.serial"). What is wrong is a Fault; the words are in verifications.words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from verifications.comparing import identity
from verifications.reading import Fault, Line, Sheet

TEXT, NUMBER, DATE, CHOICE, FLAG = "text", "number", "date", "choice", "flag"
NUMBER_KEY, NAME_KEY = "number", "name"
ATTRIBUTE = "attributes."
_YES = frozenset({"true", "yes", "y", "1", "是", "对", "√", "真"})
_NO = frozenset({"false", "no", "n", "0", "否", "不", "×", "假"})
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M")


@dataclass(frozen=True)
class Target:
    """What a column may be laid on. ``choices``: word in any spelling -> value; ``words``: other names."""

    key: str
    label: Mapping[str, str]
    kind: str = TEXT
    choices: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    is_required: bool = False
    is_controlled: bool = False
    max_length: int = 200


@dataclass(frozen=True)
class Wish:
    """One line as what an item should be. ``facts`` holds what the file says, by target."""

    number: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    key: tuple[Any, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Effect:
    fact: str
    before: Any
    after: Any


# --- laying columns on targets -----------------------------------------------------------------


def folded(text: str) -> str:
    """A word as it is compared: without case, spaces, and signs between words."""
    return re.sub(r"[\s_\-:：*（）()]+", "", text).casefold()


def suggest(columns: Sequence[str], targets: Iterable[Target]) -> list[str]:
    """The target each column is likely meant for by its name; empty where none is. No target twice."""
    known: dict[str, str] = {}
    for target in targets:
        own = target.key.removeprefix(ATTRIBUTE)
        for word in (own, target.key, *target.label.values(), *target.words):
            known.setdefault(folded(word), target.key)
    taken: set[str] = set()
    found = []
    for column in columns:
        key = known.get(folded(column), "")
        found.append("" if key in taken else key)
        taken.add(key)
    return found


def check_laying(laid: Sequence[str], targets: Mapping[str, Target], match: str) -> list[Fault]:
    """What is wrong with how columns are laid: a target twice, or the key's own columns missing."""
    faults = []
    seen: dict[str, int] = {}
    for place, key in enumerate(laid):
        if key and key in seen:
            faults.append(Fault("target_twice", place, {"target": key}))
        elif key and key not in targets:
            faults.append(Fault("no_target", place, {"target": key}))
        seen.setdefault(key, place)
    if match not in seen:
        faults.append(Fault("key_missing", None, {"target": match}))
    return faults


# --- reading values ----------------------------------------------------------------------------


def wishes(
    sheet: Sheet,
    laid: Sequence[str],
    targets: Mapping[str, Target],
    *,
    match: str,
    customer: Any,
    empties: bool,
) -> list[Wish]:
    """Every line as a wish; keys that stand in several lines are faults of each of them.

    ``customer`` is whose items are meant by their names where no column says so; with ``empties`` an empty
    cell takes the fact away, otherwise it leaves it as it is.
    """
    found = [_wish(line, laid, targets, match, customer, empties) for line in sheet.lines]
    lines: defaultdict[Any, list[int]] = defaultdict(list)
    for wish in found:
        if wish.key:
            lines[wish.key].append(wish.number)
    place = list(laid).index(match) if match in laid else None
    return [
        replace(wish, faults=(*wish.faults, _doubled(lines[wish.key], wish.number, place)))
        if wish.key and len(lines[wish.key]) > 1
        else wish
        for wish in found
    ]


def _doubled(lines: Sequence[int], own: int, place: int | None) -> Fault:
    others = [str(number) for number in lines if number != own][:5]
    return Fault("key_twice", place, {"lines": ", ".join(others)})


def _wish(
    line: Line, laid: Sequence[str], targets: Mapping[str, Target], match: str, customer: Any, empties: bool
) -> Wish:
    facts: dict[str, Any] = {}
    faults = list(line.faults)
    bad = {fault.column for fault in line.faults}
    for place, (key, text) in enumerate(zip(laid, line.cells, strict=True)):
        if not key or place in bad:
            continue
        if not text:
            if key == match:
                faults.append(Fault("key_empty", place))
            elif empties:
                facts[key] = ""
            continue
        value, code, params = value_of(targets[key], text)
        if code:
            faults.append(Fault(code, place, params))
        else:
            facts[key] = value
    return Wish(line.number, facts, key_of({"customer": customer, **facts}, match), tuple(faults))


def key_of(facts: Mapping[str, Any], match: str) -> tuple[Any, ...]:
    """By what the item is found: its number, its name with its customer, or an attribute; empty: unknown."""
    value = facts.get(match, "")
    if value in ("", None):
        return ()
    if match == NAME_KEY:
        return (NAME_KEY, str(value), identity(facts.get("customer")) or None)
    if match == NUMBER_KEY:
        return (NUMBER_KEY, str(value).upper())
    return (match, str(value))


def value_of(target: Target, text: str) -> tuple[Any, str, dict[str, Any]]:
    """The value of a cell's text, or "" with the code of what is wrong and what its sentence names."""
    match target.kind:
        case "choice":
            if (known := target.choices.get(folded(text))) is None:
                return "", "no_choice", {"value": text[:60], "known": _known(target)}
            return known, "", {}
        case "flag":
            if folded(text) in _YES | _NO:
                return folded(text) in _YES, "", {}
            return "", "no_flag", {"value": text[:60]}
        case "number":
            return _number(text)
        case "date":
            return _day(text)
    if len(text) > target.max_length:
        return "", "too_long", {"most": target.max_length}
    return text, "", {}


def _known(target: Target) -> dict[str, str]:
    """The first choices as people type them, in both languages."""
    labels = [value for value in target.choices.values() if isinstance(value, Mapping)]
    return {
        "en": ", ".join(list(dict.fromkeys(str(each.get("en", "")) for each in labels))[:12]),
        "zh": "、".join(list(dict.fromkeys(str(each.get("zh", "")) for each in labels))[:12]),
    }


def _number(text: str) -> tuple[Any, str, dict[str, Any]]:
    plain = text.replace(",", "").replace("，", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,10})?", plain):
        return "", "no_number", {"value": text[:60]}
    return (float(plain) if "." in plain and float(plain) % 1 else int(float(plain))), "", {}


def _day(text: str) -> tuple[Any, str, dict[str, Any]]:
    for shape in _DAYS:
        try:
            day = datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if date(1900, 1, 1) <= day <= date(2999, 12, 31):
            return day.isoformat(), "", {}
    return "", "no_date", {"value": text[:60]}


# --- what would change -------------------------------------------------------------------------


def effects(wish: Wish, present: Mapping[str, Any] | None) -> list[Effect]:
    """What the wish alters of the item as it is; of a new item everything it says. The key is no effect."""
    before = present or {}
    return [
        Effect(fact, before.get(fact, ""), value)
        for fact, value in wish.facts.items()
        if fact != NUMBER_KEY and identity(before.get(fact, "")) != identity(value)
    ]


def missing(wish: Wish, targets: Mapping[str, Target], present: Mapping[str, Any] | None) -> list[str]:
    """Required facts that a new item would be without, or that an altered one would lose."""
    after = {**(present or {}), **wish.facts}
    return [
        key
        for key, target in targets.items()
        if target.is_required
        and identity(after.get(key, "")) in ("", None)
        and (present is None or key in wish.facts)
    ]


def controlled(found: Iterable[Effect], targets: Mapping[str, Target]) -> list[str]:
    """The facts among the effects that change only by an approved change."""
    return [each.fact for each in found if each.fact in targets and targets[each.fact].is_controlled]
