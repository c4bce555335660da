"""The shapes of outages, interruptions, values, standings and credits in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

import accounts.queries
from catalog.models import Service
from itsm.rest.fields import Instant, Pick, Reference, Text
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape, Strict
from levels.measured import MeasureStanding
from levels.models import CreditEntry, MeasuredValue, Outage, PlannedInterruption, Source
from levels.services import MAX_TEXT
from levels.standing import Standing, TargetStanding
from records.models import Record
from sla.models import MeasuredTarget, Metric


def long(**kwargs: Any) -> Text:
    return Text(max_length=MAX_TEXT, trim_whitespace=False, **kwargs)


class LevelAgreementShape(Shape):
    code = serializers.CharField()
    name = serializers.CharField(help_text="In the reader's language.")


# --- outages and interruptions -----------------------------------------------------------------


class OutageShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    service = NamedShape()
    customer = NamedShape(allow_null=True, help_text="Null: all customers.")
    started_at = Instant()
    ended_at = Instant(allow_null=True, help_text="Null: it goes on.")
    told_at = Instant(allow_null=True, help_text="When users were told; the outage counts until then.")
    record = serializers.CharField(source="record.number", allow_null=True, default=None)
    source = Coded(Source.choices)  # type: ignore[assignment]
    reference = serializers.CharField()
    note = serializers.CharField()
    excluded = serializers.SerializerMethodField(help_text="By approval it does not count.")
    withdrawn_at = Instant(allow_null=True)
    withdrawn_reason = serializers.CharField()
    recorded_by = PersonShape()
    recorded_at = Instant()
    version = serializers.IntegerField(help_text="As in the ETag.")

    def get_url(self, row: Outage) -> str:
        return reverse("api:outages-detail", [row.pk], request=self.context["request"])

    def get_excluded(self, row: Outage) -> bool:
        return any(each.decision == "approved" for each in row.exclusions.all())


class OutageTimes(Strict):
    """What may be corrected; what is left out stays."""

    started_at = Instant(required=False)
    ended_at = Instant(required=False, allow_null=True)
    told_at = Instant(required=False, allow_null=True)
    record = Reference(
        Record.objects.visible_to, code="number", see="incidents", required=False,
        allow_null=True, help_text="The ticket it was caused by or handled in.",
    )  # fmt: skip
    note = long(required=False, allow_blank=True)


class OutageForm(OutageTimes):
    service = Reference(lambda actor: Service.objects.all(), code="code", see="services")
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True,
        help_text="Null: all customers.",
    )  # fmt: skip
    started_at = Instant()
    source = Pick(choices=Source.choices, default=Source.MONITORING)  # type: ignore[assignment]
    reference = Text(
        max_length=100, required=False, allow_blank=True,
        help_text="Of the source; the same once more is the same outage.",
    )  # fmt: skip


class Because(Strict):
    reason = Text(max_length=300)


class InterruptionShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    services = NamedShape(many=True)
    customers = NamedShape(many=True, help_text="Empty: all customers.")
    starts_at = Instant()
    ends_at = Instant()
    reason_en = serializers.CharField()
    reason_zh = serializers.CharField()
    agreed_with = serializers.CharField(help_text="Empty: announced only; it counts as an outage.")
    taken_out = serializers.BooleanField(
        source="is_taken_out", help_text="Agreed, announced beforehand, not cancelled: it does not count."
    )
    announced_by = PersonShape()
    announced_at = Instant()
    cancelled_at = Instant(allow_null=True)
    cancel_reason = serializers.CharField()
    version = serializers.IntegerField(help_text="As in the ETag.")

    def get_url(self, row: PlannedInterruption) -> str:
        return reverse("api:planned-interruptions-detail", [row.pk], request=self.context["request"])


class InterruptionForm(Strict):
    services = serializers.ListField(
        child=Reference(lambda actor: Service.objects.all(), code="code", see="services"),
        allow_empty=False, max_length=100,
    )  # fmt: skip
    customers = serializers.ListField(
        child=Reference(accounts.queries.customers, code="code", see="organisations"), default=list,
        max_length=500, help_text="Empty: all customers.",
    )  # fmt: skip
    starts_at = Instant()
    ends_at = Instant()
    reason_en = Text(max_length=300)
    reason_zh = Text(max_length=300)
    agreed_with = Text(max_length=200, required=False, allow_blank=True, default="")
    tell_customers = serializers.BooleanField(
        default=False, help_text="Announce it to the customers it is for, in the same step."
    )


class MoveForm(Strict):
    """Another time; what customers were told moves along. Agreed is only what is agreed anew."""

    starts_at = Instant()
    ends_at = Instant()
    reason = Text(max_length=300)
    agreed_with = Text(max_length=200, required=False, allow_blank=True, default="")


# --- values -------------------------------------------------------------------------------------


def figure(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=6, normalize_output=True, allow_null=True, **kwargs
    )


class ValueShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    service = NamedShape()
    customer = NamedShape(allow_null=True)
    measure = Coded(MeasuredTarget.Measure.choices)
    started_at = Instant()
    ended_at = Instant()
    numerator = figure()
    denominator = figure()
    value = figure()
    source = Coded(Source.choices)  # type: ignore[assignment]
    revision = serializers.IntegerField(help_text="The highest of a slice counts.")
    correction = serializers.CharField(source="note", help_text="Why it corrects the one before.")
    recorded_by = PersonShape()
    recorded_at = Instant()

    def get_url(self, row: MeasuredValue) -> str:
        return reverse("api:measured-values-detail", [row.pk], request=self.context["request"])


class ValueForm(Strict):
    """A numerator with its denominator, or a value, over a slice of time that is over."""

    service = Reference(lambda actor: Service.objects.all(), code="code", see="services")
    customer = Reference(
        accounts.queries.customers, code="code", see="organisations", required=False, allow_null=True
    )
    measure = Pick(choices=MeasuredTarget.Measure.choices)
    started_at = Instant()
    ended_at = Instant()
    numerator = figure(required=False)
    denominator = figure(required=False)
    value = figure(required=False)
    source = Pick(choices=Source.choices)  # type: ignore[assignment]
    correction = Text(max_length=300, required=False, allow_blank=True, default="")


# --- standings ------------------------------------------------------------------------------------


class ForecastShape(Shape):
    decided = serializers.FloatField()
    missed = serializers.FloatField()
    percent = serializers.FloatField()
    low = serializers.FloatField(help_text="In four periods of five the end lies from low to high.")
    high = serializers.FloatField()


class BudgetShape(Shape):
    allowed_so_far = serializers.IntegerField()
    left_so_far = serializers.IntegerField()
    allowed = serializers.IntegerField(help_text="By the expected end of the month.")
    left = serializers.IntegerField(help_text="Negative: so many too many.")
    burn = serializers.FloatField(allow_null=True, help_text="1 uses up the budget exactly.")
    forecast = ForecastShape(allow_null=True)


class LevelCountsShape(Shape):
    met = serializers.IntegerField()
    missed = serializers.IntegerField()
    excluded = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Not judged yet.")
    net_percent = serializers.FloatField(source="net", allow_null=True, help_text="Rounded down to 0.01.")
    gross_percent = serializers.FloatField(source="gross", allow_null=True, help_text="With the excluded.")


class TargetStandingShape(LevelCountsShape):
    key = serializers.CharField(help_text="As in the terms.")
    label = serializers.CharField(help_text="In the reader's language.")  # type: ignore[assignment]
    metric = Coded(Metric.choices)
    service = serializers.SerializerMethodField()
    priority = serializers.IntegerField(allow_null=True)
    versions = serializers.ListField(child=serializers.IntegerField())
    goal_percent = serializers.FloatField()
    on_goal = serializers.BooleanField(allow_null=True)
    budget = BudgetShape(allow_null=True)
    no_data = serializers.CharField(
        source="why", help_text="Why there is no figure; empty where there is one."
    )

    def get_service(self, row: TargetStanding) -> str | None:
        return row.service.code if row.service else None


class MeasureStandingShape(Shape):
    key = serializers.CharField(help_text="As in the terms.")
    label = serializers.CharField(help_text="In the reader's language.")  # type: ignore[assignment]
    measure = Coded(MeasuredTarget.Measure.choices)
    service = serializers.SerializerMethodField()
    versions = serializers.ListField(child=serializers.IntegerField())
    operator = serializers.CharField()
    promised = serializers.FloatField(source="value")
    unit = serializers.CharField()
    actual = serializers.FloatField(allow_null=True, help_text="Never rounded to the better side.")
    kept = serializers.BooleanField(source="is_kept", allow_null=True)
    outages = serializers.SerializerMethodField(help_text="Ids at /api/v1/outages/.")
    values = serializers.SerializerMethodField(help_text="Ids at /api/v1/measured-values/.")
    no_data = serializers.CharField(
        source="why", help_text="Why there is no figure; empty where there is one."
    )

    def get_service(self, row: MeasureStanding) -> str | None:
        return row.service.code if row.service else None

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_outages(self, row: MeasureStanding) -> list[int]:
        return [each.pk for each in row.outages]

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_values(self, row: MeasureStanding) -> list[int]:
        return [each.pk for each in row.values]


class CreditStandingShape(Shape):
    closed = serializers.BooleanField(source="is_closed", help_text="By the ledger; else as it stands now.")
    percent = serializers.FloatField(allow_null=True, help_text="Of the charge of the month.")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()


class WorkShape(Shape):
    opened = serializers.IntegerField()
    done = serializers.IntegerField()
    open = serializers.IntegerField()


class LevelShape(Shape):
    """An agreement in a month."""

    agreement = LevelAgreementShape()
    url = serializers.SerializerMethodField()
    start = Instant()
    end = Instant(help_text="Not part of it.")
    gone = serializers.FloatField(help_text="The share of the month that has passed.")
    broken = serializers.IntegerField(help_text="Promises not kept so far.")
    total = LevelCountsShape()
    targets = TargetStandingShape(many=True)
    measures = MeasureStandingShape(many=True)
    workload = MeasureStandingShape(many=True)
    work = WorkShape(help_text="Tickets measured by the agreement.")
    credits = CreditStandingShape(allow_null=True, help_text="Null: no rule for credits.")
    rewards = CreditStandingShape(allow_null=True, help_text="Null: no rule for rewards.")
    no_data = serializers.CharField(source="why")

    def get_url(self, row: Standing) -> str:
        return reverse("api:levels-detail", [row.agreement.code], request=self.context["request"])


class CreditLineShape(Shape):
    """A line of the ledger; never changed."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    agreement = LevelAgreementShape()
    version = serializers.IntegerField(source="version.number", help_text="By the rules of this version.")
    month = serializers.SerializerMethodField()
    side = Coded(CreditEntry.Side.choices, help_text="Both are counted as positive.")
    kind = Coded(CreditEntry.Kind.choices)
    percent = serializers.DecimalField(max_digits=6, decimal_places=2, help_text="Of the month's charge.")
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    rules = serializers.JSONField(help_text="Those that were fulfilled.")
    reason = serializers.CharField(help_text="Of a correction.")
    made_at = Instant()

    def get_url(self, row: CreditEntry) -> str:
        return reverse("api:credits-detail", [row.pk], request=self.context["request"])

    def get_month(self, row: CreditEntry) -> str:
        return f"{row.month:%Y-%m}"
