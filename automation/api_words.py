"""Macros and reply templates over HTTP: read, used and written."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as framework
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.access import Actor, Denied, may, require
from automation import api_base, filling, forms, services, steps
from automation.api_base import (
    GIVEN,
    ID,
    TAGS,
    ById,
    Partly,
    StepForm,
    StepLineShape,
    StepShape,
    TicketKind,
    Written,
)
from automation.models import Macro, ReplyTemplate
from itsm.rest import schema, versions
from itsm.rest.fields import Flag, Reference, Text
from itsm.rest.filters import FlagFilter
from itsm.rest.problems import Problem
from itsm.rest.serializers import NamedShape, Shape, Strict
from itsm.rest.views import created
from records.services import MAX_TEXT, Stale, get_record

NEW_MACRO = {
    "name_en": "To the experts", "name_zh": "转专家组", "is_personal": True,
    "steps": [
        {"change": "team", "value": 2},
        {"change": "priority", "value": {"priority": 1, "reason": "The whole site is concerned"}},
    ],
}  # fmt: skip
NEW_TEMPLATE = {
    "name_en": "Received", "name_zh": "已受理", "kinds": ["incident"],
    "text_en": "Dear {{requester.name}}, we have {{ticket.number}}.",
    "text_zh": "{{requester.name}}您好，{{ticket.number}}已受理。",
}  # fmt: skip


class MacroShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    team = NamedShape(allow_null=True)
    is_personal = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    template = serializers.IntegerField(source="template_id", allow_null=True)
    is_note = serializers.BooleanField(help_text="Its text becomes an internal note.")
    is_active = serializers.BooleanField(help_text="False: withdrawn.")
    version = serializers.IntegerField()

    def get_is_personal(self, row: Macro) -> bool:
        return row.owner_id is not None

    @extend_schema_field(StepShape(many=True))
    def get_steps(self, row: Macro) -> list[dict[str, Any]]:
        listed: dict[int, list[dict[str, Any]]] = self.context.get("steps", {})
        return listed[row.pk] if row.pk in listed else api_base.shown_steps(row.steps, self.asker)


def usable_templates(actor: Actor) -> Any:
    return ReplyTemplate.objects.usable_by(actor)


class MacroForm(Strict):
    """A new macro, for oneself unless it says otherwise."""

    elsewhere = dict.fromkeys(("id", "name", "version"), GIVEN)

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    is_personal = Flag(default=True, help_text="False: shared, kept by managers.")
    team = Reference(
        api_base.teams, code="code", see="teams", required=False, allow_null=True,
        help_text="Null: for everybody.",
    )  # fmt: skip
    steps = StepForm(many=True, required=False, max_length=steps.MOST)  # type: ignore[call-arg]
    template = ById(
        usable_templates, see="reply-templates", required=False, allow_null=True,
        help_text="The text that comes with it.",
    )  # fmt: skip
    is_note = Flag(required=False)
    is_active = Flag(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "is_personal" in attrs:
            attrs["is_own"] = attrs.pop("is_personal")
        return attrs


class MacroPatch(Partly, MacroForm):
    """What to change; what is left out stays. ``steps`` are always all of them."""


class UseMacroForm(Strict):
    record = Text(max_length=20, help_text="Number of the ticket.")
    version = serializers.IntegerField(min_value=1, help_text="Of the ticket, as it was seen.")
    text = Text(max_length=50_000, required=False, help_text="The reply or note that goes with it.")


class ActiveFilter(framework.FilterSet):  # type: ignore[misc]
    is_active = FlagFilter(field_name="is_active")


def _macro_kept(actor: Actor, row: Macro) -> None:
    if not services.may_keep(row, actor):
        raise Denied(actor, "lead_automation")


@extend_schema_view(
    list=extend_schema(summary="Macros one may use", tags=TAGS),
    retrieve=extend_schema(summary="One macro", parameters=[ID], tags=TAGS),
)
class Macros(Written):
    """One's own, everybody's and one's teams'."""

    queryset = Macro.objects.none()
    serializer_class = MacroShape
    detail_shape = MacroShape
    filterset_class = ActiveFilter

    def get_queryset(self) -> QuerySet[Macro]:
        require(self.actor, "use_automation")
        return Macro.objects.visible_to(self.actor).select_related("team")

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset) or []
        said = api_base.shown_steps_of_each([row.steps for row in rows], self.actor)
        self.steps = {row.pk: each for row, each in zip(rows, said, strict=True)}
        return rows

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "steps": getattr(self, "steps", {})}

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.record.version)})
        return super().handle_exception(exc)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(
        summary="Make a macro",
        request=MacroForm,
        responses={201: MacroShape},
        examples=[OpenApiExample("For myself", value=NEW_MACRO, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        """One's own by everybody at the desk; shared ones by managers."""
        require(self.actor, "use_automation")
        row = services.save_macro(None, self.checked(MacroForm), actor=self.actor, now=self.now)
        data, headers = self.shown(row)
        return created(data, reverse("api:macros-detail", [row.pk], request=request), **headers)

    @extend_schema(
        summary="Change or withdraw a macro",
        request=MacroPatch,
        responses=MacroShape,
        parameters=[schema.IF_MATCH_REQUIRED, ID],
        examples=[OpenApiExample("Withdraw", value={"is_active": False}, request_only=True)],
        tags=TAGS,
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row, expected = self.begin(lambda row: _macro_kept(self.actor, row))
        facts = self.checked(MacroPatch)
        services.save_macro(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(row)

    @extend_schema(
        summary="Use a macro on a ticket",
        description="All of it in one transaction; 412 where the ticket was saved since `version`.",
        request=UseMacroForm,
        responses=StepLineShape(many=True),
        parameters=[ID],
        examples=[OpenApiExample("Use", value={"record": "INC0000042", "version": 3}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"], pagination_class=None)
    def use(self, request: Request, pk: str) -> Response:
        macro = self.get_object()
        given = self.checked(UseMacroForm)
        lines = services.use_macro(
            macro, get_record(self.actor, given["record"]), actor=self.actor, now=self.now,
            expected_version=given["version"], text=given.get("text", ""),
        )  # fmt: skip
        return Response(api_base.shown_lines(lines))


# --- reply templates -----------------------------------------------------------------------------


class TemplateShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="In the reader's language.")
    name_en = serializers.CharField()
    name_zh = serializers.CharField()
    text_en = serializers.CharField()
    text_zh = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())
    team = NamedShape(allow_null=True)
    is_active = serializers.BooleanField(help_text="False: withdrawn.")
    version = serializers.IntegerField()


class ReplyTemplateForm(Strict):
    """A new text, in at least one language; ``{{ticket.number}}`` and the like are filled in."""

    elsewhere = dict.fromkeys(("id", "name", "version"), GIVEN)

    name_en = Text(max_length=200)
    name_zh = Text(max_length=200, required=False, allow_blank=True)
    text_en = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    text_zh = Text(max_length=MAX_TEXT, required=False, allow_blank=True)
    kinds = serializers.ListField(child=TicketKind(), required=False)
    team = Reference(
        api_base.teams, code="code", see="teams", required=False, allow_null=True,
        help_text="Null: for everybody.",
    )  # fmt: skip
    is_active = Flag(required=False)


class ReplyTemplatePatch(Partly, ReplyTemplateForm):
    """What to change; what is left out stays."""


class FilledShape(Shape):
    language = serializers.CharField()
    text = serializers.CharField()


RECORD = OpenApiParameter("record", str, required=True, description="Number of the ticket.")


@extend_schema_view(
    list=extend_schema(summary="Reply templates one may use", tags=TAGS),
    retrieve=extend_schema(summary="One reply template", parameters=[ID], tags=TAGS),
)
class Templates(Written):
    """Those in use, everybody's and one's teams'; managers read and write all."""

    queryset = ReplyTemplate.objects.none()
    serializer_class = TemplateShape
    detail_shape = TemplateShape
    filterset_class = ActiveFilter

    def get_queryset(self) -> QuerySet[ReplyTemplate]:
        require(self.actor, "use_automation")
        leads = may(self.actor, self.lead)
        rows = ReplyTemplate.objects.all() if leads else usable_templates(self.actor)
        return rows.select_related("team")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    @extend_schema(
        summary="Write a reply template",
        request=ReplyTemplateForm,
        responses={201: TemplateShape},
        examples=[OpenApiExample("Received", value=NEW_TEMPLATE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, self.lead)
        facts = self.checked(ReplyTemplateForm)
        row = services.save_template(None, facts, actor=self.actor, now=self.now)
        data, headers = self.shown(row)
        return created(data, reverse("api:reply-templates-detail", [row.pk], request=request), **headers)

    @extend_schema(
        summary="Change or withdraw a reply template",
        request=ReplyTemplatePatch,
        responses=TemplateShape,
        parameters=[schema.IF_MATCH_REQUIRED, ID],
        examples=[OpenApiExample("Withdraw", value={"is_active": False}, request_only=True)],
        tags=TAGS,
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row, expected = self.begin(lambda _row: require(self.actor, self.lead))
        facts = self.checked(ReplyTemplatePatch)
        services.save_template(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(row)

    @extend_schema(
        summary="Its text for a ticket, in the language of the person affected",
        responses=FilledShape,
        parameters=[ID, RECORD],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def filled(self, request: Request, pk: str) -> Response:
        require(self.actor, "use_automation")
        record = get_record(self.actor, request.query_params.get("record", ""))
        require(self.actor, "note", record)
        template = get_object_or_404(forms.templates_for(self.actor, record.kind), pk=pk)
        text = filling.text_of(template, record, actor=self.actor, now=self.now)
        return Response({"language": filling.language_of(record), "text": text})
