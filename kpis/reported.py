"""Reports of processes: an app above keeps them, and tells here of those that indicators look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True)
class Wanted:
    """Which reports: about a process (its English name in the catalogue; empty: about any), with a section,
    made so often (empty: any).
    """

    process: str = ""
    section: str = ""
    every: tuple[str, ...] = ()


Reports = Callable[[Wanted], QuerySet[Any]]
_KEPT: list[Reports] = []


def register(reports: Reports) -> None:
    """Say where reports are: rows of a child of Record with ``due_on``, ``published_at`` and ``is_faulty``
    (corrected later, or found faulty), without those called off. Called from AppConfig.ready(); safe to
    repeat.
    """
    if reports not in _KEPT:
        _KEPT.append(reports)


def keeper() -> Reports | None:
    """What was registered."""
    return _KEPT[0] if _KEPT else None
