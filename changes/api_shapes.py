"""The shapes of changes over HTTP: answers, and what is accepted."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
import catalog.queries
import sla.queries
from accounts.access import STAFF_ROLES, Actor
from accounts.models import User, in_reader_language
from changes import assessing
from changes.models import (
    Approval,
    Assessment,
    Change,
    ChangeTemplate,
    Exemption,
    PostReview,
    State,
    TargetEffect,
    UnauthorisedChange,
)
from cmdb.models import Item
from itsm.rest.fields import Flag, Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, CodedNumber, NamedShape, PersonShape, Shape, Strict
from records.models import Record
from records.services import MAX_TEXT

EN_ZH = "In the reader's language."


def items(actor: Actor) -> QuerySet[Item]:
    """Items in use that the actor may see."""
    return Item.objects.visible_to(actor).filter(is_active=True)


def records(actor: Actor) -> Any:
    return Record.objects.visible_to(actor)


def models(actor: Actor) -> QuerySet[ChangeTemplate]:
    """Models of standard changes that may be taken."""
    return ChangeTemplate.objects.filter(state=ChangeTemplate.State.APPROVED)


def staff(actor: Actor) -> QuerySet[User]:
    return accounts.queries.everybody(actor).filter(is_active=True, grants__role__in=STAFF_ROLES).distinct()


def long(**options: Any) -> Text:
    return Text(max_length=MAX_TEXT, **options)


def person(**options: Any) -> Reference:
    return Reference(staff, code="username", see="users", **options)


def item(**options: Any) -> Reference:
    return Reference(items, code="number", see="items", **options)


# --- answers ---------------------------------------------------------------------------------


class ChangeRowShape(Shape):
    """A change as a line of the list."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    title = serializers.CharField()
    state = Coded(State.choices)
    category = Coded(Change.Category.choices)
    nature = Coded(Change.Nature.choices)
    is_major = serializers.BooleanField()
    risk = CodedNumber(Change.Risk.choices)
    outcome = Coded(Change.Outcome.choices)
    customer = NamedShape()
    requester = PersonShape()
    assignee = PersonShape(allow_null=True, help_text="Who carries it out.")
    owner = PersonShape(allow_null=True, help_text="The change manager.")
    planned_start_at = Instant(allow_null=True)
    planned_end_at = Instant(allow_null=True)
    opened_at = Instant()
    updated_at = Instant()
    incidents_caused = serializers.IntegerField(source="caused")

    def get_url(self, row: Change) -> str:
        return reverse("api:changes-detail", [row.number], request=self.context["request"])


class ChangedItemShape(Shape):
    number = serializers.CharField(source="item.number")
    name = serializers.CharField(source="item.name")
    is_altered = serializers.BooleanField()


class AffectedServiceShape(Shape):
    service = NamedShape()
    is_found = serializers.BooleanField(help_text="Found through the items, not named.")


class ChangeAssessmentShape(Shape):
    aspect = Coded(Assessment.Aspect.choices)
    judgement = Coded(Assessment.Judgement.choices)
    words = serializers.CharField()
    judged_by = PersonShape()


class ChangeEffectShape(Shape):
    agreement = NamedShape()
    target = serializers.CharField(source="target_key", help_text="Its key within the agreement.")
    name = serializers.SerializerMethodField(help_text=EN_ZH)
    effect = Coded(TargetEffect.Effect.choices)
    words = serializers.CharField()

    def get_name(self, row: TargetEffect) -> str:
        return in_reader_language(row.name_en, row.name_zh)


class UnjudgedShape(Shape):
    agreement = serializers.CharField(source="agreement.code")
    target = serializers.CharField(source="key")
    name = serializers.SerializerMethodField(help_text=EN_ZH)

    def get_name(self, row: Any) -> str:
        return in_reader_language(row.name_en, row.name_zh)


class ChangeConditionShape(Shape):
    id = serializers.IntegerField()
    text = serializers.CharField()
    met_at = Instant(allow_null=True)
    met_words = serializers.CharField()


class ChangeApprovalShape(Shape):
    round = serializers.IntegerField(help_text="Those of earlier rounds do not count.")
    party = Coded(Approval.Party.choices)
    person = PersonShape(allow_null=True)
    in_place_of = PersonShape(source="handed_by", allow_null=True, help_text="Who handed it over.")
    result = Coded(Approval.Result.choices, help_text="Null: waited for.")
    words = serializers.CharField()
    decided_by = PersonShape(allow_null=True)
    decided_at = Instant(allow_null=True)
    meeting = serializers.CharField(source="by_board.number", default=None, allow_null=True)
    conditions = ChangeConditionShape(many=True, source="conditions.all")


class ChangeExemptionShape(Shape):
    guard = Coded(Exemption.Guard.choices)
    round = serializers.IntegerField()
    reason = serializers.CharField()
    given_by = PersonShape()
    given_at = Instant()


class ChangeStepShape(Shape):
    what = serializers.CharField()
    result = serializers.CharField()
    done_by = PersonShape()
    started_at = Instant()
    ended_at = Instant()


class ChangeDetailShape(ChangeRowShape):
    """With all that was written, judged, decided and done."""

    description = serializers.CharField()
    reason = serializers.CharField()
    expected_effect = serializers.CharField()
    wanted_on = serializers.DateField(allow_null=True)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    agreement = NamedShape(allow_null=True)
    items = serializers.SerializerMethodField()
    services = AffectedServiceShape(many=True, source="change_services.all")
    risk_answers = serializers.JSONField(help_text="The position of the answer, by question.")
    assessments = ChangeAssessmentShape(many=True)
    effects = ChangeEffectShape(many=True, source="target_effects.all")
    unjudged = serializers.SerializerMethodField(help_text="Promised figures nobody has judged.")
    plan = serializers.CharField()
    backout_plan = serializers.CharField()
    test_plan = serializers.CharField()
    outage_from = Instant(allow_null=True)
    outage_until = Instant(allow_null=True)
    test_result = Coded(Change.Test.choices)
    test_words = serializers.CharField()
    round = serializers.IntegerField()
    approvals = ChangeApprovalShape(many=True)
    exemptions = ChangeExemptionShape(many=True)
    actual_start_at = Instant(allow_null=True)
    actual_end_at = Instant(allow_null=True)
    steps = ChangeStepShape(many=True, source="log_steps.all")
    outcome_words = serializers.CharField()
    is_effect_reached = serializers.BooleanField(allow_null=True)
    verification = serializers.CharField()
    moves = serializers.SerializerMethodField(help_text="What you may do with it now.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, row: Change) -> list[str]:
        return list(self.context.get("moves", ()))

    @extend_schema_field(ChangedItemShape(many=True))
    def get_items(self, row: Change) -> Any:
        seen = row.change_items.filter(item__in=Item.objects.visible_to(self.asker)).select_related("item")
        return ChangedItemShape(seen.order_by("item__name"), many=True, context=self.context).data

    @extend_schema_field(UnjudgedShape(many=True))
    def get_unjudged(self, row: Change) -> Any:
        open_ones = assessing.unjudged(row, now=self.context["now"]) if self.context["is_open"] else []
        return UnjudgedShape(open_ones, many=True, context=self.context).data


class ChangeModelShape(Shape):
    """One edition of a model of standard changes."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    edition = serializers.IntegerField()
    name = serializers.CharField(help_text=EN_ZH)
    state = Coded(ChangeTemplate.State.choices)
    nature = Coded(Change.Nature.choices)
    service = NamedShape(allow_null=True)
    risk = CodedNumber(Change.Risk.choices)
    expected_effect = serializers.CharField()
    plan = serializers.CharField()
    backout_plan = serializers.CharField()
    minutes = serializers.IntegerField()


class UnauthorisedShape(Shape):
    """Something an item was found to be that no change explains."""

    id = serializers.IntegerField()
    item = serializers.CharField(source="item.number")
    found = serializers.CharField()
    state = Coded(UnauthorisedChange.State.choices)
    cause = serializers.CharField(source="cause.number", default=None, allow_null=True)
    change = serializers.CharField(source="change.number", default=None, allow_null=True)
    words = serializers.CharField()
    found_by = PersonShape()
    found_at = Instant()
    settled_at = Instant(allow_null=True)


# --- what is accepted ------------------------------------------------------------------------


class ChangeNothingForm(Strict):
    pass


class ChangeReasonForm(Strict):
    reason = long()


class ChangeFactsForm(Strict):
    title = Text(max_length=200)
    description = long(allow_blank=True)
    nature = Pick(choices=Change.Nature.choices)
    category = Pick(choices=Change.Category.choices)
    reason = long(allow_blank=True)
    expected_effect = long(allow_blank=True)
    wanted_on = serializers.DateField(allow_null=True)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, allow_null=True)
    is_major = Flag()
    agreement = Reference(sla.queries.agreements, code="code", see="agreements", allow_null=True)
    plan = long(allow_blank=True)
    backout_plan = long(allow_blank=True)
    test_plan = long(allow_blank=True)
    planned_start_at = Instant(allow_null=True)
    planned_end_at = Instant(allow_null=True)
    outage_from = Instant(allow_null=True)
    outage_until = Instant(allow_null=True)


class RaiseChangeForm(Strict):
    """A standard change names its model, which brings nature, plan and effect."""

    title = Text(max_length=200, required=False, allow_blank=True)
    description = long(required=False, allow_blank=True)
    category = Pick(choices=Change.Category.choices)
    nature = Pick(choices=Change.Nature.choices, required=False)
    reason = long(required=False, allow_blank=True)
    expected_effect = long(required=False, allow_blank=True)
    wanted_on = serializers.DateField(required=False, allow_null=True)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    is_major = Flag(required=False)
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True
    )
    agreement = Reference(
        sla.queries.agreements, code="code", see="agreements", required=False, allow_null=True
    )
    items: Any = serializers.ListField(child=item(), required=False)
    untouched: Any = serializers.ListField(child=item(), required=False)
    services: Any = serializers.ListField(
        child=Reference(catalog.queries.nameable, code="code", see="services"), required=False
    )
    model = Reference(models, code="code", see="change-models", required=False, allow_null=True)
    caused_by = Reference(records, code="number", see="incidents", required=False, allow_null=True)
    assignee = person(required=False, allow_null=True)

    def facts(self) -> dict[str, Any]:
        """As ``changes.services.open_change`` takes them."""
        found = {"title": "", "description": "", "nature": "", **self.validated_data}
        found["template"] = found.pop("model", None)
        return found


class ChangeScopeForm(Strict):
    items: Any = serializers.ListField(child=item())
    untouched: Any = serializers.ListField(child=item(), required=False)
    services: Any = serializers.ListField(
        child=Reference(catalog.queries.nameable, code="code", see="services")
    )


class ChangeRiskForm(Strict):
    answers = serializers.DictField(
        child=serializers.IntegerField(), help_text="Question -> position of the answer, from 0."
    )
    is_major = Flag(required=False)


class AssessChangeForm(Strict):
    aspect = Pick(choices=Assessment.Aspect.choices)
    judgement = Pick(choices=Assessment.Judgement.choices)
    words = long()


class JudgeEffectForm(Strict):
    agreement = Reference(sla.queries.agreements, code="code", see="agreements")
    target = Text(max_length=200)
    effect = Pick(choices=TargetEffect.Effect.choices)
    words = long(required=False, allow_blank=True)


class TestChangeForm(Strict):
    result = Pick(choices=Change.Test.choices)
    words = long()


class ExemptForm(ChangeReasonForm):
    guard = Pick(choices=Exemption.Guard.choices)


class DecideChangeForm(Strict):
    approve = Flag()
    conditions = long(required=False, allow_blank=True, help_text="One a line.")
    words = long(required=False, allow_blank=True)


class HandOverChangeForm(Strict):
    person = person()
    words = long(required=False, allow_blank=True)


class AuthoriseForm(Strict):
    words = long()


class MetForm(Strict):
    condition = serializers.IntegerField()
    words = Text(max_length=500, required=False, allow_blank=True)


class AssignChangeForm(Strict):
    assignee = person()


class ChangeStepForm(Strict):
    what = Text(max_length=500)
    result = Text(max_length=500, required=False, allow_blank=True)
    started_at = Instant()
    ended_at = Instant()
    done_by = person(required=False)


class AlterItemForm(Strict):
    item = item()
    state = Pick(choices=Item.State.choices, required=False)
    revision = Text(max_length=100, required=False, allow_blank=True)
    owner = person(required=False)
    attributes = serializers.DictField(required=False)


class CompleteChangeForm(Strict):
    outcome = Pick(choices=Change.Outcome.choices)
    words = long()


class VerifyChangeForm(Strict):
    is_reached = Flag()
    words = long()


class ReviewAnswerForm(Strict):
    yes = Flag()
    words = Text(max_length=500, required=False, allow_blank=True)


class ReviewChangeForm(Strict):
    answers = serializers.DictField(
        child=ReviewAnswerForm(), help_text=f"By question: {', '.join(PostReview.Question.values)}."
    )
    lessons = long()


class UnauthorisedForm(Strict):
    item = item()
    found = long()
    cause = Reference(records, code="number", see="incidents", required=False, allow_null=True)


class RegulariseForm(Strict):
    title = Text(max_length=200)
    reason = long()
    expected_effect = long()


class BackOutForm(Strict):
    words = long()
