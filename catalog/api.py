"""The catalogue over HTTP: its entries, their versions and reviews, and the acts that change them."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.access import Actor, require
from accounts.api import NameFilters
from catalog import queries, services
from catalog.api_shapes import (
    API_ACTS,
    BecauseForm,
    DecideForm,
    NothingForm,
    ProposeForm,
    ServiceReviewShape,
    ServiceShape,
    ServiceVersionShape,
    UnavailableForm,
)
from catalog.models import Service, ServiceFamily, ServiceReview, ServiceVersion
from itsm.rest import errors, schema, versions
from itsm.rest.fields import find
from itsm.rest.filters import FlagFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Strict
from itsm.rest.views import ByIdOrCode, ReadOnly

ID_OR_CODE = OpenApiParameter("id", str, OpenApiParameter.PATH, description="An id or a code.")
OF_SERVICE = OpenApiParameter(
    "service", str, OpenApiParameter.PATH, description="An id or a code of a service."
)
SHOWN = 50
"""How many of the latest reviews are answered."""


def _not_now(error: services.NotNow) -> Problem:
    return Problem(
        "illegal-move",
        _("Not possible in the state “%(state)s”.") % {"state": error.state},
        extra={"state": error.state, "move": error.act, "legal_moves": list(error.legal)},
    )


def _stale(error: services.Stale) -> Problem:
    service = error.service
    return Problem(
        "stale",
        _("%(code)s is at version %(version)s by now.") % {"code": service.code, "version": service.version},
        extra={"version": service.version},
        headers={"ETag": versions.etag(service.version)},
    )


errors.register(services.NotNow, _not_now)
errors.register(services.Stale, _stale)


def families(actor: Actor) -> QuerySet[ServiceFamily]:
    return ServiceFamily.objects.all()


class ServiceFilters(NameFilters):
    is_published = FlagFilter()
    family = NamedFilter(rows=families, code="code")
    portfolio_class = Several(choices=Service.PortfolioClass.choices)
    state = framework.ChoiceFilter(choices=Service.State.choices, method="by_state")

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        return rows.in_state(value)


def operation(summary: str, form: type[Strict], example: dict[str, Any] | None = None) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""
    examples = [OpenApiExample(summary, value=example, request_only=True)] if example is not None else []

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=ServiceShape, filters=False, examples=examples,
            parameters=[schema.IF_MATCH, ID_OR_CODE],
        )(handler)  # fmt: skip
        return action(detail=True, methods=["post"], url_path=handler.__name__)(described)

    return decorate


EXAMPLE = {
    "offer": {
        "name": {"en": "Backup", "zh": "备份服务"},
        "customer": {"what": {"en": "Your data, safe.", "zh": "数据备份与恢复。"}},
        "provider": {"groups": ["platform"], "depends_on": ["data-centre"]},
    },
    "members": ["manager"],
    "reason": "A second copy elsewhere",
}


@extend_schema_view(list=extend_schema(summary="Entries of the catalogue that you may read"))
class Services(ByIdOrCode):
    """The desk side reads drafts and the provider view too; customers what is published for them."""

    queryset = Service.objects.none()
    serializer_class = ServiceShape
    filterset_class = ServiceFilters
    orderings = {"name": SortKey("name_en"), "code": SortKey("code"), "id": SortKey("id")}
    ordering = "name"
    problems_of = dict.fromkeys(API_ACTS, ("illegal-move", "stale"))

    def get_queryset(self) -> QuerySet[Service]:
        related = ("family", "present", "owner", "support_team", "second_line_team")
        return queries.services(self.actor).select_related(*related)

    @extend_schema(summary="One entry of the catalogue", parameters=[ID_OR_CODE], responses=ServiceShape)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    def answer(self, service: Service) -> Response:
        """The entry as it is now, with its ETag."""
        headers = {"ETag": versions.etag(service.version)}
        return Response(self.get_serializer(service).data, headers=headers)

    def act(self, name: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        service = self.get_object()
        require(self.actor, services.RULES[name])
        expected = versions.expected(self.request, service.version, required=False)
        if expected is not None and expected != service.version:
            raise services.Stale(service)
        if name not in (legal := services.legal_acts(service)):
            raise services.NotNow(name, service.state, legal)
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing = {"actor": self.actor, "now": self.now, "expected_version": expected}
        verb(service, **asked.validated_data, **doing)
        return self.answer(self.get_queryset().get(pk=service.pk))

    def of_review(self, name: str, form: type[Strict], verb: Callable[..., Any]) -> Response:
        """An act on the proposal that is before the committee."""

        def on_open(service: Service, **words: Any) -> Any:
            review = service.reviews.filter(state=ServiceReview.State.OPEN).first()
            if review is None:  # somebody was quicker
                raise services.NotNow(name, service.state, services.legal_acts(service))
            return verb(review, **words)

        return self.act(name, form, on_open)

    @operation("Propose a version to the review committee", ProposeForm, EXAMPLE)
    def propose(self, request: Request, pk: str) -> Response:
        return self.act("propose", ProposeForm, services.propose)

    @operation("Decide on the proposal, as asked", DecideForm, {"result": "approved"})
    def decide(self, request: Request, pk: str) -> Response:
        return self.of_review("decide", DecideForm, services.decide)

    @operation("Publish the approved proposal", NothingForm, {})
    def publish(self, request: Request, pk: str) -> Response:
        return self.of_review("publish", NothingForm, services.publish)

    @operation("Take the proposal back", BecauseForm, {"reason": "The price is not settled."})
    def take_back(self, request: Request, pk: str) -> Response:
        return self.of_review("take_back", BecauseForm, services.take_back)

    @operation(
        "Stop orders for a while", UnavailableForm,
        {"words_en": "The displays are being replaced.", "words_zh": "更换显示屏。"},
    )  # fmt: skip
    def unavailable(self, request: Request, pk: str) -> Response:
        return self.act("unavailable", UnavailableForm, services.make_unavailable)

    @operation("Take orders again", NothingForm, {})
    def available(self, request: Request, pk: str) -> Response:
        return self.act("available", NothingForm, services.make_available)

    @operation("Withdraw for good", BecauseForm, {"reason": "Nobody uses it any more."})
    def withdraw(self, request: Request, pk: str) -> Response:
        return self.act("withdraw", BecauseForm, services.withdraw)

    @extend_schema(
        summary="The latest reviews of an entry, for the staff", parameters=[ID_OR_CODE], filters=False,
        responses=ServiceReviewShape(many=True),
    )  # fmt: skip
    @action(detail=True, filter_backends=[], pagination_class=None)
    def reviews(self, request: Request, pk: str) -> Response:
        require(self.actor, "catalogue")
        rows = self.get_object().reviews.select_related("author").prefetch_related("decisions__member")
        found = rows.order_by("-pk")[:SHOWN]
        return Response(ServiceReviewShape(found, many=True, context=self.get_serializer_context()).data)


@extend_schema_view(
    list=extend_schema(summary="The versions of an entry, the newest first", parameters=[OF_SERVICE]),
    retrieve=extend_schema(summary="One version of an entry", parameters=[OF_SERVICE]),
)
class Versions(ReadOnly):
    """Immutable: what the catalogue said from an instant on."""

    queryset = ServiceVersion.objects.none()
    serializer_class = ServiceVersionShape
    orderings = {"number": SortKey("number")}
    ordering = "-number"
    lookup_field = "number"
    lookup_url_kwarg = "version"
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> QuerySet[ServiceVersion]:
        found = find(queries.services(self.actor), self.kwargs["service"], "code")
        if found is None:
            raise Http404(_("There is no such service here."))
        return ServiceVersion.objects.filter(service=found.pk)


router = SimpleRouter()
router.register("services", Services, basename="services")
router.register("services/(?P<service>[0-9A-Za-z_-]{1,50})/versions", Versions, basename="service-versions")
urlpatterns = router.urls
