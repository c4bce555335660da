"""The content of a service form as a value: what is signed, and what paper and page show. PURE."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

MOST_PARTS = 50
MOST_WORDS = 4_000


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way this content is written down: sorted keys, no space, UTF-8."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(content)).hexdigest()


class BadPart(ValueError):
    """A line of parts that is none; ``line`` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def read_parts(text: str) -> list[dict[str, Any]]:
    """Parts typed one a line: "name; number; quantity", the last two may be missing. BadPart names a line."""
    found: list[dict[str, Any]] = []
    for n, line in enumerate(text.replace("；", ";").splitlines(), 1):
        words = [word.strip() for word in line.split(";")]
        if not any(words):
            continue
        name, number, quantity = [*words, "", ""][:3]
        is_count = quantity == "" or (
            quantity.isascii() and quantity.isdecimal() and 0 < int(quantity) < 10_000
        )
        if not name or len(words) > 3 or len(name) > 200 or len(number) > 100 or not is_count:
            raise BadPart(n)
        found.append({"name": name, "number": number, "quantity": int(quantity or 1)})
    if len(found) > MOST_PARTS:
        raise BadPart(MOST_PARTS + 1)
    return found


def write_parts(parts: Sequence[Mapping[str, Any]]) -> str:
    """The text that :func:`read_parts` reads."""
    return "\n".join(f"{part['name']}; {part['number']}; {part['quantity']}" for part in parts)
