"""Does a rule fit an alert: conditions on labels, and what the rule groups by. PURE."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

MOST = 30
_LINE = re.compile(r"^\s*(?P<label>[^\s=!~]{1,100})\s*(?P<op>!=|=|~)\s*(?P<value>.{0,300}?)\s*$")
EVERYTHING = "*"


class Op(StrEnum):
    IS = "="
    IS_NOT = "!="
    LIKE = "~"


class BadCondition(ValueError):
    """A line that is no condition. ``line`` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}")
        self.line, self.text = line, text


@dataclass(frozen=True)
class Matcher:
    """One condition. A label that is not there counts as an empty one; case does not matter in patterns."""

    label: str
    op: Op
    value: str

    def fits(self, labels: Mapping[str, str]) -> bool:
        found = labels.get(self.label, "")
        match self.op:
            case Op.IS:
                return found == self.value
            case Op.IS_NOT:
                return found != self.value
            case Op.LIKE:
                return fnmatchcase(found.lower(), self.value.lower())


def parse(text: str) -> tuple[Matcher, ...]:
    """The conditions of some lines; empty ones are passed over."""
    found: list[Matcher] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = _LINE.match(line)
        if parts is None or len(found) >= MOST:
            raise BadCondition(number, line.strip()[:100])
        found.append(Matcher(parts["label"], Op(parts["op"]), parts["value"].strip('"')))
    return tuple(found)


def fits(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.fits(labels) for matcher in matchers)


def group_of(grouping: Sequence[str], labels: Mapping[str, str]) -> str:
    """What alerts of one ticket have in common, as a hash; "" where each alert has a ticket of its own."""
    if not grouping:
        return ""
    values = [] if EVERYTHING in grouping else [(name, labels.get(name, "")) for name in grouping]
    return hashlib.sha256(repr(values).encode()).hexdigest()


def names_of(item_name: str) -> list[str]:
    """Names of a configuration item that monitoring calls so, the nearest first; without its port too."""
    name = item_name.strip()
    host, _colon, port = name.rpartition(":")
    short = host if host and port.isdigit() else name
    names = [name, short, short.split(".")[0] if not short.replace(".", "").isdigit() else short]
    return list(dict.fromkeys(n for n in names if n))
