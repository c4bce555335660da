"""The shapes of alerts over HTTP."""

import re
from typing import Any

from rest_framework import serializers

from itsm.rest.fields import Instant
from itsm.rest.problems import FieldError
from itsm.rest.serializers import Coded, ErrorShape, ItemShape, NamedShape, Shape
from monitoring.models import Alert
from monitoring.services import Outcome

CODE = re.compile(r"[0-9A-Za-z_-]{1,50}")
RESULTS = ("opened", "joined", "counted", "unchanged", "recovered", "late", "ignored", "unmatched", "refused")


class AlertShape(Shape):
    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    source = serializers.CharField(source="source.code")  # type: ignore[assignment]
    alarm = serializers.CharField()
    item = serializers.CharField(source="item_name", help_text="As monitoring calls it.")
    configuration_item = ItemShape(source="item", allow_null=True)
    title = serializers.CharField()
    text = serializers.CharField()
    severity = serializers.CharField()
    labels = serializers.DictField(child=serializers.CharField())
    monitoring_url = serializers.CharField(source="url")
    status = Coded(Alert.Status.choices)
    started_at = Instant(help_text="The real start, as monitoring has it.")
    begun_at = Instant(help_text="When it began last.")
    received_at = Instant()
    heard_at = Instant()
    ended_at = Instant(allow_null=True)
    count = serializers.IntegerField(help_text="How often it began.")
    customer = NamedShape(allow_null=True)
    incident = serializers.CharField(source="incident.number", allow_null=True, default=None)
    why = Coded(Alert.Why.choices, help_text="Why it has no ticket.")

    def get_url(self, row: Alert) -> str:
        return f"/api/v1/alerts/{row.pk}/"


class PlainForm(Shape):
    """One alert; or several as `{"alerts": [...]}`."""

    alarm = serializers.CharField(help_text="What is wrong, always in the same word; its key, with `item`.")
    item = serializers.CharField(required=False, help_text="The name of a configuration item.")
    status = serializers.ChoiceField(["firing", "recovered"], required=False)
    title = serializers.CharField(required=False)
    text = serializers.CharField(required=False)
    severity = serializers.CharField(required=False)
    labels = serializers.DictField(child=serializers.CharField(), required=False)
    url = serializers.CharField(required=False)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)


class OutcomeShape(Shape):
    result = serializers.ChoiceField(RESULTS)
    alert = serializers.IntegerField(allow_null=True)
    incident = serializers.CharField(allow_null=True)
    why = serializers.CharField(allow_null=True)
    errors = ErrorShape(many=True, required=False)  # type: ignore[assignment]


class DeliveryShape(Shape):
    """What became of each alert, in the order they came."""

    source = serializers.CharField()  # type: ignore[assignment]
    results = OutcomeShape(many=True)


def outcome(found: Outcome) -> dict[str, Any]:
    incident = found.alert.incident
    return {
        "result": found.result,
        "alert": found.alert.pk,
        "incident": incident.number if incident else None,
        "why": found.alert.why or None,
    }


def refused(errors: list[FieldError]) -> dict[str, Any]:
    shown = [error.data for error in errors]
    return {"result": "refused", "alert": None, "incident": None, "why": None, "errors": shown}
