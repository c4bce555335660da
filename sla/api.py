"""The simulator for all to try, and the calendars and agreements behind the clocks, to read."""

from collections.abc import Mapping

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import Actor, may, require
from accounts.api import NameFilters
from itsm.rest.fields import Instant
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.serializers import Coded, NamedShape, Shape
from itsm.rest.views import Base, ReadOnly
from sla import cases, underpinning_views
from sla.models import Agreement, Calendar, Metric
from sla.queries import agreements
from sla.underpin import Circular

VERDICTS = list(underpinning_views.STATES)
BY_NAME = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
EXAMPLE = {
    "calendars": {"desk": {"timezone": "Asia/Shanghai", "weekly": {"mon": [["09:00", "18:00"]]}}},
    "cases": [
        {
            "id": "a", "type": "due", "calendar": "desk", "start": "2026-03-02T10:00:00+08:00",
            "target": {"kind": "business_seconds", "seconds": 7200},
        }
    ],
}  # fmt: skip
ANSWER = {"results": [{"id": "a", "result": {"due": "2026-03-02T04:00:00Z", "seconds": 7200}}]}


class Simulate(Base):
    """Cases in, answers out, by the very functions the live clocks use (docs/sla-clock.md)."""

    # it computes and changes nothing, so a token that may only read may ask
    post_is_safe = True

    @extend_schema(
        summary="Try calendars, targets and events",
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
        examples=[
            OpenApiExample("A due time", value=EXAMPLE, request_only=True),
            OpenApiExample("A due time", value=ANSWER, response_only=True),
        ],
        tags=["sla"],
    )
    def post(self, request: Request) -> Response:
        require(self.actor, "simulate")
        asked = request.data
        if not isinstance(asked, Mapping):
            raise refuse(
                None, _("The body must be an object."), "not_an_object", '{"calendars": {}, "cases": []}'
            )
        try:
            return Response(cases.simulate(asked))
        except cases.CasesError as error:
            raise refuse(error.field or None, error.detail, error.code) from error


class CalendarVersionShape(Shape):
    number = serializers.IntegerField()
    effective_from = Instant()
    definition = serializers.JSONField(help_text="As in the simulator's case format.")
    holidays_known_until = serializers.DateField(allow_null=True)
    note = serializers.CharField()


class CalendarShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    versions = CalendarVersionShape(many=True)


class TargetShape(Shape):
    id = serializers.IntegerField()
    metric = Coded(Metric.choices)
    service = NamedShape(allow_null=True)
    priority = serializers.IntegerField(allow_null=True)
    promise = serializers.JSONField(help_text="As in the simulator's case format.")
    goal_percent = serializers.DecimalField(max_digits=5, decimal_places=2)


class AgreementVersionShape(Shape):
    number = serializers.IntegerField()
    effective_from = Instant()
    effective_until = Instant(allow_null=True)
    calendar = NamedShape()
    matrix = serializers.JSONField(help_text='{"<impact><urgency>": priority}')
    pausing_reasons = serializers.ListField(child=serializers.CharField())
    warn_at = serializers.ListField(child=serializers.IntegerField(), help_text="Per cent of the target.")
    targets = TargetShape(many=True)


class AgreementShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    customer = NamedShape(allow_null=True, help_text="Null: the default commitment to every customer.")
    versions = AgreementVersionShape(many=True)


class StageDueShape(Shape):
    stage = serializers.IntegerField()
    agreement = serializers.CharField()
    target = serializers.CharField()
    due = Instant()


class CounterexampleShape(Shape):
    start = Instant()
    dues = StageDueShape(many=True)
    sla_due = Instant()


class SupportShape(Shape):
    stage = serializers.IntegerField()
    agreement = serializers.CharField()
    target = serializers.CharField()


class VerdictShape(Shape):
    """What the proof says of one target; docs/underpinning.md."""

    key = serializers.CharField()
    state = serializers.ChoiceField(choices=VERDICTS)
    slack = serializers.FloatField(allow_null=True, help_text="In `unit`; negative: looser.")
    unit = serializers.CharField()
    chain = SupportShape(many=True)
    counterexample = CounterexampleShape(source="verdict.counterexample", allow_null=True)
    example = serializers.CharField(help_text="The counter-example as a sentence in the reader's language.")
    warnings = serializers.ListField(child=serializers.CharField())


def calendars(actor: Actor) -> QuerySet[Calendar]:
    """Who may simulate may know the calendars."""
    return Calendar.objects.all() if may(actor, "simulate") else Calendar.objects.none()


@extend_schema_view(
    list=extend_schema(summary="Calendars with their versions", tags=["sla"]),
    retrieve=extend_schema(summary="One calendar", tags=["sla"]),
)
class Calendars(ReadOnly):
    queryset = Calendar.objects.none()
    serializer_class = CalendarShape
    filterset_class = NameFilters
    orderings = BY_NAME
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Calendar]:
        return calendars(self.actor).prefetch_related("versions")


@extend_schema_view(
    list=extend_schema(summary="Agreements with their versions and targets", tags=["sla"]),
    retrieve=extend_schema(summary="One agreement", tags=["sla"]),
)
class Agreements(ReadOnly):
    queryset = Agreement.objects.none()
    serializer_class = AgreementShape
    filterset_class = NameFilters
    orderings = BY_NAME
    ordering = "name"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Agreement]:
        return agreements(self.actor).select_related("customer").prefetch_related(
            "versions__calendar", "versions__targets__service"
        )  # fmt: skip

    @extend_schema(
        summary="Is each target carried by OLAs and UCs that are no looser?",
        responses=VerdictShape(many=True),
        tags=["sla"],
        filters=False,
    )
    @action(detail=True, pagination_class=None)
    def underpinning(self, request: Request, pk: str) -> Response:
        require(self.actor, "dashboard")
        now = timezone.now()
        version = underpinning_views.version_of(self.get_object(), now)
        try:
            found = underpinning_views.rows(version, now) if version else []
        except Circular as refused:
            raise refuse(None, underpinning_views.circle_words(refused), refused.code) from refused
        return Response(VerdictShape(found, many=True).data)


router = SimpleRouter()
router.register("calendars", Calendars, basename="calendars")
router.register("agreements", Agreements, basename="agreements")
urlpatterns = [path("sla/simulate/", Simulate.as_view(), name="simulate"), *router.urls]
