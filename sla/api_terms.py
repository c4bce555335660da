"""The terms of an agreement in the interface: their form, and what of them a reader may know."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from itsm.rest.serializers import Shape
from sla.keys import TICKET_KINDS
from sla.terms import AT_END, MEASURES, METRICS, OPENS, PERIODS, SECTIONS, SOURCES, UNITS, Terms

WAYS = ["portal", "email", "meeting", "paper"]
HOURS_4 = {"kind": "business_seconds", "seconds": 14_400}
METHOD = {"en": "From opening to resolution, by the tickets", "zh": "按工单，从受理到解决"}
EXAMPLE: dict[str, Any] = {
    "calendar": "office-8x5",
    "pausing_reasons": ["customer"],
    "warn_at": [50, 75, 90],
    "services": ["mail"],
    "targets": [
        {
            "metric": "resolution", "priority": 1, "promise": HOURS_4, "goal_percent": 95, "method": METHOD,
            "underpinned_by": [{"agreement": "ola-desk", "target": "resolution//1", "stage": 1}],
        }
    ],
    "measures": [
        {
            "measure": "availability", "service": "mail", "operator": ">=", "value": 99.9, "unit": "percent",
            "method": {"en": "By the probes of the monitoring", "zh": "按监控探测"}, "source": "monitoring",
        }
    ],
    "sections": {
        "parties": {"en": "Acme and we.", "zh": "艾可美与我方。"},
        "charges": {"not_applicable": "Included in the yearly fee."},
    },
    "credits": [{"target": "resolution//1", "below": 95, "percent": 5}],
    "rewards": [{"target": "resolution//1", "above": 99, "percent": 2}],
    "reports": [{"kind": "service_level", "period": "month", "due_day": 5}],
    "review_months": 12,
}  # fmt: skip


class TextShape(Shape):
    en = serializers.CharField(required=False)
    zh = serializers.CharField(required=False)


class SectionShape(TextShape):
    not_applicable = serializers.CharField(required=False, help_text="Why it does not apply.")


class SupportTermShape(Shape):
    agreement = serializers.CharField(help_text="The code of an OLA or UC.")
    target = serializers.CharField(help_text="Its key there, such as `resolution//1`.")
    stage = serializers.IntegerField(
        required=False, default=1, help_text="Those of one stage run side by side, stages in turn."
    )


class PromiseShape(Shape):
    kind = serializers.ChoiceField(choices=["business_seconds", "working_days", "calendar_days"])
    seconds = serializers.IntegerField(required=False, help_text="Of `business_seconds`.")
    days = serializers.IntegerField(required=False, help_text="Of the other two.")
    until = serializers.ChoiceField(choices=["same_time", "close"], required=False)


class TargetTermShape(Shape):
    metric = serializers.ChoiceField(choices=METRICS)
    promise = PromiseShape()
    service = serializers.CharField(required=False, allow_null=True, help_text="A code; null: all.")
    priority = serializers.IntegerField(required=False, allow_null=True, help_text="1 to 4; null: all.")
    ticket_kind = serializers.ChoiceField(
        choices=TICKET_KINDS, required=False, allow_null=True, help_text="Null: all tickets."
    )
    calendar = serializers.CharField(required=False, allow_null=True, help_text="Instead of the shared one.")
    opens = serializers.ChoiceField(choices=OPENS, required=False)
    goal_percent = serializers.FloatField(required=False)
    escalates = serializers.BooleanField(required=False)
    method = TextShape(required=False, help_text="How it is measured.")
    source = serializers.ChoiceField(choices=SOURCES, required=False)  # type: ignore[assignment]
    period = serializers.ChoiceField(choices=PERIODS, required=False)
    underpinned_by = SupportTermShape(many=True, required=False)


class MeasureTermShape(Shape):
    measure = serializers.ChoiceField(choices=MEASURES)
    operator = serializers.ChoiceField(choices=[">=", "<="])
    value = serializers.FloatField()
    unit = serializers.ChoiceField(choices=UNITS)
    service = serializers.CharField(required=False, allow_null=True, help_text="A code; null: all.")
    method = TextShape(required=False, help_text="How it is measured.")
    source = serializers.ChoiceField(choices=SOURCES, required=False)  # type: ignore[assignment]
    period = serializers.ChoiceField(choices=PERIODS, required=False)
    goal_percent = serializers.FloatField(required=False, allow_null=True)
    underpinned_by = SupportTermShape(many=True, required=False)


class CreditShape(Shape):
    target = serializers.CharField(help_text="A key, or `*` for the whole.")
    below = serializers.FloatField(help_text="Attainment, per cent.")
    percent = serializers.FloatField(help_text="Of the charge.")


class RewardShape(Shape):
    target = serializers.CharField(
        help_text="A key of a target, or of a measure in percent at least, or `*` for the whole."
    )
    above = serializers.FloatField(
        help_text="Attainment at or above it, per cent; more than the mark of a credit for the same target."
    )
    percent = serializers.FloatField(help_text="Of the charge of the month.")


class ReportTermShape(Shape):
    kind = serializers.CharField()
    period = serializers.ChoiceField(choices=PERIODS, required=False)
    due_day = serializers.IntegerField(required=False)
    submitter = serializers.CharField(required=False)
    way = serializers.ChoiceField(choices=WAYS, required=False)


class CostShape(Shape):
    amount = serializers.FloatField(required=False)
    currency = serializers.CharField(required=False)
    per = serializers.CharField(required=False)


class RenewalShape(Shape):
    at_end = serializers.ChoiceField(
        choices=AT_END, required=False, help_text="Without a successor it ends, or continues until one."
    )
    prompt_days = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Days before the end, descending."
    )


class TermsShape(Shape):
    """All that an edition says; docs/agreements.md. Only the calendar is always needed in a draft."""

    calendar = serializers.CharField(help_text="The code of the service hours.")
    matrix = serializers.DictField(
        child=serializers.IntegerField(), required=False, help_text='{"<impact><urgency>": priority}, nine.'
    )
    pausing_reasons = serializers.ListField(child=serializers.CharField(), required=False)
    warn_at = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="Per cent.")
    reopen_starts_new_cycle = serializers.BooleanField(required=False)
    services = serializers.ListField(child=serializers.CharField(), required=False, help_text="Empty: all.")
    key_services = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Those with stronger commitments."
    )
    targets = TargetTermShape(many=True, required=False)
    measures = MeasureTermShape(many=True, required=False)
    sections = serializers.DictField(
        child=SectionShape(), required=False, help_text=f"Of {', '.join(SECTIONS)}."
    )
    credits = CreditShape(many=True, required=False)
    rewards = RewardShape(many=True, required=False, help_text="Left out where there are none.")
    reports = ReportTermShape(many=True, required=False)
    review_months = serializers.IntegerField(required=False)
    cost = CostShape(required=False)
    renewal = RenewalShape(required=False)
    inherited = serializers.DictField(
        child=serializers.CharField(), required=False,
        help_text="Of signed terms: what came from the agreement above, by key, and its code.",
    )  # fmt: skip


@extend_schema_field(TermsShape)
class TermsField(serializers.JSONField):
    """Terms as JSON; what they mean is checked by ``sla.terms``."""


def shown_terms(terms: Terms, *, whole: bool) -> dict[str, Any]:
    """The JSON form; without what of ours and of our suppliers stands behind it unless ``whole``."""
    found = terms.dump()
    if not whole:
        for row in (*found["targets"], *found["measures"]):
            del row["underpinned_by"]
    return found
