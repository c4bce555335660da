"""One text for one content: what is hashed when a month is closed, and what differs between two. PURE."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Scalar = None | bool | int | str


class NotCanonical(TypeError):
    """A value that could be written in more than one way, such as a float; the message says where."""


def text_of(content: object) -> str:
    """JSON with sorted keys and without blanks; texts, whole numbers, lists and mappings only."""
    _check(content, "content")
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _check(value: object, at: str) -> None:
    if value is None or isinstance(value, bool | int | str):
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"{at}: the key {key!r} is no text")
            _check(each, f"{at}.{key}")
    elif isinstance(value, list):
        for n, each in enumerate(value):
            _check(each, f"{at}[{n}]")
    else:
        raise NotCanonical(f"{at}: {type(value).__name__} is not written in one way only")


def digest(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Change:
    """One figure that is not what it was. A row that is new or gone has None on one side."""

    figure: tuple[str, ...]
    before: Any
    after: Any


def differences(before: Any, after: Any, at: tuple[str, ...] = ()) -> list[Change]:
    """What differs between two contents, in the order of their keys; rows of lists are told by their id."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found = []
        for key in sorted({*before, *after}):
            found += differences(before.get(key), after.get(key), (*at, key))
        return found
    if _has_rows(before) and _has_rows(after) and (before or after):
        return differences(_by_id(before), _by_id(after), at)
    is_same = text_of(before) == text_of(after)  # True is 1 for Python, and not for a reader
    return [] if is_same else [Change(at, before, after)]


def _has_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) and "id" in each for each in value)


def _by_id(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(row["id"]): dict(row) for row in rows}
