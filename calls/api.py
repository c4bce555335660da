"""Calls over HTTP: an exchange stores each once by its reference and completes it as the call goes on."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import STAFF_ROLES, Actor, require
from accounts.models import User
from calls import queries, services
from calls.models import CallRecord, Hotline
from calls.numbers import key_of
from itsm.rest import schema, versions
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ByIdOrCode, ReadOnly, created
from records.models import Record

TAGS = ["calls"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
OUTCOMES = [
    ("answered", gettext_lazy("Answered")),
    ("abandoned", gettext_lazy("Abandoned")),
    ("open", gettext_lazy("Without an outcome")),
]
CONDITIONS = {
    "answered": Q(answered_at__isnull=False),
    "abandoned": Q(abandoned_at__isnull=False),
    "open": Q(answered_at=None, abandoned_at=None),
}
EXAMPLE = {
    "hotline": "main", "branch": "2", "direction": "in", "number": "+86 512 6288 1234",
    "offered_at": "2026-03-02T10:00:00+08:00", "answered_at": "2026-03-02T10:00:12+08:00",
    "agent": "alice", "reference": "pbx-20260302-0007",
}  # fmt: skip

OVER = {"ended_at": "2026-03-02T10:07:30+08:00"}


def _hotlines(actor: Actor) -> QuerySet[Hotline]:
    return Hotline.objects.all()


def _staff(actor: Actor) -> QuerySet[User]:
    return User.objects.filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


def _tickets(actor: Actor) -> QuerySet[Any]:
    return Record.objects.visible_to(actor).tickets()


class CallShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    hotline = NamedShape()
    branch = serializers.CharField(source="branch.code", default=None, allow_null=True)
    direction = Coded(CallRecord.Direction.choices)
    number = serializers.CharField(help_text="Of the other side.")
    outcome = Coded(OUTCOMES)
    offered_at = Instant()
    answered_at = Instant(allow_null=True)
    abandoned_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    agent = PersonShape(allow_null=True)
    recording = serializers.CharField()
    ticket = serializers.CharField(source="ticket.number", default=None, allow_null=True)
    person = PersonShape(allow_null=True, help_text="Who has this number, where that is one person.")
    customer = NamedShape(allow_null=True)
    reference = serializers.CharField()
    version = serializers.IntegerField()

    def get_url(self, row: CallRecord) -> str:
        return f"/api/v1/calls/{row.pk}/"


class BranchShape(Shape):
    code = serializers.CharField(help_text="Its key in the menu.")
    name = serializers.CharField()
    service = NamedShape(allow_null=True)
    team = NamedShape(allow_null=True)


class HotlineShape(NamedShape):
    number = serializers.CharField()
    service = NamedShape(allow_null=True, help_text="What a ticket from it usually is about.")
    team = NamedShape(allow_null=True)
    goal = serializers.IntegerField(help_text="Of the answer rate, percent.")
    is_active = serializers.BooleanField()
    branches = BranchShape(many=True)


class CallPatch(Strict):
    branch = Text(max_length=20, required=False, allow_null=True, help_text="Its key in the menu.")
    answered_at = Instant(required=False, allow_null=True)
    abandoned_at = Instant(required=False, allow_null=True)
    ended_at = Instant(required=False, allow_null=True)
    agent = Reference(_staff, code="username", see="users", required=False, allow_null=True)
    recording = Text(max_length=500, required=False, allow_blank=True, help_text="Where it is kept.")
    ticket = Reference(_tickets, code="number", see="incidents", required=False, allow_null=True)


class CallForm(CallPatch):
    hotline = Reference(_hotlines, code="code", see="hotlines")
    direction = Pick(CallRecord.Direction.choices, default=CallRecord.Direction.IN)
    number = Text(max_length=50, required=False, allow_blank=True, help_text="Empty: withheld.")
    offered_at = Instant()
    reference = Text(
        max_length=100, required=False, allow_blank=True,
        help_text="Of the exchange; the same once more is the same call.",
    )  # fmt: skip


class CallFilters(framework.FilterSet):  # type: ignore[misc]
    hotline = NamedFilter(rows=_hotlines, code="code")
    direction = Several(choices=CallRecord.Direction.choices)
    outcome = framework.ChoiceFilter(choices=OUTCOMES, method="by_outcome", label=gettext_lazy("Outcome"))
    agent = NamedFilter(rows=_staff, code="username", people=True)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    ticket = framework.CharFilter(
        field_name="ticket__number", lookup_expr="iexact", max_length=20, label=gettext_lazy("Its number.")
    )
    number = framework.CharFilter(
        method="by_number", max_length=50, label=gettext_lazy("However it is written.")
    )
    reference = framework.CharFilter(field_name="reference", max_length=100)
    offered_after = InstantFilter(field_name="offered_at", lookup_expr="gte")
    offered_before = InstantFilter(field_name="offered_at", lookup_expr="lt")

    def by_outcome(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(CONDITIONS[value])

    def by_number(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(key=key_of(value)) if key_of(value) else rows.none()


@extend_schema_view(
    list=extend_schema(summary="Telephone calls", tags=TAGS),
    retrieve=extend_schema(summary="One call", parameters=[ID], tags=TAGS),
)
class Calls(ReadOnly):
    """For the desk's side. The same `reference` of one account is one call; told again, it is completed.

    What contradicts what is stored is refused with 409; it is corrected by PATCH.
    """

    queryset = CallRecord.objects.none()
    serializer_class = CallShape
    filterset_class = CallFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"offered_at": SortKey("offered_at"), "id": SortKey("id")}
    ordering = "-offered_at"

    def get_queryset(self) -> QuerySet[CallRecord]:
        require(self.actor, services.KEEP)
        rows = CallRecord.objects.visible_to(self.actor)
        return rows.select_related(*queries.NAMED, "agent__organisation", "person__organisation")

    def read(self, form: type[Strict], **more: Any) -> dict[str, Any]:
        found = form(data=self.request.data, context=self.get_serializer_context(), **more)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Stale):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.row.version)})
        if isinstance(exc, services.Contradiction):
            known = CallRecord.objects.visible_to(self.actor).filter(pk=exc.row.pk).first()
            extra = {"existing": {"id": known.pk, "url": f"/api/v1/calls/{known.pk}/"}} if known else {}
            words = _("The call “%(reference)s” is stored with other values: %(names)s. Correct it by PATCH.")
            names = ", ".join("number" if name == "key" else name for name in exc.names)
            exc = Problem("duplicate", words % {"reference": exc.row.reference, "names": names}, extra=extra)
        return super().handle_exception(exc)

    def shown(self, pk: int) -> dict[str, Any]:
        return dict(self.get_serializer(self.get_queryset().get(pk=pk)).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = self.shown(self.get_object().pk)
        return Response(data, headers={"ETag": versions.etag(data["version"])})

    @extend_schema(
        summary="Store a call, or complete it",
        request=CallForm,
        responses={200: CallShape, 201: CallShape},
        examples=[OpenApiExample("An answered call", value=EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, services.KEEP)
        facts = self.read(CallForm)
        _name_branch(facts, facts["hotline"])
        call, is_new = services.store(facts, actor=self.actor, now=self.now)
        data = dict(self.get_serializer(_fresh(call)).data)
        tag = versions.etag(data["version"])
        return created(data, data["url"], ETag=tag) if is_new else Response(data, headers={"ETag": tag})

    @extend_schema(
        summary="Complete or correct a call",
        request=CallPatch,
        responses=CallShape,
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("It is over", value=OVER, request_only=True)],
        tags=TAGS,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=True)
        facts = self.read(CallPatch, partial=True)
        _name_branch(facts, row.hotline)
        call = services.change(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        data = dict(self.get_serializer(_fresh(call)).data)
        return Response(data, headers={"ETag": versions.etag(data["version"])})


def _fresh(call: CallRecord) -> CallRecord:
    """As it is stored; who wrote it is answered with it, whosever it turned out to be."""
    rows = CallRecord.objects.select_related(*queries.NAMED, "agent__organisation", "person__organisation")
    return rows.get(pk=call.pk)


def _name_branch(facts: dict[str, Any], hotline: Hotline) -> None:
    """The branch by its key in the menu of the hotline."""
    if facts.get("branch") is None:
        return
    found = hotline.branches.filter(code=facts["branch"]).first()
    if found is None:
        words = _("This hotline has no such branch.")
        raise ValidationError({"branch": ValidationError(words, code="does_not_exist")})
    facts["branch"] = found


@extend_schema_view(
    list=extend_schema(summary="Hotlines with the branches of their menus", tags=TAGS),
    retrieve=extend_schema(
        summary="One hotline, by id or code", parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)],
        tags=TAGS,
    ),
)  # fmt: skip
class Hotlines(ByIdOrCode):
    """For the desk's side; administrators enter them in the settings."""

    queryset = Hotline.objects.none()
    serializer_class = HotlineShape

    def get_queryset(self) -> QuerySet[Hotline]:
        require(self.actor, services.KEEP)
        rows = Hotline.objects.select_related("service", "team")
        return rows.prefetch_related("branches__service", "branches__team")


router = SimpleRouter()
router.register("hotlines", Hotlines, "hotlines")
router.register("calls", Calls, "calls")
urlpatterns = router.urls
