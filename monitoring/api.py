"""Alerts over HTTP: three addresses that take what monitoring systems really send, and the list of alerts."""

import base64
import binascii
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as framework
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication, get_authorization_header
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from accounts.models import Token, User
from itsm.rest.auth import BearerAuthentication, token_of
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.views import ReadOnly
from monitoring import api_shapes as shapes
from monitoring import payloads, services
from monitoring.models import Alert, Source
from monitoring.signals import Signal

TAGS = ["alerts"]
SOURCE = OpenApiParameter(
    "source", str, description="Code of the source, where one account reports for several; default: the kind."
)
FROM_ALERTMANAGER = {
    "version": "4", "status": "firing", "receiver": "itsm", "groupKey": '{}:{alertname="DiskFull"}',
    "truncatedAlerts": 0, "groupLabels": {"alertname": "DiskFull"}, "commonLabels": {},
    "commonAnnotations": {}, "externalURL": "http://alertmanager.example.com", "alerts": [{
        "status": "firing",
        "labels": {"alertname": "DiskFull", "instance": "db-1:9100", "severity": "critical"},
        "annotations": {"summary": "Disk of db-1 is 97 % full"}, "startsAt": "2026-03-02T01:58:11.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://prometheus.example.com/graph",
        "fingerprint": "6f8ad1e3b0c5a1de"}],
}  # fmt: skip
FROM_ZABBIX = {
    "event_value": "1", "event_id": "4711", "trigger_id": "22001", "event_name": "Disk of db-1 is full",
    "host": "db-1", "event_severity": "High", "event_opdata": "97 %", "event_date": "2026.03.02",
    "event_time": "09:58:11", "event_tags": '[{"tag":"scope","value":"capacity"}]',
}  # fmt: skip
PLAIN = {
    "alarm": "disk-full", "item": "db-1", "status": "firing", "title": "Disk of db-1 is full",
    "severity": "critical", "labels": {"site": "Suzhou"}, "started_at": "2026-03-02T09:58:11+08:00",
}  # fmt: skip


class BasicAuthentication(BearerAuthentication):
    """``Authorization: Basic``: the account's user name, and its token as the password.

    For senders that know nothing else; the token counts, as everywhere.
    """

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _space, text = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != b"basic":
            return None
        try:
            name, _colon, password = base64.b64decode(text.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        token = token_of(password.encode())
        if token is None or token.user.username.lower() != name.lower():
            raise exceptions.AuthenticationFailed(_("This token is not valid, or no longer."))
        if not token.user.is_active:
            raise exceptions.AuthenticationFailed(_("This account is not active."))
        return token.user, token


class BasicScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """User name and token in the OpenAPI document."""

    target_class = BasicAuthentication
    name = "basic"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "basic", "description": "User name, and its token as the password."}


class AlertFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    status = Several(choices=Alert.Status.choices)
    why = Several(choices=Alert.Why.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    incident = framework.CharFilter(
        field_name="incident__number", lookup_expr="iexact", max_length=20, label=gettext_lazy("Its number.")
    )
    started_after = InstantFilter(field_name="started_at", lookup_expr="gte")
    started_before = InstantFilter(field_name="started_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Alerts of monitoring systems", tags=TAGS),
    retrieve=extend_schema(
        summary="One alert", parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)], tags=TAGS
    ),
)
class Alerts(ReadOnly):
    """For the desk's side. Every alert of a delivery is answered; the same delivery twice changes nothing.

    A delivery of which no alert can be read is refused with 400 and stores nothing.
    """

    queryset = Alert.objects.none()
    serializer_class = shapes.AlertShape
    filterset_class = AlertFilters
    lookup_value_regex = "[0-9]{1,18}"
    orderings: ClassVar[dict[str, SortKey]] = {"started_at": SortKey("started_at"), "id": SortKey("id")}
    ordering = "-started_at"
    authentication_classes = [BearerAuthentication, BasicAuthentication, SessionAuthentication]

    def get_queryset(self) -> QuerySet[Alert]:
        require(self.actor, "see_alerts")
        return Alert.objects.visible_to(self.actor).select_related("source", "incident", "customer", "item")

    @extend_schema(
        summary="Report alerts as plain JSON",
        request=shapes.PlainForm,
        responses=shapes.DeliveryShape,
        parameters=[SOURCE],
        examples=[OpenApiExample("A full disk", value=PLAIN, request_only=True)],
        tags=TAGS,
    )
    def create(self, request: Request) -> Response:
        return self._take(request, Source.Kind.JSON)

    @extend_schema(
        summary="Webhook of Prometheus Alertmanager",
        request=OpenApiTypes.OBJECT,
        responses=shapes.DeliveryShape,
        parameters=[SOURCE],
        examples=[OpenApiExample("A full disk", value=FROM_ALERTMANAGER, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=False, methods=["post"])
    def alertmanager(self, request: Request) -> Response:
        return self._take(request, Source.Kind.ALERTMANAGER)

    @extend_schema(
        summary="Media type of Zabbix",
        request=OpenApiTypes.OBJECT,
        responses=shapes.DeliveryShape,
        parameters=[SOURCE],
        examples=[OpenApiExample("A full disk", value=FROM_ZABBIX, request_only=True)],
        tags=TAGS,
        filters=False,
    )
    @action(detail=False, methods=["post"])
    def zabbix(self, request: Request) -> Response:
        return self._take(request, Source.Kind.ZABBIX)

    def _take(self, request: Request, kind: Source.Kind) -> Response:
        require(self.actor, "report_alerts")
        code = request.query_params.get("source", "")
        if code and not shapes.CODE.fullmatch(code):
            raise refuse("source", _("A code of letters, digits, - and _, at most 50."))
        source = Source.objects.filter(account=self.actor.user_id, code=code or kind).first()
        reading = source or Source(account_id=self.actor.user_id, code=code or kind, kind=kind)
        if reading.kind != kind:
            raise refuse("source", _("This source is of another kind: %(kind)s.") % {"kind": reading.kind})
        document = payloads.READERS[kind](request.data, reading)
        document.check()
        kept = source or services.source_of(account_id=self.actor.user_id, kind=kind, code=code)
        signals = [each for each in document.alerts if isinstance(each, Signal)]
        outcomes = iter(services.receive(kept, signals, actor=self.actor, now=self.now))
        return Response(
            {
                "source": kept.code,
                "results": [
                    shapes.refused(each) if isinstance(each, list) else shapes.outcome(next(outcomes))
                    for each in document.alerts
                ],
            }
        )


router = SimpleRouter()
router.register("alerts", Alerts, "alerts")
urlpatterns = router.urls
