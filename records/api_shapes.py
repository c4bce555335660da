"""Shapes of a record's timeline, comments and files."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from itsm.rest.fields import Flag, Instant, Text
from itsm.rest.serializers import PersonShape, Shape, Strict
from records.log import told_outside
from records.models import Activity, Attachment
from records.services import MAX_TEXT
from records.verbs import readable, sentence

CONVERSATION = ("record.replied", "record.asked", "record.noted")


class FileShape(Shape):
    key = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Where it is downloaded.")
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    content_type = serializers.CharField()

    def get_url(self, row: Attachment) -> str:
        name = f"api:{self.context['kind']}-attachments-detail"
        return reverse(name, [self.context["number"], row.key], request=self.context["request"])


class AttachmentShape(FileShape):
    sha256 = serializers.CharField()
    public = serializers.BooleanField(source="is_public")
    created_by = PersonShape()
    created_at = Instant()


class ActivityShape(Shape):
    id = serializers.IntegerField()
    at = Instant(help_text="When it became true.")
    verb = serializers.CharField(help_text="Stable; for programs.")
    actor = PersonShape()
    origin = serializers.CharField()
    sentence = serializers.SerializerMethodField(help_text="What happened, in the reader's language.")
    text = serializers.CharField()
    public = serializers.BooleanField(source="is_public")
    data = serializers.SerializerMethodField(help_text="What it names.")  # type: ignore[assignment]
    version = serializers.IntegerField(source="record_version")
    attachments = serializers.SerializerMethodField()

    def get_sentence(self, activity: Activity) -> str:
        return sentence(activity.verb, activity.data)

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_data(self, activity: Activity) -> dict[str, Any]:
        named = told_outside(activity.data).items()
        return {key: _in_words(value) for key, value in named if key != "number"}

    @extend_schema_field(FileShape(many=True))
    def get_attachments(self, activity: Activity) -> Any:
        if self.context.get("no_files"):
            return []
        return FileShape(activity.attachments.all(), many=True, context=self.context).data


def _in_words(value: Any) -> Any:
    """Labels in the reader's language, also inside the old and new values of an edit."""
    if isinstance(value, dict) and "en" not in value:
        return {key: _in_words(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_in_words(inner) for inner in value]
    if isinstance(value, dict) and (known := {k: value[k] for k in ("id", "code") if k in value}):
        return {**known, "label": readable(value)}
    return readable(value)


class CommentShape(Shape):
    id = serializers.IntegerField()
    at = Instant()
    author = PersonShape(source="actor")
    text = serializers.CharField()
    public = serializers.BooleanField(source="is_public", help_text="False: an internal note.")
    attachments = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="record_version", help_text="The record's version after it.")

    @extend_schema_field(FileShape(many=True))
    def get_attachments(self, activity: Activity) -> Any:
        return FileShape(activity.attachments.all(), many=True, context=self.context).data


class CommentForm(Strict):
    text = Text(max_length=MAX_TEXT, allow_blank=True, default="", trim_whitespace=False)
    public = Flag(default=True, help_text="False: an internal note, for the desk's eyes.")
    attachments = serializers.ListField(
        child=serializers.FileField(), required=False, help_text="Files; multipart/form-data only."
    )


class AttachmentForm(Strict):
    text = Text(max_length=MAX_TEXT, allow_blank=True, default="", trim_whitespace=False)
    public = Flag(default=True)
    attachments = serializers.ListField(child=serializers.FileField(), required=False)
