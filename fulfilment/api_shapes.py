"""Shapes of requests and orderable entries: what is answered, and what each act takes."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
from accounts.access import Actor
from accounts.models import Team
from fulfilment import answers
from fulfilment.models import HOLDS, Offering, ServiceRequest, State, WaitingFor
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, CodedNumber, NamedShape, PersonShape, Shape, Strict
from records.api_clocks import SummaryShape
from records.api_filters import PHASES
from records.models import Channel, Priority
from records.services import MAX_TEXT
from sla.models import Breach


def long(**kwargs: Any) -> Text:
    """A text of several lines, kept as it is written."""
    return Text(max_length=MAX_TEXT, trim_whitespace=False, **kwargs)


class AnswerShape(Shape):
    key = serializers.CharField(help_text="Stable; for programs.")
    type = serializers.CharField()
    value = serializers.JSONField(help_text="Of its type: a code, a list of codes, an id, true or a date.")
    label = serializers.SerializerMethodField(help_text="As in the version ordered by.")  # type: ignore[assignment]
    shown = serializers.SerializerMethodField(help_text="The answer in words.")

    def get_label(self, row: Any) -> str:
        return answers.words(row["label"])

    def get_shown(self, row: Any) -> str:
        return answers.words(row["shown"])


class RequestShape(Shape):
    """A row of a list. Codes are for programs, labels for people."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    description = serializers.CharField()
    state = Coded(State.choices)
    phase = serializers.ChoiceField(choices=PHASES)
    waiting_for = Coded(WaitingFor.choices)
    priority = CodedNumber(Priority.choices)
    customer = NamedShape()
    requester = PersonShape()
    reporter = PersonShape()
    offering = NamedShape()
    offering_version = serializers.IntegerField(source="ordered_version.number")
    answers = AnswerShape(many=True)
    quantity = serializers.IntegerField()
    is_chargeable = serializers.BooleanField()
    service = NamedShape(allow_null=True)
    team = NamedShape(allow_null=True)
    assignee = PersonShape(allow_null=True)
    owner = PersonShape(allow_null=True)
    channel = Coded(Channel.choices)
    opened_at = Instant()
    updated_at = Instant()
    next_due_at = Instant(allow_null=True)
    done_at = Instant(allow_null=True)
    outcome = serializers.CharField(help_text="What was done.")
    refusal = serializers.CharField(help_text="Why it cannot be met.")
    alternative = serializers.CharField(help_text="What could be done instead.")
    fulfilled_at = Instant(allow_null=True)
    fulfilled_by = PersonShape(allow_null=True)
    confirmed_at = Instant(allow_null=True)
    confirmed_by = PersonShape(allow_null=True)
    closed_at = Instant(allow_null=True)
    reopen_count = serializers.IntegerField()

    def get_url(self, request: ServiceRequest) -> str:
        return reverse("api:requests-detail", [request.number], request=self.context["request"])


class RequestDetailShape(RequestShape):
    """A request with what can be done next and its clocks."""

    moves = serializers.SerializerMethodField(help_text="What you may do with it now.")
    clocks = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, request: ServiceRequest) -> list[str]:
        return list(self.context["moves"])

    @extend_schema_field(SummaryShape(many=True))
    def get_clocks(self, request: ServiceRequest) -> Any:
        return SummaryShape(self.context["clocks"], many=True, context=self.context).data


# --- input -----------------------------------------------------------------------------------


def active_teams(actor: Actor) -> QuerySet[Team]:
    return accounts.queries.teams(actor).filter(is_active=True)


def orderable(actor: Actor) -> QuerySet[Offering]:
    return Offering.objects.visible_to(actor).offered()


class RequestForm(Strict):
    """An order. ``answers`` holds the fields of the entry by their key: see `/api/v1/offerings/`."""

    desk_only = frozenset({"channel"})

    offering = Reference(orderable, code="code", see="offerings")
    answers = serializers.DictField(
        required=False, help_text="A text, number, true or false, a code, a list of codes, or an id."
    )
    requester = Reference(accounts.queries.colleagues, code="username", see="users", required=False)
    quantity = serializers.IntegerField(required=False, min_value=1, max_value=10_000)
    remark = long(required=False, allow_blank=True)
    channel = Pick(choices=Channel.choices, required=False)


class RequestPatch(Strict):
    """Facts to change; what is left out stays."""

    title = Text(max_length=200, required=False)
    description = long(required=False, allow_blank=True)
    priority = Pick(choices=Priority.choices, required=False)
    quantity = serializers.IntegerField(required=False, min_value=1, max_value=10_000)


class Nothing(Strict):
    """No fields."""


class HoldForm(Strict):
    reason = Pick(choices=HOLDS, help_text="What it waits for. Some reasons pause the clocks.")
    note = long(required=False, allow_blank=True)


class FulfilForm(Strict):
    outcome = long(help_text="What was done.")


class RefuseForm(Strict):
    reason = long(help_text="Why it cannot be met.")
    alternative = long(help_text="What could be done instead.")


class ConfirmForm(Strict):
    note = long(required=False, allow_blank=True)
    close = Flag(default=False, help_text="Close it in the same act.")


class CloseForm(Strict):
    no_answer = long(
        required=False, allow_blank=True, help_text="How the requester was asked without an answer."
    )


class ReasonForm(Strict):
    reason = long()


class TakeBackForm(Strict):
    reason = long(required=False, allow_blank=True)


class AssignForm(Strict):
    team = Reference(active_teams, code="code", see="teams", required=False, allow_null=True)
    assignee = Reference(
        accounts.queries.assignees, code="username", see="users", required=False, allow_null=True
    )
    note = long(required=False, allow_blank=True)


class EscalateForm(Strict):
    team = Reference(active_teams, code="code", see="teams", required=False)
    reason = long()


class ChargeForm(Strict):
    why = Text(max_length=300, help_text="For example: outside the agreement, or outside the warranty.")


class IdentityForm(Strict):
    how = Text(max_length=300, help_text="How it was made sure who the person is.")


class GrantForm(Strict):
    right = Text(max_length=300)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class ExplainForm(Strict):
    clock = serializers.IntegerField(help_text="The id of the clock whose target was missed.")
    reason = Pick(choices=Breach.Reason.choices)
    note = long(required=False, allow_blank=True, default="")
    no_action = Text(max_length=300, help_text="What is corrected, or why nothing needs to be.")
