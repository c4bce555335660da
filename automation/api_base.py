"""What automation over HTTP shares: rows written on the version that was read, steps, lists of rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.access import Actor
from accounts.models import Team
from automation import services, steps
from automation.steps import Line
from itsm.rest import errors, versions
from itsm.rest.fields import LARGEST_ID, Pick, Reference, Rows, Text, with_hint
from itsm.rest.problems import Problem
from itsm.rest.serializers import Shape, Strict
from itsm.rest.views import ReadOnly
from records.changes import Parts
from records.kinds import TICKETS

TAGS = ["automation"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
DIGITS = "[0-9]{1,18}"
GIVEN = gettext_lazy("The system sets this itself.")
MOST_ROWS = 200


def _stale(error: services.Stale) -> Problem:
    version = error.row.version  # type: ignore[attr-defined]
    return Problem("stale", extra={"version": version}, headers={"ETag": versions.etag(version)})


errors.register(services.Stale, _stale)


class StepLineShape(Shape):
    change = serializers.CharField(help_text="Stable; for programs.")
    label = serializers.CharField()  # type: ignore[assignment]
    words = serializers.CharField(help_text="Its value, in words.")
    before = serializers.CharField()
    after = serializers.CharField()
    refused = serializers.CharField(help_text="Why it was skipped; empty where it was done.")


class StepShape(Shape):
    change = serializers.CharField(help_text="Stable; for programs.")
    label = serializers.CharField()  # type: ignore[assignment]
    words = serializers.CharField(help_text="Its value, in words.")
    value = serializers.JSONField(allow_null=True, help_text="As it is written.")


def shown_steps(raw: Sequence[Mapping[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    """Steps as they are read, and can be written again."""
    return shown_steps_of_each([raw], actor)[0]


def shown_steps_of_each(
    lists: Sequence[Sequence[Mapping[str, Any]]], actor: Actor
) -> list[list[dict[str, Any]]]:
    """Several lists of steps as they are read; what they name is read for all of them at once."""
    return [
        [
            {"change": line.change, "label": line.label, "words": line.words, "value": one.get("value")}
            for line, one in zip(lines, raw, strict=True)
        ]
        for lines, raw in zip(steps.words_of_each(lists, actor), lists, strict=True)
    ]


def shown_lines(lines: list[Line]) -> Any:
    return StepLineShape(lines, many=True).data


# --- input ---------------------------------------------------------------------------------------


class Partly:
    """Before a form of a new row: the same for a change, where what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        for field in fields.values():
            field.required, field.default = False, serializers.empty
        return fields


def teams(actor: Actor) -> Any:
    return Team.objects.filter(is_active=True)


@extend_schema_field({"type": "string", "description": " or ".join(f"`{kind}`" for kind in TICKETS)})
class TicketKind(Pick):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__([(str(kind), str(kind)) for kind in TICKETS], **kwargs)


class ById(Reference):
    """A row without a code."""

    def __init__(self, rows: Rows, *, see: str, **kwargs: Any) -> None:
        super().__init__(rows, code="pk", see=see, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if type(data) is not int:
            raise serializers.ValidationError(_("Give an id, which is a whole number."), "type")
        return super().to_internal_value(data)


@extend_schema_field({"type": "array", "items": {"oneOf": [{"type": "integer"}, {"type": "string"}]}})
class ManyRows(serializers.Field[Any, Any, Any, Any]):
    """Rows by their ids or codes, among those the actor may name; found with two queries."""

    def __init__(self, rows: Rows, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows

    def to_internal_value(self, data: Any) -> list[int]:
        if not isinstance(data, list) or len(data) > MOST_ROWS:
            words = _("A list of at most %(n)s ids or codes is expected.") % {"n": MOST_ROWS}
            raise serializers.ValidationError(words, "list")
        rows = self.rows(self.context["request"].actor)
        ids = [each for each in data if type(each) is int and 0 < each <= LARGEST_ID]
        codes = [each for each in data if isinstance(each, str) and "\0" not in each]
        known: dict[Any, int] = {pk: pk for pk in rows.filter(pk__in=ids).values_list("pk", flat=True)}
        known |= dict(rows.filter(code__in=codes).values_list("code", "pk"))
        unknown = _("There is nothing you may name here under that id or code.")
        wrong: dict[Any, Any] = {
            place: [serializers.ErrorDetail(unknown, "does_not_exist")]
            for place, each in enumerate(data)
            if type(each) not in (int, str) or each not in known
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return sorted({known[each] for each in data})

    def to_representation(self, value: Any) -> Any:
        return value


class StepForm(Strict):
    """One change with its value, of the type the change asks for."""

    is_personal: ClassVar[bool] = True
    elsewhere = dict.fromkeys(("label", "words"), GIVEN)

    change = Text(max_length=40)
    value = serializers.JSONField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = {c.name: c for c in steps.offered(self.asker, is_personal=self.is_personal)}
        change, value = known.get(attrs["change"]), attrs.get("value")
        if change is None:
            words = with_hint(_("There is no such change."), ", ".join(known))
            raise serializers.ValidationError({"change": [serializers.ErrorDetail(words, "unknown")]})
        if change.field is None and value is not None:
            raise serializers.ValidationError({"value": [_("This change takes no value.")]})
        if change.field and (wrong := _misfit(change.field(self.asker), value)):
            raise serializers.ValidationError({"value": wrong})
        try:
            cleaned = change.clean(value, self.asker)
        except ValidationError as error:
            raise serializers.ValidationError({"value": error.messages}) from error
        return {"change": change.name, "value": change.stored(cleaned)}


class RuleStepForm(StepForm):
    is_personal = False


def _misfit(field: forms.Field, value: Any) -> Any:
    """What is wrong with a value's JSON type: a list of words, or those of its parts; empty for nothing."""
    if value is None:
        return []
    if isinstance(field, Parts):
        if not isinstance(value, Mapping):
            return [_("A JSON object is expected.")]
        parts = dict(zip(field.names, field.fields, strict=True))
        wrong = {name: [_("There is no such field.")] for name in value if name not in parts}
        for name, part in parts.items():
            if found := _misfit(part, value.get(name)):
                wrong[name] = found
        return wrong
    if isinstance(field, forms.BooleanField):
        return [] if isinstance(value, bool) else [_("true or false is expected.")]
    if isinstance(field, forms.ModelChoiceField | forms.IntegerField):
        is_whole = type(value) is int and abs(value) <= LARGEST_ID
        return [] if is_whole else [_("A whole number is expected.")]
    if isinstance(field, forms.ChoiceField):
        return [] if type(value) in (int, str) else [_("Not one of the possible values.")]
    return [] if isinstance(value, str) else [_("A text is expected.")]


# --- writing -------------------------------------------------------------------------------------


class Written(ReadOnly):
    """A list whose rows have a version, and are changed only on the one that was read."""

    lookup_value_regex = DIGITS
    detail_shape: ClassVar[type[Shape]]
    lead: ClassVar[str] = "lead_automation"

    def answer(self, row: Model) -> Response:
        """The row as it is now, with its ETag."""
        data, headers = self.shown(row)
        return Response(data, headers=headers)

    def shown(self, row: Model) -> tuple[Any, dict[str, str]]:
        current = self.get_queryset().get(pk=row.pk)
        data = self.detail_shape(current, context=self.get_serializer_context()).data
        return data, {"ETag": versions.etag(current.version)}

    def checked(self, form: type[Strict]) -> dict[str, Any]:
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def begin(self, allowed: Callable[[Any], None], *, required: bool = True) -> tuple[Any, int | None]:
        """The row and the version insisted on; refused if it is invisible, not mine, or stale."""
        row = self.get_object()
        allowed(row)
        expected = versions.expected(self.request, row.version, required=required)
        if expected is not None and expected != row.version:
            raise services.Stale(row)
        return row, expected
