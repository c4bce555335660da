"""Something that is missing before a record can go on: the verb refuses with it, the page lists it before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError


@dataclass(frozen=True)
class Need:
    """Something missing: the field it belongs to and a sentence."""

    field: str
    words: str


def refuse(needs: Iterable[Need]) -> None:
    """ValidationError by field, where something is missing."""
    errors: dict[str, list[Any]] = {}
    for need in needs:
        errors.setdefault(need.field, []).append(ValidationError(need.words, "required"))
    if errors:
        raise ValidationError(errors)
