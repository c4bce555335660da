"""Audits of the register over HTTP, /api/v1/item-audits/: planned, drawn, checked item by item, reported."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
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
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import may, require
from itsm.rest import schema, versions
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records import api as below
from records.services import Stale
from verifications import audits, lifecycle
from verifications.api_baselines import ScopeForm
from verifications.figures import standing
from verifications.models import AuditEntry, AuditState, ItemAudit

TAGS = ["item-audits"]
NUMBER = OpenApiParameter("number", str, OpenApiParameter.PATH)
POSITION = OpenApiParameter("position", int, OpenApiParameter.PATH)
PLAN = {
    "title": "Servers, quarter 4", "types": ["server"], "auditor": "first", "planned_on": "2026-12-01",
    "sample": "share", "amount": 20,
}  # fmt: skip
FOUND = {"result": "differs", "found": {"revision": "2.0"}}


class ItemAuditForm(ScopeForm):
    title = Text(max_length=200)
    description = Text(max_length=5000, required=False, allow_blank=True, default="")
    auditor = Reference(accounts.queries.assignees, code="username", see="users")
    planned_on = serializers.DateField()
    sample = Pick(choices=ItemAudit.Sample.choices)
    amount = serializers.IntegerField(min_value=0, max_value=100_000, default=0)


class AuditNothingForm(Strict):
    """No fields."""


class AuditConclusionForm(Strict):
    conclusion = Text(max_length=20_000)


class AuditDueForm(Strict):
    due_on = serializers.DateField(help_text="By when differences are put right.")


class AuditReasonForm(Strict):
    reason = Text(max_length=5000)


class AuditCheckForm(Strict):
    result = Pick(
        choices=[c for c in AuditEntry.Result.choices if c[0] in ("agrees", "differs", "not_found")]
    )
    found = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True), default=dict,
        help_text="By fact what is otherwise: `revision`, `attributes.ram`; `-`: there is none.",
    )  # fmt: skip
    note = Text(max_length=5000, required=False, allow_blank=True, default="")
    is_unauthorised = Flag(required=False, allow_null=True, default=None)


class UnregisteredForm(Strict):
    name = Text(max_length=200)
    note = Text(max_length=5000)


class AuditDifferenceShape(Shape):
    fact = serializers.CharField()
    expected = serializers.JSONField(allow_null=True)
    found = serializers.JSONField(allow_null=True)
    is_controlled = serializers.BooleanField()
    remark = serializers.CharField(help_text="How it was put right.")
    corrected_at = Instant(allow_null=True)


class AuditEntryShape(Shape):
    position = serializers.IntegerField()
    number = serializers.CharField(help_text="Empty: it is not in the register.")
    name = serializers.CharField()
    result = Coded(AuditEntry.Result.choices)
    expected = serializers.JSONField(help_text="What the register said when the sample was drawn.")
    differences = AuditDifferenceShape(many=True)
    is_unauthorised = serializers.BooleanField()
    note = serializers.CharField()
    checked_at = Instant(allow_null=True)
    action = serializers.SerializerMethodField(help_text="The number of its follow-up action.")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_action(self, entry: AuditEntry) -> str | None:
        return entry.action.number if entry.action else None


class ItemAuditShape(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    state = Coded(AuditState.choices)
    customer = NamedShape()
    auditor = PersonShape(source="assignee", allow_null=True)
    planned_on = serializers.DateField()
    scope = serializers.JSONField()
    sample = Coded(ItemAudit.Sample.choices)
    amount = serializers.IntegerField()
    seed = serializers.CharField(help_text="By it the sample is drawn again from the same items.")
    drawn_at = Instant(allow_null=True)

    def get_url(self, audit: ItemAudit) -> str:
        return reverse("api:item-audits-detail", [audit.number], request=self.context.get("request"))


class ItemAuditDetailShape(ItemAuditShape):
    """With what it found; `legal_moves` is what you may do with it now."""

    description = serializers.CharField()
    conclusion = serializers.CharField()
    figures = serializers.SerializerMethodField(help_text="Fixed once the audit was concluded.")
    approved_by = PersonShape(allow_null=True)
    approved_at = Instant(allow_null=True)
    legal_moves = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField())
    def get_figures(self, audit: ItemAudit) -> Any:
        return standing(audit)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_legal_moves(self, audit: ItemAudit) -> list[str]:
        legal = lifecycle.LIFECYCLE.legal_moves(audit.state)
        return [move for move in legal if may(self.asker, move, audit)]


class ItemAuditFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=AuditState.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    auditor = NamedFilter(
        field_name="assignee", rows=accounts.queries.everybody, code="username", people=True
    )
    open = FlagFilter(method="by_open")

    def by_open(self, rows: QuerySet[ItemAudit], name: str, value: bool) -> QuerySet[ItemAudit]:
        unfinished = {"state__in": lifecycle.UNFINISHED}
        return rows.filter(**unfinished) if value else rows.exclude(**unfinished)


def operation(summary: str, form: type[Strict], example: dict[str, Any]) -> Callable[..., Any]:
    """A move as a route of its own name and as an operation of the document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=ItemAuditDetailShape, filters=False, tags=TAGS,
            parameters=[NUMBER, schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=example, request_only=True)],
        )(handler)  # fmt: skip
        name = handler.__name__
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


@extend_schema_view(list=extend_schema(summary="Audits of the register", tags=TAGS))
class ItemAudits(ReadOnly):
    """For the desk's side."""

    queryset = ItemAudit.objects.none()
    serializer_class = ItemAuditShape
    filterset_class = ItemAuditFilters
    orderings: ClassVar[dict[str, SortKey]] = {"planned_on": SortKey("planned_on"), "id": SortKey("id")}
    ordering = "-planned_on"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(lifecycle.LIFECYCLE.moves, ("illegal-move", "stale")),
        **dict.fromkeys(("check", "unregistered"), ("illegal-move",)),
    }

    def get_queryset(self) -> QuerySet[ItemAudit]:
        require(self.actor, "see_items")
        rows: QuerySet[ItemAudit] = ItemAudit.objects.visible_to(self.actor)
        people = ("assignee__organisation", "approved_by__organisation", "customer")
        return rows.select_related(*people).defer("population")

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def one(self) -> ItemAudit:
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def answer(self) -> Response:
        audit = self.one()
        data = ItemAuditDetailShape(audit, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(audit.version)})

    def asked(self, form: type[Strict]) -> Any:
        found = form(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return found

    @extend_schema(summary="One audit", responses=ItemAuditDetailShape, parameters=[NUMBER], tags=TAGS)
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Plan an audit",
        request=ItemAuditForm,
        responses={201: ItemAuditDetailShape},
        examples=[OpenApiExample("A fifth of the servers", value=PLAN, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_item_audits")
        form = self.asked(ItemAuditForm)
        names = ("title", "description", "auditor", "planned_on", "sample", "amount")
        facts = {name: form.validated_data[name] for name in names}
        made = audits.plan(**facts, scope=form.scope(), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        answer = self.answer()
        return created(answer.data, answer.data["url"], ETag=answer.headers["ETag"])

    def move(self, name: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        audit = self.one()
        require(self.actor, name, audit)
        expected = versions.expected(self.request, audit.version, required=False)
        asked = dict(self.asked(form).validated_data)
        verb(audit, **asked, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer()

    @operation("Draw the sample and begin", AuditNothingForm, {})
    def draw_sample(self, request: Request, number: str) -> Response:
        return self.move("draw_sample", AuditNothingForm, audits.draw)

    @operation("Conclude the audit", AuditConclusionForm, {"conclusion": "Two of twenty differ."})
    def conclude_audit(self, request: Request, number: str) -> Response:
        return self.move("conclude_audit", AuditConclusionForm, audits.conclude)

    @operation("Send the report back", AuditReasonForm, {"reason": "Hall 2 was left out."})
    def return_audit(self, request: Request, number: str) -> Response:
        return self.move("return_audit", AuditReasonForm, audits.send_back)

    @operation("Approve the report", AuditDueForm, {"due_on": "2026-12-31"})
    def approve_audit(self, request: Request, number: str) -> Response:
        return self.move("approve_audit", AuditDueForm, audits.approve)

    @operation("Cancel the audit", AuditReasonForm, {"reason": "The hall is closed."})
    def call_off_audit(self, request: Request, number: str) -> Response:
        return self.move("call_off_audit", AuditReasonForm, audits.call_off)

    @extend_schema(
        summary="Its items and what was found of each", responses=AuditEntryShape(many=True),
        parameters=[NUMBER], filters=False, tags=TAGS,
    )  # fmt: skip
    @action(detail=True, methods=["get"], orderings={"position": SortKey("position")}, ordering="position")
    def items(self, request: Request, number: str) -> Response:
        rows = self.one().entries.select_related("action").prefetch_related("differences").order_by()
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(AuditEntryShape(page, many=True).data)

    @extend_schema(
        summary="Say what was found of an item", request=AuditCheckForm, responses=AuditEntryShape,
        parameters=[NUMBER, POSITION], filters=False, tags=TAGS,
        examples=[OpenApiExample("It differs", value=FOUND, request_only=True)],
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path=r"items/(?P<position>[0-9]{1,9})/check")
    def check(self, request: Request, number: str, position: str) -> Response:
        audit = self.one()
        require(self.actor, "check_item", audit)
        entry = audit.entries.filter(position=int(position)).first()
        if entry is None:
            raise Http404
        asked = dict(self.asked(AuditCheckForm).validated_data)
        audits.check(entry, **asked, actor=self.actor, now=self.now)
        return Response(AuditEntryShape(self._entry(entry.pk)).data)

    @extend_schema(
        summary="Add something that is not in the register", request=UnregisteredForm,
        responses={201: AuditEntryShape}, parameters=[NUMBER], filters=False, tags=TAGS,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def unregistered(self, request: Request, number: str) -> Response:
        audit = self.one()
        require(self.actor, "check_item", audit)
        asked = dict(self.asked(UnregisteredForm).validated_data)
        made = audits.add_unregistered(audit, **asked, actor=self.actor, now=self.now)
        return Response(AuditEntryShape(self._entry(made.pk)).data, status=201)

    @staticmethod
    def _entry(pk: int) -> AuditEntry:
        rows = AuditEntry.objects.select_related("action").prefetch_related("differences")
        return rows.get(pk=pk)


router = SimpleRouter()
router.register("item-audits", ItemAudits, "item-audits")
urlpatterns = router.urls
