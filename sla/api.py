"""The simulator for all to try; calendars, packages and agreements are read through its neighbours."""

from collections.abc import Mapping

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import require
from itsm.rest.problems import refuse
from itsm.rest.views import Base
from sla import cases
from sla.api_agreements import Agreements, Versions
from sla.api_calendars import Calendars
from sla.api_packages import Packages

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


router = SimpleRouter()
router.register("calendars", Calendars, basename="calendars")
router.register("packages", Packages, basename="packages")
router.register("agreements", Agreements, basename="agreements")
router.register(
    "agreements/(?P<agreement>[0-9A-Za-z_-]{1,50})/versions", Versions, basename="agreement-versions"
)
urlpatterns = [path("sla/simulate/", Simulate.as_view(), name="simulate"), *router.urls]
