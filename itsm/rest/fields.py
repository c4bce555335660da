"""Fields that take exactly what they say: no number for a text, no time without its zone, no foreign id."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.utils import html

from accounts.access import Actor
from itsm.rest.errors import HINT

LARGEST_ID = 2**63 - 1
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def with_hint(message: Any, hint: Any) -> str:
    """A message and what would be right; `errors.flatten` takes them apart again."""
    return f"{message}{HINT}{hint}"


def is_form(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    """Forms know only text; JSON has types."""
    return html.is_html_input(getattr(field.root, "initial_data", None))


class Text(serializers.CharField):
    """A JSON string."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Pick(serializers.ChoiceField):
    """One of a list of codes, of their own type: 2 is not "2"."""

    def to_internal_value(self, data: Any) -> Any:
        if type(data) in (str, int):
            for code in self.choices:
                if code == data and isinstance(data, type(getattr(code, "value", code))):
                    return code
        shown = ", ".join(f"{code!r}" if isinstance(code, str) else f"{code}" for code in self.choices)
        message = _("Not one of the possible values.")
        raise serializers.ValidationError(with_hint(message, shown.replace("'", '"')), "invalid_choice")


class Flag(serializers.BooleanField):
    """true or false; in a form also their words."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool) and not is_form(self):
            self.fail("invalid", input=str(data)[:40])
        return bool(super().to_internal_value(data))


class Instant(serializers.DateTimeField):
    """An instant with its offset, to the second; answered in UTC with Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        found, problem = read_instant(value)
        if found is None:
            hint = _("For example 2026-03-02T10:00:00+08:00 or 2026-03-02T02:00:00Z.")
            raise serializers.ValidationError(with_hint(problem, hint), "invalid_instant")
        return found


def read_instant(value: Any) -> tuple[datetime | None, Any]:
    """An instant, or None and why it is none."""
    try:
        found = parse_datetime(value) if isinstance(value, str) and len(value) < 60 else None
    except ValueError:
        found = None
    if found is None:
        return None, _("Not a date and time.")
    if found.tzinfo is None:
        return None, _("The time has no zone; whose clock is meant?")
    try:
        found = found.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        found = LATEST
    if not EARLIEST <= found < LATEST:
        return None, _("A year from 1970 to 8999 is meant, surely.")
    return found, ""


# Rows an actor may name.
Rows = Callable[[Actor], QuerySet[Any]]


def find(rows: QuerySet[Any], given: int | str, code: str) -> Model | None:
    """The row of an id or a code, None if there is none among ``rows``. Digits are a code before an id."""
    if isinstance(given, int):
        return rows.filter(pk=given).first() if 0 < given <= LARGEST_ID else None
    given = given.strip()
    if not given or len(given) > 200 or "\0" in given:
        return None
    query = Q(**{f"{code}__iexact": given})
    if given.isascii() and given.isdigit() and int(given[:20]) <= LARGEST_ID:
        found = list(rows.filter(query | Q(pk=int(given)))[:2])
        return (
            next((row for row in found if str(getattr(row, code)).lower() == given), *found[:1])
            if found
            else None
        )
    row: Model | None = rows.filter(query).first()
    return row


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class Reference(serializers.Field[Any, Any, Any, Any]):
    """Another thing by its id or code, among those the actor may name.

    What is unknown and what is invisible are refused in the same words.
    """

    default_error_messages = {
        "type": _("Give an id (a whole number) or a code (a text)."),
        "unknown": _("There is nothing you may name here under that id or code."),
    }

    def __init__(self, rows: Rows, *, code: str, see: str, **kwargs: Any) -> None:
        """``see`` is the path under /api/v1/ where one is found."""
        super().__init__(**kwargs)
        self.rows, self.code, self.see = rows, code, see

    def to_internal_value(self, data: Any) -> Any:
        if type(data) not in (int, str):
            self.fail("type")
        row = find(self.rows(self.context["request"].actor), data, self.code)
        if row is None:
            hint = _("Choose one of /api/v1/%(list)s/, by id or %(code)s.") % {
                "list": self.see, "code": self.code,
            }  # fmt: skip
            raise serializers.ValidationError(
                with_hint(self.error_messages["unknown"], hint), "does_not_exist"
            )
        return row

    def to_representation(self, value: Any) -> Any:
        return value.pk
