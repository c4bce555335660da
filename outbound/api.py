"""Webhooks and robots over HTTP, for managers. A secret is answered once, when it is made."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import Actor, require
from accounts.models import Team, User
from itsm.rest import schema, versions
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from outbound import services
from outbound.models import Message, Subscription

TAGS = ["webhooks"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
EXAMPLE = {
    "name": "ERP",
    "url": "https://erp.example.com/hooks/itsm",
    "events": ["incident.*", "sla.breached"],
}


def _teams(actor: Actor) -> QuerySet[Team]:
    return Team.objects.all()


def _staff(actor: Actor) -> QuerySet[User]:
    return User.objects.filter(is_active=True)


class WebhookShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField(help_text="Of this subscription.")
    name = serializers.CharField()
    kind = Coded(Subscription.Kind.choices)
    receiver = serializers.CharField(source="place", help_text="The host alone: the rest may be a key.")
    events = serializers.ListField(child=serializers.CharField())
    customer = NamedShape(allow_null=True)
    team = NamedShape(allow_null=True)
    public_only = serializers.BooleanField()
    language = serializers.CharField()
    keeper = PersonShape()
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    version = serializers.IntegerField()

    def get_url(self, row: Subscription) -> str:
        return f"/api/v1/webhooks/{row.pk}/"


class NewWebhookShape(WebhookShape):
    secret = serializers.CharField(help_text="Answered this one time.")


class WebhookForm(Strict):
    name = Text(max_length=100)
    kind = Pick(Subscription.Kind.choices, required=False)
    url = Text(max_length=1000)
    secret = Text(max_length=200, required=False, help_text="A webhook is given one.")
    events = serializers.ListField(
        child=Text(max_length=40), max_length=50, help_text="Verbs of the log, `incident.*`, or `*`."
    )
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True
    )
    team = Reference(_teams, code="code", see="teams", required=False, allow_null=True)
    public_only = Flag(required=False)
    language = Pick(settings.LANGUAGES, required=False)
    keeper = Reference(_staff, code="username", see="users", required=False)
    is_active = Flag(required=False)


class AttemptShape(Shape):
    at = Instant()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    milliseconds = serializers.IntegerField(allow_null=True)


class DeliveryRowShape(Shape):
    id = serializers.IntegerField()
    key = serializers.CharField(help_text="The same on every attempt: Webhook-Id.")
    event = serializers.CharField(source="activity.verb", default="test")
    record = serializers.CharField(source="activity.record.number", allow_null=True, default=None)
    state = Coded(Message.State.choices)
    attempts = serializers.IntegerField()
    created_at = Instant()
    sent_at = Instant(allow_null=True)
    last_error = serializers.CharField()
    tries = serializers.SerializerMethodField()

    def get_tries(self, row: Message) -> list[dict[str, Any]]:
        newest = sorted(row.tries.all(), key=lambda each: -each.pk)[:10]
        return [dict(AttemptShape(each).data) for each in newest]


class ReplayMessageForm(Strict):
    message = serializers.IntegerField(min_value=1, help_text="Its id in `messages/`.")


class WebhookFilters(framework.FilterSet):  # type: ignore[misc]
    kind = Several(choices=Subscription.Kind.choices)
    is_active = FlagFilter(field_name="is_active")


@extend_schema_view(
    list=extend_schema(summary="Webhooks and chat robots", tags=TAGS),
    retrieve=extend_schema(summary="One webhook or robot", parameters=[ID], tags=TAGS),
)
class Webhooks(ReadOnly):
    """For managers of all customers. Changing needs the ETag."""

    queryset = Subscription.objects.none()
    serializer_class = WebhookShape
    filterset_class = WebhookFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"name": SortKey("name"), "id": SortKey("id")}
    ordering = "id"

    def get_queryset(self) -> QuerySet[Subscription]:
        require(self.actor, "lead_outbound")
        return Subscription.objects.select_related("customer", "team", "keeper__organisation")

    def read(self, form: type[Strict], **more: Any) -> dict[str, Any]:
        found = form(data=self.request.data, context=self.get_serializer_context(), **more)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def answer(self, pk: int) -> Response:
        data = self.get_serializer(self.get_queryset().get(pk=pk)).data
        return Response(data, headers={"ETag": versions.etag(data["version"])})

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, services.Stale):
            exc = Problem("stale", headers={"ETag": versions.etag(exc.row.version)})
        return super().handle_exception(exc)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object().pk)

    @extend_schema(
        summary="Subscribe to events",
        request=WebhookForm,
        responses={201: NewWebhookShape},
        examples=[OpenApiExample("A program", value=EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_outbound")
        made = services.create(**self.read(WebhookForm), actor=self.actor, now=self.now)
        shown = NewWebhookShape(made, context=self.get_serializer_context()).data
        return created(shown, shown["url"], ETag=versions.etag(made.version))

    @extend_schema(
        summary="Change a webhook or robot",
        request=WebhookForm,
        responses=WebhookShape,
        parameters=[ID, schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Switch it off", value={"is_active": False}, request_only=True)],
        tags=TAGS,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        expected = versions.expected(request, row.version, required=True)
        facts = self.read(WebhookForm, partial=True)
        services.change(row, facts, actor=self.actor, now=self.now, expected_version=expected)
        return self.answer(row.pk)

    @extend_schema(
        summary="Send a test", request=None, responses={202: DeliveryRowShape}, parameters=[ID], tags=TAGS,
        filters=False,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        made = services.send_test(self.get_object(), actor=self.actor, now=self.now)
        return Response(DeliveryRowShape(made).data, status=202)

    @extend_schema(
        summary="Send a message once more, under its own key",
        request=ReplayMessageForm,
        responses={202: DeliveryRowShape},
        parameters=[ID],
        examples=[OpenApiExample("Again", value={"message": 7}, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        wanted = self.read(ReplayMessageForm)["message"]
        message = get_object_or_404(Message, subscription=row, pk=wanted)
        return Response(
            DeliveryRowShape(services.replay(message, actor=self.actor, now=self.now)).data, status=202
        )

    @extend_schema(
        summary="The last 100 messages with their attempts",
        responses=DeliveryRowShape(many=True),
        parameters=[ID],
        tags=TAGS,
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def messages(self, request: Request, pk: str) -> Response:
        rows = self.get_object().messages.select_related("activity__record").prefetch_related("tries")
        return Response(DeliveryRowShape(rows.order_by("-pk")[:100], many=True).data)


router = SimpleRouter()
router.register("webhooks", Webhooks, "webhooks")
urlpatterns = router.urls
