"""The clocks of a record as the interface shows them: what they say now, and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.reverse import reverse

import sla.services
from itsm.rest.fields import Instant
from itsm.rest.serializers import Coded, PersonShape, Shape
from records.models import Record
from sla import cases
from sla.models import Clock, ClockEvent, Metric

STATES = {
    "not_started": _("not started"),
    "running": _("running"),
    "paused": _("paused"),
    "met": _("met"),
    "breached": _("missed"),
    "cancelled": _("cancelled"),
}

PHASES = ["not_started", "running", "paused", "stopped", "cancelled"]


def clocks_of(record: Record) -> QuerySet[Clock]:
    """The clocks of a record with what they are measured by."""
    return Clock.objects.filter(record=record.pk).select_related(
        "agreement_version__agreement", "calendar_version__calendar"
    )


def attach_states(clocks: Sequence[Clock], now: datetime) -> Sequence[Clock]:
    """Replay each clock from its events, one query for all, and keep the state on it."""
    events = sla.services.events_of(clocks)
    for clock in clocks:
        clock.replayed = sla.services.state_of(clock, events[clock.pk])  # type: ignore[attr-defined]
        clock.read_at = now  # type: ignore[attr-defined]
    return clocks


class FiredShape(Shape):
    threshold = serializers.IntegerField(help_text="Per cent of the target.")
    at = Instant()


class VersionShape(Shape):
    code = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()


class SummaryShape(Shape):
    """A clock as the case format writes a snapshot, with what it is about."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    metric = Coded(Metric.choices)
    state = serializers.ChoiceField(choices=[*STATES])
    state_label = serializers.CharField()
    phase = serializers.ChoiceField(choices=PHASES)
    breached = serializers.BooleanField()
    breached_at = Instant(allow_null=True)
    elapsed = serializers.IntegerField(help_text="Working seconds.")
    target = serializers.IntegerField(help_text="Working seconds.", required=False)
    remaining = serializers.IntegerField(help_text="Working seconds; negative when overdue.", required=False)
    overdue = serializers.IntegerField(help_text="Working seconds.")
    due = Instant(allow_null=True)
    first_due = Instant(allow_null=True, help_text="What was promised before any pause or change.")
    fired = FiredShape(many=True)
    cycle = serializers.IntegerField()
    started_at = Instant()
    stopped_at = Instant(allow_null=True)
    waived = serializers.BooleanField()

    def get_url(self, clock: Clock) -> str:
        name = f"api:{self.context['kind']}-clocks-detail"
        return reverse(name, [self.context["number"], clock.pk], request=self.context["request"])

    def to_representation(self, instance: Any) -> dict[str, Any]:
        clock: Clock = instance
        said = cases.snapshot(clock.replayed.at(max(clock.read_at, clock.started_at)))  # type: ignore[attr-defined]
        del said["previous_cycles"]
        metric = {"code": clock.metric, "label": str(Metric(clock.metric).label)}
        return {
            "id": clock.pk,
            "url": self.get_url(clock),
            "metric": metric,
            **said,
            "state_label": str(STATES[said["state"]]),
            "cycle": clock.cycle,
            "first_due": cases.stamp(clock.first_due_at),
            "started_at": cases.stamp(clock.started_at),
            "stopped_at": cases.stamp(clock.stopped_at),
            "waived": clock.waived_at is not None,
        }


class ClockShape(SummaryShape):
    """With the versions it is measured by."""

    agreement = VersionShape()
    calendar = VersionShape()
    promise = serializers.JSONField(help_text="The target as at the start, in the case format.")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        terms, hours = instance.agreement_version, instance.calendar_version
        return {
            **super().to_representation(instance),
            "agreement": {
                "code": terms.agreement.code, "name": terms.agreement.name, "version": terms.number
            },
            "calendar": {"code": hours.calendar.code, "name": hours.calendar.name, "version": hours.number},
            "promise": instance.promise,
        }  # fmt: skip


class SegmentShape(Shape):
    to = Instant()
    counted = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=["open", "closed", "break", "holiday", "paused", "stopped"])
    detail = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's own
        return {"from": Instant(), **super().get_fields()}


class EventShape(Shape):
    at = Instant()
    type = serializers.ChoiceField(choices=ClockEvent.Type.choices)
    reason = serializers.CharField()
    by = PersonShape()
    data = serializers.JSONField()  # type: ignore[assignment]


class AlarmShape(Shape):
    step = serializers.CharField(help_text="Per cent, or `breach`.")
    at = Instant(help_text="When it became true.")
    noticed_at = Instant()


class ExplainedShape(ClockShape):
    """With every stretch of time and the reason it counted or not."""

    segments = SegmentShape(many=True)
    events = EventShape(many=True)
    alarms = AlarmShape(many=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        until = instance.stopped_at or instance.read_at
        events = instance.events.select_related("by").order_by("at", "pk")
        return {
            **super().to_representation(instance),
            "segments": [cases.segment(part) for part in instance.replayed.segments(until)],
            "events": EventShape(events, many=True, context=self.context).data,
            "alarms": AlarmShape(instance.alarms.order_by("at", "pk"), many=True, context=self.context).data,
        }
