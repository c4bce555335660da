"""Shapes of agreements, their versions and what stands behind their targets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from itsm.rest.fields import Instant
from itsm.rest.serializers import Coded, NamedShape, Shape
from sla import underpinning_views
from sla.api_terms import TermsField, shown_terms
from sla.models import Agreement, AgreementVersion, MeasuredTarget, Metric, Target
from sla.terms_rows import terms_of

VERDICTS = list(underpinning_views.STATES)


def in_force(agreement: Agreement, at: datetime) -> AgreementVersion | None:
    """Of the versions loaded with an agreement the one in force at an instant; of two the later one."""
    if agreement.ended_at and agreement.ended_at <= at:
        return None
    begun = [
        version
        for version in agreement.versions.all()
        if version.effective_from <= at and (version.effective_until is None or version.effective_until > at)
    ]
    return max(begun, key=lambda version: (version.effective_from, version.number), default=None)


class TargetShape(Shape):
    id = serializers.IntegerField()
    key = serializers.SerializerMethodField(help_text="What it is called in its agreement: `resolution//1`.")
    metric = Coded(Metric.choices)
    service = NamedShape(allow_null=True)
    priority = serializers.IntegerField(allow_null=True)
    ticket_kind = serializers.CharField(help_text="`incident` or `request`; empty: all tickets.")
    promise = serializers.JSONField(help_text="As in the simulator's case format.")
    calendar = NamedShape(allow_null=True, help_text="Null: the one of the version.")
    opens = Coded(Target.Opens.choices)
    goal_percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    escalates = serializers.BooleanField(help_text="To second line, at the limit.")

    def get_key(self, target: Target) -> str:
        return target.key


class MeasureShape(Shape):
    id = serializers.IntegerField()
    key = serializers.SerializerMethodField(help_text="`availability/mail`.")
    measure = Coded(MeasuredTarget.Measure.choices)
    service = NamedShape(allow_null=True)
    operator = Coded(MeasuredTarget.Operator.choices)
    value = serializers.FloatField()
    unit = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    period = serializers.CharField()
    goal_percent = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)

    def get_key(self, measure: MeasuredTarget) -> str:
        return f"{measure.measure}/{measure.service.code if measure.service else ''}"


class AgreementVersionShape(Shape):
    number = serializers.IntegerField()
    effective_from = Instant()
    effective_until = Instant(allow_null=True)
    calendar = NamedShape()
    matrix = serializers.JSONField(help_text='{"<impact><urgency>": priority}')
    pausing_reasons = serializers.ListField(child=serializers.CharField())
    warn_at = serializers.ListField(child=serializers.IntegerField(), help_text="Per cent of the target.")
    targets = TargetShape(many=True)


class SpanOfVersionShape(Shape):
    number = serializers.IntegerField()
    effective_from = Instant()
    effective_until = Instant(allow_null=True)


class AgreementShape(Shape):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")
    kind = Coded(Agreement.Kind.choices)
    customer = NamedShape(allow_null=True, help_text="Null in an SLA: the default commitment to everybody.")
    team = NamedShape(allow_null=True, help_text="Who promises, in an OLA.")
    supplier = NamedShape(allow_null=True, help_text="Who promises, in a UC.")
    parent = NamedShape(allow_null=True, help_text="The layer above, from which it inherits.")
    ended_at = Instant(allow_null=True, help_text="When it ended, or is to end.")
    current = serializers.SerializerMethodField(help_text="The version in force now.")
    versions = AgreementVersionShape(many=True)

    @extend_schema_field(SpanOfVersionShape(allow_null=True))
    def get_current(self, agreement: Agreement) -> Any:
        version = in_force(agreement, self.context["now"])
        return SpanOfVersionShape(version).data if version else None


class TargetsShape(Shape):
    at = Instant()
    version = SpanOfVersionShape(allow_null=True)
    targets = TargetShape(many=True)
    measures = MeasureShape(many=True)


class VersionRowShape(SpanOfVersionShape):
    """A row of a list of versions."""

    url = serializers.SerializerMethodField()
    calendar = NamedShape()
    created_at = Instant(help_text="When it was written down.")

    def get_url(self, version: AgreementVersion) -> str:
        where = [version.agreement.code, version.number]
        return reverse("api:agreement-versions-detail", where, request=self.context["request"])


class UnderpinningShape(Shape):
    target = serializers.CharField(source="target_key")
    agreement = NamedShape()
    supporting_target = serializers.CharField(source="supporting_key")
    stage = serializers.IntegerField()


class VersionDetailShape(VersionRowShape):
    """A version as it was signed, and the rows that clocks and figures read."""

    matrix = serializers.JSONField(help_text='{"<impact><urgency>": priority}')
    pausing_reasons = serializers.ListField(child=serializers.CharField())
    warn_at = serializers.ListField(child=serializers.IntegerField(), help_text="Per cent of the target.")
    reopen_starts_new_cycle = serializers.BooleanField()
    terms = serializers.SerializerMethodField(help_text="The whole document.")
    targets = serializers.SerializerMethodField()
    measures = serializers.SerializerMethodField()
    underpinnings = serializers.SerializerMethodField(
        help_text="What stands behind the targets, for those who may know of OLAs and UCs."
    )

    @extend_schema_field(TermsField)
    def get_terms(self, version: AgreementVersion) -> dict[str, Any]:
        return shown_terms(terms_of(version), whole=self.context["whole"])

    @extend_schema_field(TargetShape(many=True))
    def get_targets(self, version: AgreementVersion) -> Any:
        return self._rows(TargetShape, "targets")

    @extend_schema_field(MeasureShape(many=True))
    def get_measures(self, version: AgreementVersion) -> Any:
        return self._rows(MeasureShape, "measures")

    @extend_schema_field(UnderpinningShape(many=True))
    def get_underpinnings(self, version: AgreementVersion) -> Any:
        return self._rows(UnderpinningShape, "underpinnings")

    def _rows(self, shape: type[Shape], name: str) -> Any:
        rows: Iterable[Any] = self.context[name]
        return shape(rows, many=True, context=self.context).data


class StageDueShape(Shape):
    stage = serializers.IntegerField()
    agreement = serializers.CharField()
    target = serializers.CharField()
    due = Instant()


class CounterexampleShape(Shape):
    start = Instant()
    dues = StageDueShape(many=True)
    sla_due = Instant()


class SupportShape(Shape):
    stage = serializers.IntegerField()
    agreement = serializers.CharField()
    target = serializers.CharField()


class VerdictShape(Shape):
    """What the proof says of one target; docs/underpinning.md."""

    key = serializers.CharField()
    state = serializers.ChoiceField(choices=VERDICTS)
    slack = serializers.FloatField(allow_null=True, help_text="In `unit`; negative: looser.")
    unit = serializers.CharField()
    chain = SupportShape(many=True)
    counterexample = CounterexampleShape(source="verdict.counterexample", allow_null=True)
    example = serializers.CharField(help_text="The counter-example as a sentence in the reader's language.")
    warnings = serializers.ListField(child=serializers.CharField())
