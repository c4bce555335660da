"""Shapes that everything shares: strict input, and the small parts answers are made of."""

import difflib
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.access import Actor
from itsm.rest.fields import with_hint


class Shape(serializers.Serializer[Any]):
    """An answer, or a part of one. Nothing is saved through it."""

    @property
    def asker(self) -> Actor:
        actor: Actor = self.context["request"].actor
        return actor


class Strict(Shape):
    """Input. A name nobody knows is refused by name, as is what the actor may not set."""

    # name -> what to do instead, for names that look right and are not
    elsewhere: ClassVar[Mapping[str, Any]] = {}
    # what only the provider's side sets
    desk_only: ClassVar[frozenset[str]] = frozenset()

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            message = with_hint(_("A JSON object is expected."), '{"name": "value"}')
            error = serializers.ErrorDetail(message, "not_an_object")
            raise serializers.ValidationError({"non_field_errors": [error]})
        errors: dict[str, Any] = {
            str(name): [self._unknown(str(name))] for name in data if name not in self.fields
        }
        if not self.asker.is_desk_side:
            message = _("Only the service desk sets this.")
            errors |= {
                name: [serializers.ErrorDetail(message, "not_allowed")]
                for name in sorted(self.desk_only & set(data))
            }
        try:
            found = super().to_internal_value(data)
        except serializers.ValidationError as refused:
            detail = refused.detail
            errors = {**detail, **errors} if isinstance(detail, dict) else errors
        if errors:
            raise serializers.ValidationError(errors)
        return found

    def _unknown(self, name: str) -> Any:
        if name in self.elsewhere:
            return serializers.ErrorDetail(str(self.elsewhere[name]), "read_only")
        near = difflib.get_close_matches(name, self.fields, n=1)
        hint = (
            _("Do you mean “%(name)s”?") % {"name": near[0]}
            if near
            else _("Known are: %(names)s.") % {"names": ", ".join(self.fields) or "–"}
        )
        return serializers.ErrorDetail(with_hint(_("There is no such field."), hint), "unknown_field")


class CodedShape(Shape):
    code = serializers.CharField(help_text="Stable; for programs.")
    label = serializers.CharField(help_text="In the reader's language; for people.")  # type: ignore[assignment]


class CodedNumberShape(Shape):
    code = serializers.IntegerField(help_text="Stable; for programs. 1 is the highest.")
    label = serializers.CharField(help_text="In the reader's language; for people.")  # type: ignore[assignment]


@extend_schema_field(CodedShape(allow_null=True))
class Coded(serializers.Field[Any, Any, Any, Any]):
    """A code with its word in the reader's language; null where it is empty."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)
        self.labels = dict(choices)

    def to_representation(self, value: Any) -> dict[str, Any] | None:
        if value in ("", None):
            return None
        return {"code": value, "label": str(self.labels.get(value, value))}


@extend_schema_field(CodedNumberShape())
class CodedNumber(Coded):
    """As Coded, with whole numbers as codes."""


class NamedShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")


class PersonShape(Shape):
    id = serializers.IntegerField()
    username = serializers.CharField(
        allow_null=True, help_text="Null for people of another organisation, unless you work at the desk."
    )
    name = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        actor = self.asker
        known = actor.is_desk_side or instance.organisation_id == actor.organisation_id
        return {"id": instance.pk, "username": instance.username if known else None, "name": instance.name}


class ItemShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ErrorShape(Shape):
    field = serializers.CharField(allow_null=True, help_text="A path such as `cases[2].id`.")
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(required=False)


class ProblemShape(Shape):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    errors = ErrorShape(many=True, required=False)  # type: ignore[assignment]

    class Meta:
        ref_name = "Problem"
