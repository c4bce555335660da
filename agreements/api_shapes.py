"""Shapes of editions of agreements: what is answered, and what each act takes."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
import sla.queries
from accounts.access import Actor
from agreements.models import Countersignature, Edition, FollowUp, Signature, State
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from records.services import MAX_TEXT
from sla.api_terms import TermsField, shown_terms
from sla.models import Agreement, ServicePackage
from sla.terms import Terms


class AgreementNameShape(NamedShape):
    kind = Coded(Agreement.Kind.choices)


class EditionShape(Shape):
    """A row of a list."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(help_text="Also in the ETag.")
    agreement = AgreementNameShape()
    edition_number = serializers.IntegerField(help_text="1 is the first edition of the agreement.")
    state = Coded(State.choices)
    author = PersonShape(source="requester")
    effective_from = Instant()
    effective_until = Instant(allow_null=True)
    change_reason = serializers.CharField()
    signed_version = serializers.IntegerField(
        source="signed_version.number", default=None, allow_null=True,
        help_text="The version of the agreement that was written when it was put in force.",
    )  # fmt: skip
    opened_at = Instant()
    updated_at = Instant()

    def get_url(self, edition: Edition) -> str:
        return reverse("api:editions-detail", [edition.number], request=self.context["request"])


class GapsShape(Shape):
    """What is still missing before it can be submitted; empty lists and false where nothing is."""

    sections = serializers.ListField(child=serializers.CharField(), help_text="Empty ones; of an SLA.")
    promise = serializers.BooleanField(source="is_without_promise", help_text="No quantified target at all.")
    services = serializers.ListField(child=serializers.CharField(), help_text="Without a target.")
    methods = serializers.ListField(
        child=serializers.CharField(), source="unclear", help_text="Targets without a measuring method."
    )  # fmt: skip
    recovery = serializers.ListField(
        child=serializers.CharField(), help_text="Key services without a recovery time of their own."
    )


class CountersignatureShape(Shape):
    reviewer = PersonShape()
    result = Coded(Countersignature.Result.choices)
    comment = serializers.CharField()
    decided_at = Instant(allow_null=True)


class LegalityShape(Shape):
    result = Coded(Edition.Legality.choices)
    note = serializers.CharField()
    by = PersonShape()
    at = Instant()


class SignatureShape(Shape):
    party = Coded(Signature.Party.choices)
    person = serializers.CharField()
    role = serializers.CharField()
    signed_on = serializers.DateField()
    document = serializers.CharField()
    recorded_by = PersonShape()
    recorded_at = Instant()


class ExceptionShape(Shape):
    target_key = serializers.CharField()
    reason = serializers.CharField()
    decided_by = PersonShape()
    decided_at = Instant()


class EditionDetailShape(EditionShape):
    """An edition with its terms, what was decided about it, and what can be done next."""

    moves = serializers.SerializerMethodField(help_text="What your role may do with it in this state.")
    missing = serializers.SerializerMethodField()
    countersignatures = CountersignatureShape(many=True)
    legality = serializers.SerializerMethodField(help_text="Null: not checked.")
    signatures = SignatureShape(many=True)
    exceptions = ExceptionShape(many=True, help_text="Looser promises somebody accepted.")
    ends_at = Instant(
        source="agreement.ended_at", allow_null=True, help_text="When the agreement ended, or is to end."
    )
    open_follow_ups = serializers.SerializerMethodField(
        help_text="Of the agreement; while there are any it is not fully underpinned."
    )
    terms = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_moves(self, edition: Edition) -> list[str]:
        return list(self.context["moves"])

    @extend_schema_field(GapsShape)
    def get_missing(self, edition: Edition) -> Any:
        return GapsShape(self.context["missing"]).data

    @extend_schema_field(LegalityShape(allow_null=True))
    def get_legality(self, edition: Edition) -> Any:
        if not edition.legality:
            return None
        given = {
            "result": edition.legality, "note": edition.legality_note, "by": edition.legality_by,
            "at": edition.legality_at,
        }  # fmt: skip
        return LegalityShape(given, context=self.context).data

    def get_open_follow_ups(self, edition: Edition) -> int:
        return int(self.context["open_follow_ups"])

    @extend_schema_field(TermsField)
    def get_terms(self, edition: Edition) -> dict[str, Any]:
        return shown_terms(Terms.parse(edition.terms), whole=self.context["whole"])


class FollowUpShape(Shape):
    """What an amended or ended agreement asks of an OLA or UC behind it."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    agreement = AgreementNameShape()
    kind = Coded(FollowUp.Kind.choices)
    responsible = PersonShape()
    due_on = serializers.DateField()
    outcome = Coded(FollowUp.Outcome.choices, help_text="Null: still to be done.")
    reason = serializers.CharField()
    finished_by = PersonShape(allow_null=True)
    finished_at = Instant(allow_null=True)

    def get_url(self, item: FollowUp) -> str:
        where = [self.context["number"], item.pk]
        return reverse("api:edition-follow-ups-detail", where, request=self.context["request"])


# --- input -----------------------------------------------------------------------------------


def packages(actor: Actor) -> QuerySet[ServicePackage]:
    return ServicePackage.objects.filter(is_active=True)


def long(**kwargs: Any) -> Text:
    """A text of several lines, kept as it is written."""
    return Text(max_length=MAX_TEXT, trim_whitespace=False, **kwargs)


def note(**kwargs: Any) -> Text:
    """A text that may be left out."""
    return long(required=False, allow_blank=True, default="", **kwargs)


class EditionPatch(Strict):
    """What to change in a draft; what is left out stays."""

    terms = TermsField(required=False)
    effective_from = Instant(required=False)
    effective_until = Instant(required=False, allow_null=True, help_text="Null: without an end.")
    change_reason = Text(max_length=300, required=False, allow_blank=True)


class EditionForm(EditionPatch):
    """The next edition. Without terms and package it starts from the newest version of the agreement."""

    agreement = Reference(sla.queries.agreements, code="code", see="agreements")
    package = Reference(packages, code="code", see="packages", required=False, help_text="Instead of terms.")
    effective_from = Instant()


class ValidateForm(Strict):
    terms = TermsField()
    kind = Pick(choices=Agreement.Kind.choices, default=Agreement.Kind.SLA)


class RefusedShape(Shape):
    field = serializers.CharField(help_text="`terms.targets[0].service`.")
    code = serializers.CharField()
    message = serializers.CharField()


class ValidatedShape(Shape):
    """Terms as they would be kept, and what stands between them and a signature."""

    terms = TermsField()
    complete = serializers.BooleanField(help_text="They could be submitted and put in force as they are.")
    missing = GapsShape()
    unknown = RefusedShape(many=True, help_text="The first code nobody knows; refused when put in force.")


class NoWords(Strict):
    """No fields."""


class SubmitForm(Strict):
    reviewers = serializers.ListField(
        child=Reference(accounts.queries.assignees, code="username", see="users"), allow_empty=False,
        max_length=50, help_text="Colleagues of the departments concerned, not the author.",
    )  # fmt: skip


class CountersignForm(Strict):
    result = Pick(choices=Countersignature.Result.choices)
    comment = note(help_text="An objection needs words.")


class LegalityForm(Strict):
    result = Pick(choices=Edition.Legality.choices)
    note = note()


class AgreeForm(Strict):
    note = long(help_text="Who agreed, and how.")


class SignForm(Strict):
    party = Pick(choices=Signature.Party.choices)
    person = Text(max_length=150)
    role = Text(max_length=150)
    signed_on = serializers.DateField(help_text="Not in the future.")
    document = Text(max_length=200, required=False, allow_blank=True, default="")


class ExcuseForm(Strict):
    target_key = Text(max_length=120, help_text="A target the proof calls looser: `resolution//1`.")
    reason = long()


class BecauseForm(Strict):
    reason = long()


class TerminateForm(Strict):
    at = Instant(help_text="When the agreement ends.")
    reason = long()


class FinishForm(Strict):
    outcome = Pick(choices=FollowUp.Outcome.choices)
    reason = note(help_text="Needed for `unaffected`.")
