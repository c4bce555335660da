"""The placeholders of a reply template: a list of names and nothing else. PURE.

``{{ticket.number}}`` stands for a value somebody else looked up. There is no language behind it: no
attributes, no filters, no conditions, and what is filled in is never read for placeholders again.
"""

import re
from collections.abc import Mapping

NAMES = (
    "ticket.number", "ticket.title", "ticket.state", "ticket.priority", "ticket.opened", "ticket.url", "due",
    "requester.name", "customer.name", "service.name", "team.name", "assignee.name", "agent.name", "today",
)  # fmt: skip
_PLACEHOLDER = re.compile(r"\{\{([^{}\n]{0,60})\}\}")


def used(text: str) -> list[str]:
    """The names in a text, each once, in the order they come."""
    return list(dict.fromkeys(name.strip() for name in _PLACEHOLDER.findall(text)))


def unknown(text: str) -> list[str]:
    """The names in a text that stand for nothing."""
    return [name for name in used(text) if name not in NAMES]


def is_whole(text: str) -> bool:
    """False where a placeholder was begun and not ended, or ended and not begun."""
    rest = _PLACEHOLDER.sub("", text)
    return "{{" not in rest and "}}" not in rest


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, in one pass; a name without a value stays as it was typed."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1].strip(), found[0]), text)
