"""Shapes of complaints, surveys and callbacks: what is answered, to whom, and what each act takes."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
from accounts.models import Organisation, User
from catalog.models import Service
from customers import opinions
from customers.models import (
    Callback,
    CallbackTry,
    Complaint,
    Invitation,
    Response,
    State,
    Survey,
    SurveyState,
)
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from records.models import Channel, Record
from records.services import MAX_TEXT


class ComplaintShape(Shape):
    """What a customer said. Of one about a person the words are for managers and who handles it."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    nature = Coded(Complaint.Nature.choices)
    state = Coded(State.choices)
    title = serializers.CharField()
    words = serializers.SerializerMethodField()
    customer = NamedShape()
    requester = PersonShape()
    channel = Coded(Channel.choices)
    about = serializers.SerializerMethodField(help_text="The number of the ticket it is about.")
    service = NamedShape(allow_null=True)
    received_at = Instant()
    due_at = Instant(help_text="By when it is answered.")
    acknowledged_at = Instant(allow_null=True)
    answered_at = Instant(allow_null=True)
    handled_at = Instant(allow_null=True)
    outcome_score = serializers.IntegerField(allow_null=True, help_text="The customer's, 1 to 5.")

    def get_url(self, row: Complaint) -> str:
        return reverse("api:complaints-detail", [row.number], request=self.context["request"])

    def get_words(self, row: Complaint) -> str:
        return row.matter.words if row.is_confidential else row.description

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_about(self, row: Complaint) -> str | None:
        return row.about.number if row.about else None


class DeskComplaintShape(ComplaintShape):
    """With what the provider keeps for itself."""

    assignee = PersonShape(allow_null=True)
    specialist = PersonShape(source="owner", allow_null=True)
    about_person = serializers.BooleanField(source="is_confidential")
    major = serializers.BooleanField(source="is_major")
    escalated_at = Instant(allow_null=True)
    escalated_to = PersonShape(allow_null=True)
    valid = serializers.BooleanField(source="is_valid", allow_null=True)
    judgement = serializers.CharField()
    judged_by = PersonShape(allow_null=True)
    handling = serializers.CharField()
    moves = serializers.SerializerMethodField(help_text="What you may do now.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: Complaint) -> Any:
        return self.context.get("moves", [])


class ReceiveForm(Strict):
    """Customers say it for themselves; the desk names whose it is and how it came in."""

    about_person = Flag(
        required=False, help_text="It is about somebody who works for us: only managers read it."
    )
    desk_only = frozenset(
        {"customer", "requester", "channel", "person", "complainant", "received_at", "major"}
    )
    nature = Pick(choices=Complaint.Nature.choices, default=Complaint.Nature.COMPLAINT)
    title = Text(max_length=200)
    words = Text(max_length=MAX_TEXT)
    about = serializers.CharField(max_length=20, required=False, help_text="The number of a ticket.")
    service = Reference(
        rows=lambda actor: Service.objects.published(), code="code", see="services", required=False
    )
    customer = Reference(rows=accounts.queries.customers, code="code", see="organisations", required=False)
    requester = Reference(rows=accounts.queries.colleagues, code="username", see="users", required=False)
    person = Reference(
        rows=accounts.queries.assignees, code="username", see="users", required=False,
        help_text="Somebody of the provider it is about; what was said is then kept from the desk.",
    )  # fmt: skip
    complainant = serializers.CharField(max_length=150, required=False)
    channel = Pick(choices=Channel.choices, required=False)
    received_at = Instant(required=False)
    major = Flag(required=False)


class NothingForm(Strict):
    """An act that needs no words."""


class JudgeForm(Strict):
    valid = Flag()
    reason = Text(max_length=MAX_TEXT)


class TextForm(Strict):
    text = Text(max_length=MAX_TEXT)


class ReasonForm(Strict):
    reason = Text(max_length=MAX_TEXT)


class EscalateForm(ReasonForm):
    leader = Reference(rows=accounts.queries.assignees, code="username", see="users", required=False)


class RateForm(Strict):
    score = serializers.IntegerField(min_value=1, max_value=5)
    words = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class MeanShape(Shape):
    """Of the answers that gave a score; who did not answer is in no mean."""

    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True, help_text="Percent of those asked who answered.")
    scored = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="Mean of 1 to 5.")
    margin = serializers.FloatField(allow_null=True, help_text="Half the 95 % interval; null below 5 scores.")
    satisfied = serializers.FloatField(allow_null=True, help_text="Percent of 4 and 5.")


class SurveyShape(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    purpose = Coded(Survey.Purpose.choices)
    state = Coded(SurveyState.choices)
    title = serializers.CharField()
    customer = NamedShape()
    questionnaire = NamedShape()
    opened_at = Instant()
    mean = serializers.SerializerMethodField()

    def get_url(self, row: Survey) -> str:
        return reverse("api:surveys-detail", [row.number], request=self.context["request"])

    @extend_schema_field(MeanShape())
    def get_mean(self, row: Survey) -> Any:
        return MeanShape(self.context["means"][row.pk], context=self.context).data


class GivenItemShape(Shape):
    question = serializers.CharField(source="question.text")
    value = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()


class GivenAnswerShape(Shape):
    """One answer; there is none for who did not answer."""

    answered_at = Instant()
    way = Coded(Response.Way.choices)
    collected_by = serializers.SerializerMethodField(help_text="Who or what collected it.")
    score = serializers.IntegerField(allow_null=True)
    items = GivenItemShape(many=True)

    def get_collected_by(self, row: Response) -> str:
        return opinions.collected(row)


class InvitationShape(Shape):
    """Somebody who was asked. The link they got is nowhere to be read."""

    id = serializers.IntegerField()
    survey = serializers.CharField(source="survey.number")
    person = PersonShape()
    customer = NamedShape()
    ticket = serializers.SerializerMethodField()
    created_at = Instant()
    expires_at = Instant()
    answer = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_ticket(self, row: Invitation) -> str | None:
        return row.ticket.number if row.ticket else None

    @extend_schema_field(GivenAnswerShape(allow_null=True))
    def get_answer(self, row: Invitation) -> Any:
        response = getattr(row, "response", None)
        return GivenAnswerShape(response, context=self.context).data if response else None


class AnswerForm(Strict):
    """``answers``: position of the question -> 1 to 5, number of the option, or words. Leave out freely."""

    token = serializers.CharField(max_length=200, help_text="From the link in the mail.")
    answers = serializers.DictField(child=serializers.JSONField())

    @property
    def asker(self) -> Any:
        return self.context["request"].actor


class CallbackTryShape(Shape):
    at = Instant()
    by = PersonShape()
    reached = serializers.BooleanField(source="is_reached")
    content = Coded(CallbackTry.Content.choices)
    words = serializers.CharField()


class CallbackShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    ticket = serializers.CharField(source="ticket.number")
    customer = NamedShape()
    person = PersonShape()
    state = Coded(Callback.State.choices)
    closed_at = Instant()
    due_at = Instant()
    next_at = Instant()
    claimed_by = PersonShape(allow_null=True)
    done_at = Instant(allow_null=True)
    tries = CallbackTryShape(many=True)

    def get_url(self, row: Callback) -> str:
        return reverse("api:callbacks-detail", [row.pk], request=self.context["request"])


class CalledForm(Strict):
    reached = Flag()
    content = Pick(choices=CallbackTry.Content.choices, required=False)
    words = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")
    next_at = Instant(required=False)


def ticket_of(number: str, actor: Any) -> Record | None:
    """The ticket of a number as far as the actor may know it."""
    rows = Record.objects.visible_to(actor).tickets().select_related("service")
    found: Record | None = rows.filter(number=number.strip().upper()).first()
    return found


def own_organisation(actor: Any) -> tuple[Organisation, User]:
    """A customer says things for their own organisation."""
    me = User.objects.select_related("organisation").get(pk=actor.user_id)
    return me.organisation, me
