"""One thing monitoring says, whoever says it; and how documents are read, every mistake by its path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from itsm.rest.fields import EARLIEST, read_instant
from itsm.rest.problems import FieldError

LONGEST_TEXT = 20_000
MOST_LABELS = 200


@dataclass(frozen=True)
class Signal:
    """An alarm about an item begins (``is_firing``) or is over. Times are UTC; None is: not said."""

    alarm: str
    item_name: str
    title: str
    is_firing: bool
    text: str = ""
    severity: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.alarm, self.item_name


class Reader:
    """Reads fields of one object below ``path``, and gathers what is wrong with them."""

    def __init__(self, data: Any, path: str = "") -> None:
        self.path = path
        self.errors: list[FieldError] = []
        self.data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.refuse("", _("A JSON object is expected."), "not_an_object")

    def refuse(self, name: str, message: str, code: str = "invalid", hint: str = "") -> None:
        path = f"{self.path}.{name}" if self.path and name else self.path or name
        self.errors.append(FieldError(path or None, code, message, hint))

    def text(self, name: str, *, required: bool = False) -> str:
        """A text; null and a missing one are empty."""
        value = self.data.get(name)
        if value is not None and not isinstance(value, str):
            self.refuse(name, _("A text is expected."))
            return ""
        found = clean(value or "").strip()
        if required and not found:
            self.refuse(name, _("This is needed."), "required")
        return found

    def texts(self, name: str) -> dict[str, str]:
        """An object of texts."""
        value = self.data.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            self.refuse(name, _("An object of texts is expected."))
            return {}
        if len(value) > MOST_LABELS:
            self.refuse(name, _("At most %(n)s entries.") % {"n": MOST_LABELS})
            return {}
        return {clean(k)[:200]: clean(v)[:2000] for k, v in value.items()}

    def instant(self, name: str, *, required: bool = False) -> datetime | None:
        """An instant with its zone; the year 1, Go's way to say "none", is None."""
        value = self.data.get(name)
        if value in (None, "") or (isinstance(value, str) and value.startswith("0001-")):
            if required:
                self.refuse(name, _("This is needed."), "required")
            return None
        found, problem = read_instant(value)
        if found is None:
            self.refuse(name, str(problem), "invalid_instant", "2026-03-02T10:00:00+08:00")
        return found

    def pick(self, name: str, allowed: tuple[str, ...], default: str = "") -> str:
        found = self.text(name) or default
        if found not in allowed:
            hint = ", ".join(f'"{each}"' for each in allowed)
            self.refuse(name, _("Not one of the possible values."), "invalid_choice", hint)
        return found

    def known_only(self, names: frozenset[str]) -> None:
        for name in self.data:
            if name not in names:
                hint = _("Known are: %(names)s.") % {"names": ", ".join(sorted(names))}
                self.refuse(str(name)[:60], _("There is no such field."), "unknown_field", hint)


def clean(text: str) -> str:
    """Without null characters, which no table takes."""
    return text.replace("\0", "")


def cleaned(value: Any) -> Any:
    """A JSON value that may be stored."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(k)): cleaned(v) for k, v in value.items()}
    return [cleaned(v) for v in value] if isinstance(value, list) else value


def web_address(text: str) -> str:
    """An address people may be led to; anything else is dropped."""
    return text if text.startswith(("http://", "https://")) and len(text) <= 2000 else ""


def from_unix(text: str) -> datetime | None:
    """An instant from seconds since 1970; None for what is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    found = datetime.fromtimestamp(int(text), UTC)
    return found if found > EARLIEST else None
