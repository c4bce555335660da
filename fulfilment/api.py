"""Service requests and orderable entries over HTTP: /api/v1/requests/, /api/v1/offerings/."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import records.services
from accounts.access import require
from accounts.models import User
from fulfilment import api_shapes as shapes
from fulfilment import ordering
from fulfilment.api_attainment import Attainment
from fulfilment.api_below import Approvals, Tasks
from fulfilment.api_moves import ACTS, Moves, available
from fulfilment.api_offerings import Offerings, OfferingVersions
from fulfilment.api_quotations import Quotations
from fulfilment.api_rights import AccessRights
from fulfilment.models import Offering, ServiceRequest, State
from fulfilment.order_form import OrderForm, from_json
from fulfilment.services import MOVES
from itsm.rest import schema, versions
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.problems import refuse
from itsm.rest.views import created
from records import api as below
from records.api_clocks import attach_states
from records.api_filters import ORDERINGS, RecordFilters
from records.kinds import Kind
from records.models import Channel
from records.services import Stale
from sla.models import Clock

WITH = (
    "customer", "requester", "reporter", "service", "team", "assignee", "owner", "offering",
    "ordered_version", "fulfilled_by", "confirmed_by",
)  # fmt: skip
NEW = {"offering": "new-laptop", "answers": {"model": "light", "reason": "Mine is worn out."}, "quantity": 1}


class RequestFilters(RecordFilters):
    state = Several(choices=State.choices)
    offering = NamedFilter(rows=Offering.objects.visible_to, code="code")


@extend_schema_view(list=extend_schema(summary="List and search service requests"))
class Requests(mixins.ListModelMixin, Moves):
    """What is invisible to you does not exist here."""

    queryset = ServiceRequest.objects.none()
    serializer_class = shapes.RequestShape
    filterset_class = RequestFilters
    orderings = ORDERINGS
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = dict.fromkeys((*MOVES, *ACTS), ("illegal-move", "stale"))

    def get_queryset(self) -> QuerySet[ServiceRequest]:
        rows: QuerySet[ServiceRequest] = ServiceRequest.objects.visible_to(self.actor)
        return rows.select_related(*WITH)

    def ordered(self) -> ServiceRequest:
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no service request %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    @extend_schema(summary="One service request", responses=shapes.RequestDetailShape)
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer(number)

    def answer(self, number: str) -> Response:
        """The request as it is now, with its ETag."""
        ordered = self.ordered()
        return Response(self.shown(ordered), headers={"ETag": versions.etag(ordered.version)})

    def shown(self, ordered: ServiceRequest) -> Any:
        clocks = list(Clock.objects.filter(record=ordered.pk).order_by("pk"))
        context = {
            **self.get_serializer_context(),
            "moves": available(ordered, self.actor),
            "clocks": attach_states(clocks, self.now),
            "number": ordered.number,
            "kind": Kind.REQUEST.value,
        }
        return shapes.RequestDetailShape(ordered, context=context).data

    @extend_schema(
        summary="Order something",
        request=shapes.RequestForm,
        responses={201: shapes.RequestDetailShape},
        examples=[OpenApiExample("An order", value=NEW, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Files are attached afterwards, at `/attachments/` below the request."""
        form = shapes.RequestForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = self.opened(dict(form.validated_data))
        self.kwargs["number"] = made.number
        data = self.shown(self.ordered())
        url = reverse("api:requests-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    def opened(self, given: dict[str, Any]) -> ServiceRequest:
        user = self.request.user
        if not isinstance(user, User):
            raise Http404
        person = given.get("requester") or (None if self.actor.is_desk_side else user)
        if person is None:
            raise refuse(
                "requester", _("Say for whom it is ordered."), "required",
                _("Choose one of /api/v1/users/, by id or username."),
            )  # fmt: skip
        offering: Offering = given["offering"]
        version = ordering.orderable(offering, person.organisation, person)
        form = self.checked(version.blueprint, given.get("answers", {}), person)
        usual = Channel.PHONE if self.actor.is_desk_side else Channel.PORTAL
        return ordering.order(
            offering, form.given, customer=person.organisation, requester=person,
            reporter=None if self.actor.is_desk_side else user, actor=self.actor, now=self.now,
            quantity=given.get("quantity", 1), remark=given.get("remark", ""),
            channel=given.get("channel", usual), edition=version.number,
        )  # fmt: skip

    def checked(self, blueprint: Any, given: Any, person: User) -> OrderForm:
        """The answers as the form checks them; 400 with the key of what is wrong."""
        if strange := sorted(set(given) - {one.key for one in blueprint.fields}):
            raise refuse(f"answers.{strange[0]}", _("There is no such field."), "unknown_field")
        form = OrderForm(from_json(given), blueprint=blueprint, organisation=person.organisation, files=False)
        if not form.is_valid():
            name, problems = next(iter(form.errors.items()))
            raise refuse(f"answers.{name.removeprefix(OrderForm.PREFIX)}", str(problems[0]))
        return form

    @extend_schema(
        summary="Change facts",
        request=shapes.RequestPatch,
        responses=shapes.RequestDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("A higher priority", value={"priority": 2}, request_only=True)],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        ordered = self.ordered()
        require(self.actor, "edit", ordered)
        expected = versions.expected(request, ordered.version, required=True)
        if expected is not None and expected != ordered.version:
            raise Stale(ordered, expected)
        form = shapes.RequestPatch(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        records.services.edit(
            ordered, form.validated_data, actor=self.actor, now=self.now, expected_version=expected
        )
        return self.answer(number)


ENTRY = "(?P<offering>[0-9A-Za-z_-]{1,50})"
router = SimpleRouter()
router.register("requests", Requests, basename="requests")
router.register("offerings", Offerings, basename="offerings")
router.register(f"offerings/{ENTRY}/versions", OfferingVersions, basename="offering-versions")
router.register(f"requests/{below.NUMBER}/quotations", Quotations, basename="request-quotations")
router.register("attainment", Attainment, basename="attainment")
router.register("access-rights", AccessRights, basename="access-rights")
router.register("approvals", Approvals, basename="approvals")
router.register("tasks", Tasks, basename="tasks")
below.mount(router, "requests", Kind.REQUEST.value)
urlpatterns = router.urls
