"""Major incidents over HTTP, /api/v1/major-incidents/: read, declared, told about, ended."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from incidents.models import Incident
from itsm.rest import versions
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.filters import Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Coded, CodedNumber, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from majors import services
from majors.models import Major, State

EXAMPLE = {
    "incident": "INC0000042", "reason": "Nobody at the customer can work.", "coordinator": "bob",
    "severity": 1, "update_minutes": 30,
}  # fmt: skip


class MajorFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)


class MajorShape(Shape):
    """For the desk's side; customers read announcements."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    state = Coded(State.choices)
    incident = serializers.CharField(source="cause.number")
    customer = NamedShape()
    severity = CodedNumber(Major.Severity.choices)
    reason = serializers.CharField()
    coordinator = PersonShape(source="assignee")
    update_minutes = serializers.IntegerField()
    next_update_at = serializers.SerializerMethodField()
    declared_at = Instant(source="opened_at")
    ended_at = Instant(allow_null=True)
    causes = serializers.CharField()
    course = serializers.CharField()
    lessons = serializers.CharField()

    def get_url(self, major: Major) -> str:
        return reverse("api:major-incidents-detail", [major.number], request=self.context["request"])

    def get_next_update_at(self, major: Major) -> str | None:
        row = next((each for each in major.deadlines.all() if each.ended_at is None), None)
        return Instant().to_representation(row.due_at) if row else None


class DeclareForm(Strict):
    incident = Text(max_length=20, help_text="The number of the open incident.")
    reason = Text(max_length=20_000)
    coordinator = Reference(accounts.queries.assignees, code="username", see="users")
    severity = Pick(choices=Major.Severity.choices, required=False)
    update_minutes = serializers.IntegerField(required=False, min_value=5, max_value=24 * 60)
    customers: Any = serializers.ListField(
        child=Reference(accounts.queries.customers, code="code", see="organisations"), required=False,
        help_text="Besides the customer of the incident.",
    )  # fmt: skip


class UpdateForm(Strict):
    internal = Text(max_length=20_000, required=False, allow_blank=True)
    text_en = Text(max_length=20_000, required=False, allow_blank=True)
    text_zh = Text(max_length=20_000, required=False, allow_blank=True)


class EndForm(Strict):
    note = Text(max_length=20_000, required=False, allow_blank=True, default="")


@extend_schema_view(list=extend_schema(summary="Major incidents you may see", tags=["majors"]))
class Majors(ReadOnly):
    queryset = Major.objects.none()
    serializer_class = MajorShape
    filterset_class = MajorFilters
    orderings = {"declared_at": SortKey("opened_at"), "id": SortKey("id")}
    ordering = "-id"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = {"create": ("illegal-move",), "post_update": ("illegal-move",), "end": ("illegal-move",)}

    def get_queryset(self) -> QuerySet[Major]:
        rows: QuerySet[Major] = Major.objects.visible_to(self.actor)
        return rows.select_related("cause", "customer", "assignee").prefetch_related("deadlines")

    def one(self) -> Major:
        number = self.kwargs["number"].upper()
        row = self.get_queryset().filter(number=number).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return row

    def answer(self) -> Response:
        row = self.one()
        data = MajorShape(row, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    def read(self, form: type[Strict]) -> dict[str, Any]:
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return found

    @extend_schema(summary="One major incident", responses=MajorShape, tags=["majors"])
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Declare a major incident", request=DeclareForm, responses={201: MajorShape},
        examples=[OpenApiExample("For one incident", value=EXAMPLE, request_only=True)], tags=["majors"],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "desk")
        facts = self.read(DeclareForm)
        number = facts.pop("incident").strip().upper()
        incident = Incident.objects.visible_to(self.actor).filter(number=number).first()
        if incident is None:
            raise refuse("incident", _("There is no incident %(number)s.") % {"number": number[:20]})
        made = services.declare(incident, **facts, actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.answer().data
        url = reverse("api:major-incidents-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @extend_schema(summary="Give an update", request=UpdateForm, responses=MajorShape, tags=["majors"])
    @action(detail=True, methods=["post"], url_path="updates")
    def post_update(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "lead_major", row)
        services.post(row, **self.read(UpdateForm), actor=self.actor, now=self.now)
        return self.answer()

    @extend_schema(summary="End it", request=EndForm, responses=MajorShape, tags=["majors"])
    @action(detail=True, methods=["post"])
    def end(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "stand_down", row)
        services.stand_down(row, **self.read(EndForm), actor=self.actor, now=self.now)
        return self.answer()


router = SimpleRouter()
router.register("major-incidents", Majors, basename="major-incidents")
urlpatterns = router.urls
