"""Checked reading of outside data: every refusal names the field, why, and what would be right.

Pure. Used by the calendar definition and by the simulator; the API layer turns a `Refused` into
problem details. Fields are written like `events[2].at`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

MAX_WHOLE = 2**63 - 1
"""The largest number taken anywhere: what a 64-bit database column holds."""


class Refused(ValueError):
    """Input that is not accepted: `code` for programs, `field` to point at, `detail` for a person."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.code = code
        self.field = field
        self.detail = detail

    def under(self, prefix: str) -> Self:
        """The same refusal seen from one level further out."""
        return type(self)(self.code, join(prefix, self.field), self.detail)


def join(prefix: str, field: str) -> str:
    """`join("events[2]", "at")` is `events[2].at`; `join("mon", "[0]")` is `mon[0]`."""
    if not prefix or not field:
        return prefix or field
    return prefix + field if field.startswith("[") else f"{prefix}.{field}"


def show(value: object) -> str:
    """A short, always encodable picture of a value for an error message."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) > MAX_WHOLE:
        return "a number of more than 64 bits"
    shown = repr(value) if len(str(value)) <= 60 else repr(str(value)[:60]) + "..."
    return shown.encode("ascii", "backslashreplace").decode("ascii")


def mapping(
    value: object, field: str, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> Mapping[str, Any]:
    """An object with all `required` fields and none beyond `optional`."""
    if not isinstance(value, Mapping):
        raise Refused("wrong_type", field, f"must be an object, not {show(value)}")
    for key in value:
        if not isinstance(key, str) or (key not in required and key not in optional):
            known = ", ".join([*required, *optional]) or "none"
            raise Refused(
                "unknown_field", join(field, plain(key)), f"is not a known field; known here: {known}"
            )
    for key in required:
        if key not in value:
            raise Refused("required", join(field, key), "is missing")
    return value


def table(value: object, field: str) -> Mapping[str, Any]:
    """An object whose keys are free text, such as names or dates."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise Refused("wrong_type", field, f"must be an object, not {show(value)}")
    return value


def plain(key: object) -> str:
    """A key as it may stand in a field path."""
    return str(key)[:60].encode("utf-8", "replace").decode("utf-8")


def sequence(value: object, field: str, *, most: int | None = None) -> Sequence[Any]:
    """A list, of at most `most` members."""
    if not isinstance(value, list | tuple):
        raise Refused("wrong_type", field, f"must be a list, not {show(value)}")
    if most is not None and len(value) > most:
        raise Refused("too_many", field, f"has {len(value)} members; at most {most} are taken")
    return value


def text(value: object, field: str, *, most: int = 200) -> str:
    """A string of one to `most` characters that can be encoded as UTF-8."""
    if not isinstance(value, str):
        raise Refused("wrong_type", field, f"must be a text, not {show(value)}")
    if not value or len(value) > most:
        raise Refused("bad_length", field, f"must have 1 to {most} characters, not {len(value)}")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("bad_text", field, "holds half of a character (a lone surrogate)") from None
    if "\0" in value:
        raise Refused("bad_text", field, "holds a null character, which no database keeps")
    return value


def flag(value: object, field: str) -> bool:
    """true or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise Refused("wrong_type", field, f"must be true or false, not {show(value)}")
    return value


def choice(value: object, field: str, allowed: Sequence[str], *, code: str = "unknown_value") -> str:
    """One of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        raise Refused(code, field, f"must be one of {', '.join(allowed)}, not {show(value)}")
    return value


def whole(value: object, field: str, *, least: int = 1, most: int = MAX_WHOLE) -> int:
    """A whole number in a range; `true` and `1.0` are not whole numbers (D-6)."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("wrong_type", field, f"must be a whole number, not {show(value)}")
    if not least <= value <= most:
        code = "not_positive" if least == 1 and value < 1 else "out_of_range"
        raise Refused(code, field, f"must be from {least} to {most}, not {show(value)}")
    return value


def number(value: object, field: str, *, least: float, most: float) -> int | float:
    """A finite number in a range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused("wrong_type", field, f"must be a number, not {show(value)}")
    if not (isinstance(value, int) or math.isfinite(value)) or not least <= value <= most:
        raise Refused("out_of_range", field, f"must be from {least:g} to {most:g}, not {show(value)}")
    return value


EXAMPLE = 'such as "2026-03-02T10:00:00Z" or "2026-03-02T18:00:00+08:00"'


def instant(value: object, field: str) -> datetime:
    """An ISO 8601 instant with an explicit offset (T-1), in UTC, fractions of a second cut off (T-2)."""
    if not isinstance(value, str):
        raise Refused("wrong_type", field, f"must be a text {EXAMPLE}, not {show(value)}")
    at = None
    if len(value) <= 64 and value.isascii():
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            at = None
    if at is None or not {"T", " "}.intersection(value):
        raise Refused("bad_instant", field, f"must be an ISO 8601 date and time {EXAMPLE}, not {show(value)}")
    if at.tzinfo is None:
        raise Refused(
            "no_offset", field, f"must carry its offset from UTC, {EXAMPLE}; {show(value)} has none"
        )
    try:
        return at.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise Refused("out_of_range", field, "must lie in the years 1 to 9999, in UTC") from None
