"""Complaints, surveys and callbacks over HTTP. Answers are read by leaders and given by nobody here.

An answer comes in by the token of the link alone: POST survey-answers/, without login, once.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as Answer
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import Denied, may, require
from customers import access, callbacks, complaints, lifecycle, links, opinions, surveys
from customers.api_shapes import (
    AnswerForm,
    CallbackShape,
    CalledForm,
    ComplaintShape,
    DeskComplaintShape,
    EscalateForm,
    InvitationShape,
    JudgeForm,
    NothingForm,
    RateForm,
    ReasonForm,
    ReceiveForm,
    SurveyShape,
    TextForm,
    own_organisation,
    ticket_of,
)
from customers.models import (
    Callback,
    CallbackTry,
    Complaint,
    Invitation,
    Response,
    ResponseItem,
    State,
    Survey,
    SurveyState,
)
from itsm.rest import schema, versions
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem, refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import Base, ReadOnly, ViewSet, created
from records import api as below
from records.kinds import Kind
from records.lifecycle import IllegalMove
from records.models import Channel, Record
from records.services import Stale

NUMBER = "[A-Za-z]{1,6}[0-9]{1,15}"
# what may be done besides the moves: the states in which it makes sense
ACTS = {"judge": lifecycle.OPEN, "escalate": lifecycle.OPEN, "rate_outcome": lifecycle.REPLIED}


class ComplaintFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)
    nature = Several(choices=Complaint.Nature.choices)
    open = FlagFilter(method="by_open")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    received_after = InstantFilter(field_name="received_at", lookup_expr="gte")
    received_before = InstantFilter(field_name="received_at", lookup_expr="lt")
    due_before = InstantFilter(field_name="due_at", lookup_expr="lt")

    def by_open(self, rows: QuerySet[Complaint], name: str, value: bool) -> QuerySet[Complaint]:
        return rows.filter(state__in=lifecycle.OPEN) if value else rows.exclude(state__in=lifecycle.OPEN)


def operation(summary: str, form: type[Strict]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=DeskComplaintShape, parameters=[schema.IF_MATCH],
            filters=False, tags=["complaints"],
        )(handler)  # fmt: skip
        name = handler.__name__
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


@extend_schema_view(list=extend_schema(summary="Complaints, suggestions and praise", tags=["complaints"]))
class Complaints(mixins.ListModelMixin, ViewSet):
    """Customers see their own; those about people are for managers and who handles them."""

    queryset = Complaint.objects.none()
    serializer_class = ComplaintShape
    filterset_class = ComplaintFilters
    orderings = {"received_at": SortKey("received_at"), "due_at": SortKey("due_at"), "id": SortKey("id")}
    ordering = "-received_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER
    problems_of = dict.fromkeys((*lifecycle.COMPLAINT.moves, *ACTS), ("illegal-move", "stale"))

    def get_serializer_class(self) -> Any:
        actor = getattr(self.request, "actor", None)  # none for the request the document is made with
        return ComplaintShape if actor is not None and not actor.is_desk_side else DeskComplaintShape

    def get_queryset(self) -> QuerySet[Complaint]:
        return access.complaints(self.actor).select_related(
            "customer", "requester", "service", "about", "assignee", "owner", "escalated_to", "judged_by",
            "matter",
        )  # fmt: skip

    def complaint(self) -> Complaint:
        """The complaint of the path; 404 where it is none of the actor's."""
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Answer:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    def moves(self, row: Complaint) -> list[str]:
        legal = [act for act in lifecycle.COMPLAINT.legal_moves(row.state) if may(self.actor, act, row)]
        return legal + [
            act for act, states in ACTS.items() if row.state in states and may(self.actor, act, row)
        ]

    def answer_with(self, row: Complaint) -> Answer:
        context = {**self.get_serializer_context(), "moves": self.moves(row)}
        data = self.get_serializer_class()(row, context=context).data
        return Answer(data, headers={"ETag": versions.etag(row.version)})

    @extend_schema(summary="One complaint", responses=DeskComplaintShape, tags=["complaints"], filters=False)
    def retrieve(self, request: Request, number: str) -> Answer:
        return self.answer_with(self.complaint())

    @extend_schema(
        summary="Record what a customer said", request=ReceiveForm, responses={201: DeskComplaintShape},
        tags=["complaints"],
    )  # fmt: skip
    def create(self, request: Request) -> Answer:
        form = ReceiveForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = complaints.receive(**self.completed(dict(form.validated_data)), actor=self.actor, now=self.now)
        url = reverse("api:complaints-detail", [made.number], request=request)
        self.kwargs["number"] = made.number
        if not access.may_read(self.actor, made):  # about a person: whoever recorded it reads it no more
            return created({"number": made.number}, url)
        data = self.answer_with(self.complaint()).data
        return created(data, url, ETag=versions.etag(made.version))

    def completed(self, given: dict[str, Any]) -> dict[str, Any]:
        """The defaults that depend on who asks."""
        facts = {name: value for name, value in given.items() if value is not None}
        if number := facts.pop("about", ""):
            facts["about"] = ticket_of(number, self.actor)
            if facts["about"] is None:
                raise refuse("about", _("There is no ticket of this number."), "does_not_exist")
        facts["is_major"] = facts.pop("major", False)
        if not self.actor.is_desk_side:
            customer, me = own_organisation(self.actor)
            return {**facts, "customer": customer, "requester": me, "channel": Channel.PORTAL}
        if "requester" not in facts:
            raise refuse("requester", _("Say who said it."), "required")
        facts.setdefault("customer", facts["requester"].organisation)
        facts.setdefault("channel", Channel.PHONE)
        return facts

    def act(
        self, name: str, form: type[Strict], verb: Callable[..., Any], *, versioned: bool = True
    ) -> Answer:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.complaint()
        require(self.actor, name, row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        if row.state not in ACTS.get(name, frozenset()) and name not in lifecycle.COMPLAINT.legal_moves(
            row.state
        ):
            raise IllegalMove(name, row.state, tuple(self.moves(row)))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing = {"expected_version": expected} if versioned else {}
        verb(row, **asked.validated_data, **doing, actor=self.actor, now=self.now)
        return self.answer_with(self.complaint())

    @operation("Look into it", NothingForm)
    def acknowledge(self, request: Request, number: str) -> Answer:
        return self.act("acknowledge", NothingForm, complaints.acknowledge)

    @operation("Judge whether it is valid", JudgeForm)
    def judge(self, request: Request, number: str) -> Answer:
        return self.act("judge", JudgeForm, complaints.judge)

    @operation("Answer the customer", TextForm)
    def answer(self, request: Request, number: str) -> Answer:
        return self.act("answer", TextForm, complaints.answer)

    @operation("Say what was done", TextForm)
    def handle(self, request: Request, number: str) -> Answer:
        return self.act("handle", TextForm, complaints.handle)

    @operation("Close", NothingForm)
    def close(self, request: Request, number: str) -> Answer:
        return self.act("close", NothingForm, complaints.close)

    @operation("Take it up again", ReasonForm)
    def reopen(self, request: Request, number: str) -> Answer:
        return self.act("reopen", ReasonForm, complaints.reopen)

    @operation("Take it back", ReasonForm)
    def retract(self, request: Request, number: str) -> Answer:
        return self.act("retract", ReasonForm, complaints.retract)

    @operation("Escalate as major", EscalateForm)
    def escalate(self, request: Request, number: str) -> Answer:
        return self.act("escalate", EscalateForm, complaints.escalate)

    @operation("Say how content you are with the outcome", RateForm)
    def rate_outcome(self, request: Request, number: str) -> Answer:
        return self.act("rate_outcome", RateForm, complaints.rate_outcome, versioned=False)


class Activities(below.Activities):
    """The timeline of a complaint; customers read what is public."""

    kind = Kind.COMPLAINT.value

    def record(self) -> Record:
        return access.get_complaint(self.actor, self.kwargs["number"])


# --- surveys ---------------------------------------------------------------------------------


class SurveyFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=SurveyState.choices)
    purpose = Several(choices=Survey.Purpose.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")


@extend_schema_view(list=extend_schema(summary="Surveys with their means", tags=["surveys"]))
class Surveys(mixins.ListModelMixin, ViewSet):
    """For leaders: who is assessed does not read what was said."""

    queryset = Survey.objects.none()
    serializer_class = SurveyShape
    filterset_class = SurveyFilters
    orderings = {"opened_at": SortKey("opened_at"), "id": SortKey("id")}
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER

    def get_queryset(self) -> QuerySet[Survey]:
        require(self.actor, "lead_customers")
        return opinions.surveys(self.actor)

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        self.means = opinions.means_of(rows or [])
        return rows

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "means": getattr(self, "means", {})}

    @extend_schema(summary="One survey", responses=SurveyShape, tags=["surveys"], filters=False)
    def retrieve(self, request: Request, number: str) -> Answer:
        row = self.get_queryset().filter(number=number.upper()).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        self.means = opinions.means_of([row])
        return Answer(SurveyShape(row, context=self.get_serializer_context()).data)


class InvitationFilters(framework.FilterSet):  # type: ignore[misc]
    survey = framework.CharFilter(field_name="survey__number", lookup_expr="iexact")
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    answered = FlagFilter(method="by_answered")
    asked_after = InstantFilter(field_name="created_at", lookup_expr="gte")
    asked_before = InstantFilter(field_name="created_at", lookup_expr="lt")

    def by_answered(self, rows: QuerySet[Invitation], name: str, value: bool) -> QuerySet[Invitation]:
        return rows.filter(response__isnull=not value)


@extend_schema_view(
    list=extend_schema(summary="Who was asked, and what they answered", tags=["surveys"]),
    retrieve=extend_schema(summary="One who was asked", tags=["surveys"]),
)
class Invitations(ReadOnly):
    """For leaders. Nothing can be written here."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationShape
    filterset_class = InvitationFilters
    orderings = {"id": SortKey("id")}
    ordering = "-id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Invitation]:
        require(self.actor, "lead_customers")
        items = ResponseItem.objects.select_related("question").order_by("question__position")
        rows = opinions.invitations(self.actor).select_related(
            "survey", "person", "customer", "ticket", "response__collected_by"
        )
        return rows.prefetch_related(Prefetch("response__items", items))


class SurveyAnswers(Base):
    """Where the link's own page would answer, for programs that show the questions themselves."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # who asks is told from the session before this view forgets it: the provider's people are refused
        if hasattr(request, "actor"):  # not so for the request the document is made with
            _asker: int = request.actor.user_id
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="survey_answers_create",
        summary="Answer by the token of the link, once", request=AnswerForm,
        responses={201: OpenApiTypes.OBJECT}, tags=["surveys"],
    )  # fmt: skip
    def post(self, request: Request) -> Answer:
        form = AnswerForm(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        invitation = links.invitation_of(form.validated_data["token"])
        if invitation is None:
            raise Http404(_("This link does not work."))
        places = {str(q.position): q.pk for q in invitation.survey.questionnaire.questions.all()}
        given = form.validated_data["answers"]
        if strange := sorted(set(given) - set(places)):
            raise refuse("answers", _("There is no question %(id)s here.") % {"id": strange[0][:20]})
        answers = {places[place]: value for place, value in given.items()}
        try:
            surveys.answer(invitation, answers, way=Response.Way.LINK, actor=self.actor, now=self.now)
        except surveys.AlreadyAnswered:
            raise Problem("duplicate", _("You have answered already.")) from None
        except surveys.Over:
            raise IllegalMove("answer", "over", ()) from None
        return Answer({"stored": True}, status=201)


# --- callbacks -------------------------------------------------------------------------------


class CallbackFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=Callback.State.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    claimed_by = NamedFilter(rows=accounts.queries.everybody, code="username", people=True)
    due_before = InstantFilter(field_name="due_at", lookup_expr="lt")
    closed_after = InstantFilter(field_name="closed_at", lookup_expr="gte")
    closed_before = InstantFilter(field_name="closed_at", lookup_expr="lt")


@extend_schema_view(
    list=extend_schema(summary="Callbacks", tags=["callbacks"]),
    retrieve=extend_schema(summary="One callback", tags=["callbacks"]),
)
class Callbacks(ReadOnly):
    """For the desk's side."""

    queryset = Callback.objects.none()
    serializer_class = CallbackShape
    filterset_class = CallbackFilters
    orderings = {"due_at": SortKey("due_at"), "id": SortKey("id")}
    ordering = "due_at"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Callback]:
        if not self.actor.is_desk_side:
            raise Denied(self.actor, "desk")
        tries = CallbackTry.objects.select_related("by")
        rows = Callback.objects.visible_to(self.actor).select_related(
            "ticket", "customer", "person", "claimed_by"
        )
        return rows.prefetch_related(Prefetch("tries", tries))

    def act(self, form: type[Strict], verb: Callable[..., Any]) -> Answer:
        row = self.get_object()
        require(self.actor, "call_back", row.ticket)
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        verb(row, asked.validated_data)
        return Answer(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

    @extend_schema(summary="Make this call", request=NothingForm, filters=False, tags=["callbacks"])
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str) -> Answer:
        return self.act(NothingForm, lambda row, given: callbacks.claim(row, actor=self.actor, now=self.now))

    @extend_schema(summary="Leave it to others", request=NothingForm, filters=False, tags=["callbacks"])
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Answer:
        return self.act(
            NothingForm, lambda row, given: callbacks.release(row, actor=self.actor, now=self.now)
        )

    @extend_schema(summary="What came of the call", request=CalledForm, filters=False, tags=["callbacks"])
    @action(detail=True, methods=["post"])
    def record(self, request: Request, pk: str) -> Answer:
        def verb(row: Callback, given: Any) -> None:
            callbacks.record(
                row, is_reached=given["reached"], content=given.get("content") or "", words=given["words"],
                next_at=given.get("next_at"), actor=self.actor, now=self.now,
            )  # fmt: skip

        return self.act(CalledForm, verb)


router = SimpleRouter()
router.register("complaints", Complaints, basename="complaints")
router.register(f"complaints/(?P<number>{NUMBER})/activities", Activities, basename="complaint-activities")
router.register("surveys", Surveys, basename="surveys")
router.register("survey-invitations", Invitations, basename="survey-invitations")
router.register("callbacks", Callbacks, basename="callbacks")
urlpatterns = [
    path("survey-answers/", SurveyAnswers.as_view(), name="survey-answers"),
    *router.urls,
]
