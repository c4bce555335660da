"""Meetings of the board over HTTP, /api/v1/cab-meetings/: agenda, votes, decisions, minutes."""

from typing import Any

from django.db.models import Prefetch, QuerySet
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
from boards import minutes, services, session
from boards.models import AgendaItem, BoardMeeting, Participant, State, Vote
from itsm.rest import versions
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import Problem
from itsm.rest.serializers import Coded, PersonShape, Shape, Strict
from itsm.rest.views import ReadOnly, created
from records.lifecycle import Phase
from records.services import Stale

PLAN = {"meets_at": "2026-12-02T14:00:00+08:00", "chair": "mona", "place": "Room 3", "quorum": 3}


class MeetingFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    state = Several(choices=State.choices)
    open = FlagFilter(method="by_open")
    chair = NamedFilter(field_name="assignee", rows=accounts.queries.everybody, code="username", people=True)
    meets_after = InstantFilter(field_name="meets_at", lookup_expr="gte")
    meets_before = InstantFilter(field_name="meets_at", lookup_expr="lt")

    def by_open(self, rows: QuerySet[BoardMeeting], name: str, value: bool) -> QuerySet[BoardMeeting]:
        return rows.exclude(phase=Phase.DONE) if value else rows.filter(phase=Phase.DONE)


class BoardMeetingShape(Shape):
    """A meeting of the board of changes (CAB)."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    state = Coded(State.choices)
    chair = PersonShape(source="assignee", allow_null=True)
    meets_at = Instant()
    ends_at = Instant()
    begun_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    place = serializers.CharField()
    quorum = serializers.IntegerField(help_text="So many who vote must be there to decide.")

    def get_url(self, row: BoardMeeting) -> str:
        return reverse("api:cab-meetings-detail", [row.number], request=self.context["request"])


class BoardParticipantShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    user = PersonShape(allow_null=True)
    standing = Coded(Participant.Standing.choices)
    part = serializers.CharField()
    has_vote = serializers.BooleanField()
    is_present = serializers.BooleanField()


class VoteShape(Shape):
    participant = serializers.CharField(source="participant.name")
    choice = Coded(Vote.Choice.choices)
    words = serializers.CharField()
    cast_at = Instant()


class BoardItemShape(Shape):
    """``tally`` is how the votes stood when it was decided."""

    id = serializers.IntegerField()
    change = serializers.CharField(source="change.number")
    title = serializers.CharField(source="change.title")
    purpose = Coded(AgendaItem.Purpose.choices)
    decision = Coded(AgendaItem.Decision.choices)
    conditions = serializers.CharField()
    words = serializers.CharField()
    tally = serializers.DictField(child=serializers.IntegerField())
    decided_by = PersonShape(allow_null=True)
    decided_at = Instant(allow_null=True)
    votes = VoteShape(many=True, source="votes.all")


class BoardMeetingDetailShape(BoardMeetingShape):
    """With who takes part, the agenda with votes and decisions, and the minutes."""

    participants = BoardParticipantShape(many=True, source="participants.all")
    agenda = BoardItemShape(many=True, source="agenda.all")
    minutes_en = serializers.CharField()
    minutes_zh = serializers.CharField()


class PlanForm(Strict):
    """The members take part, and what waits for the board is on the agenda."""

    meets_at = Instant()
    ends_at = Instant(required=False, allow_null=True)
    chair = Reference(accounts.queries.assignees, code="username", see="users")
    place = Text(max_length=200, required=False, allow_blank=True)
    quorum = serializers.IntegerField(min_value=1, max_value=100, required=False)


class VoteForm(Strict):
    """``item`` is the id on the agenda; one's own vote."""

    item = serializers.IntegerField(min_value=1)
    choice = Pick(choices=Vote.Choice.choices)
    words = Text(max_length=500, required=False, allow_blank=True, default="")


class RulingForm(Strict):
    item = serializers.IntegerField(min_value=1)
    decision = Pick(choices=AgendaItem.Decision.choices)
    conditions = Text(max_length=5000, required=False, allow_blank=True, default="")
    words = Text(max_length=5000, required=False, allow_blank=True, default="")


class NoFields(Strict):
    """No fields."""


@extend_schema_view(list=extend_schema(summary="Meetings of the board", tags=["cab-meetings"]))
class Meetings(ReadOnly):
    """For the desk's side. Who is invited votes; the chair decides, and the change follows."""

    queryset = BoardMeeting.objects.none()
    serializer_class = BoardMeetingShape
    filterset_class = MeetingFilters
    orderings = {"meets_at": SortKey("meets_at"), "id": SortKey("id")}
    ordering = "-meets_at"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = dict.fromkeys(("begin", "vote", "decide", "end", "send_minutes"), ("illegal-move", "stale"))

    def get_queryset(self) -> QuerySet[BoardMeeting]:
        rows: QuerySet[BoardMeeting] = BoardMeeting.objects.visible_to(self.actor)
        return rows.select_related("assignee")

    def one(self) -> BoardMeeting:
        items = AgendaItem.objects.select_related("change", "decided_by").prefetch_related(
            Prefetch("votes", Vote.objects.select_related("participant"))
        )
        people = Participant.objects.select_related("user")
        rows = self.get_queryset().prefetch_related(
            Prefetch("agenda", items), Prefetch("participants", people)
        )
        number = self.kwargs["number"].upper()
        row = rows.filter(number=number).first()
        if row is None:
            raise Http404(_("There is no record %(number)s.") % {"number": number})
        return row

    def answer(self) -> Response:
        row = self.one()
        data = BoardMeetingDetailShape(row, context=self.get_serializer_context()).data
        return Response(data, headers={"ETag": versions.etag(row.version)})

    def entered(self, form: type[Strict]) -> dict[str, Any]:
        """What the body says, checked in shape."""
        found = form(data=self.request.data, context=self.get_serializer_context())
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def item(self, meeting: BoardMeeting, pk: int) -> AgendaItem:
        found: AgendaItem | None = meeting.agenda.filter(pk=pk).first()
        if found is None:
            raise Http404(_("There is no such item on the agenda."))
        return found

    @extend_schema(summary="One meeting", responses=BoardMeetingDetailShape, tags=["cab-meetings"])
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer()

    @extend_schema(
        summary="Plan a meeting", request=PlanForm, responses={201: BoardMeetingDetailShape},
        examples=[OpenApiExample("A meeting", value=PLAN, request_only=True)], tags=["cab-meetings"],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "lead_boards")
        made = services.plan(**self.entered(PlanForm), actor=self.actor, now=self.now)
        self.kwargs["number"] = made.number
        data = self.answer().data
        return created(data, data["url"], ETag=versions.etag(data["version"]))

    def taken(self, verb: Any, act: str, form: type[Strict] = NoFields) -> Response:
        """One of the moves of the meeting, on the version that was read."""
        row = self.one()
        require(self.actor, act, row)
        self.entered(form)
        seen = versions.expected(self.request, row.version, required=False)
        try:
            verb(row, actor=self.actor, now=self.now, expected_version=seen)
        except Stale as stale:
            version = stale.record.version
            headers = {"ETag": versions.etag(version)}
            raise Problem("stale", extra={"version": version}, headers=headers) from None
        return self.answer()

    @extend_schema(
        summary="Open it", request=NoFields, responses=BoardMeetingDetailShape, tags=["cab-meetings"]
    )
    @action(detail=True, methods=["post"])
    def begin(self, request: Request, number: str) -> Response:
        return self.taken(session.begin, "begin")

    @extend_schema(summary="Vote", request=VoteForm, responses=BoardMeetingDetailShape, tags=["cab-meetings"])
    @action(detail=True, methods=["post"])
    def vote(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "vote", row)
        facts = self.entered(VoteForm)
        item = self.item(row, facts.pop("item"))
        session.vote(row, item, **facts, actor=self.actor, now=self.now)
        return self.answer()

    @extend_schema(
        summary="Decide an item, as the chair", request=RulingForm, responses=BoardMeetingDetailShape,
        tags=["cab-meetings"],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, number: str) -> Response:
        row = self.one()
        require(self.actor, "rule", row)
        facts = self.entered(RulingForm)
        item = self.item(row, facts.pop("item"))
        session.rule(row, item, **facts, actor=self.actor, now=self.now)
        return self.answer()

    @extend_schema(
        summary="End it: the minutes are drawn up", request=NoFields, responses=BoardMeetingDetailShape,
        tags=["cab-meetings"],
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def end(self, request: Request, number: str) -> Response:
        return self.taken(session.end, "end_session")

    @extend_schema(
        summary="Send the minutes", request=NoFields, responses=BoardMeetingDetailShape,
        tags=["cab-meetings"],
    )  # fmt: skip
    @action(detail=True, methods=["post"], url_path="send-minutes")
    def send_minutes(self, request: Request, number: str) -> Response:
        return self.taken(minutes.send, "send_minutes")


router = SimpleRouter()
router.register("cab-meetings", Meetings, basename="cab-meetings")
urlpatterns = router.urls
