"""What an edit does to open clocks over HTTP: its shapes, and the preview of a calendar's next edition."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from itsm.rest.fields import Instant
from itsm.rest.serializers import Coded, Shape, Strict
from sla.impact import VERDICTS
from sla.impact_rows import Moved, Preview
from sla.models import Agreement, Metric

SHOWN = 500
DEFINITION = {
    "timezone": "Asia/Shanghai", "weekly": {"mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]]},
    "holidays": ["2026-12-25"],
}  # fmt: skip
ASKED = OpenApiExample("A holiday more", value={"definition": DEFINITION}, request_only=True)


class CountsShape(Shape):
    """Clocks by what becomes of them."""

    breaches = serializers.IntegerField(help_text="In time before, missed at once.")
    earlier = serializers.IntegerField()
    later = serializers.IntegerField()
    relieved = serializers.IntegerField(help_text="Missed before, not any more.")
    unchanged = serializers.IntegerField()


class MoveShape(Shape):
    record = serializers.CharField(help_text="The number of the ticket.")
    clock = serializers.IntegerField(allow_null=True, help_text="Null: it would begin by this edit.")
    metric = Coded(Metric.choices)
    agreement = serializers.CharField(
        allow_null=True, help_text="The OLA or UC; null for the customer's promise."
    )
    before = Instant(allow_null=True, help_text="The due time as it is.")
    after = Instant(allow_null=True, help_text="The due time as it would be.")
    verdict = serializers.ChoiceField(choices=VERDICTS)
    tight = serializers.BooleanField(help_text="Nearer than before, and due within a day.")
    paused = serializers.BooleanField(help_text="The due times are those it had if it went on at once.")


class PreviewShape(Shape):
    at = Instant(help_text="From when open clocks would go by it.")
    edition = serializers.IntegerField(
        help_text="The newest edition, which this one would follow; 0 for none."
    )
    counts = CountsShape()
    records = serializers.IntegerField(help_text="Tickets on which something moves.")
    clocks = MoveShape(many=True, help_text="Those that move, the worst first; at most 500.")


class PreviewForm(Strict):
    definition = serializers.JSONField(help_text="As in the simulator's case format.")
    effective_from = Instant(required=False, help_text="Default: at once.")


def moves(found: Sequence[Moved]) -> list[dict[str, Any]]:
    """What MoveShape shows; one query for the agreements behind."""
    listed = found[:SHOWN]
    ids = {each.clock.support_id for each in listed if each.clock.support_id}
    codes = dict(Agreement.objects.filter(pk__in=ids).values_list("pk", "code"))
    return [
        {
            "record": clock.number,
            "clock": clock.pk or None,
            "metric": clock.metric,
            "agreement": codes.get(clock.support_id or 0),
            "before": move.before,
            "after": move.after,
            "verdict": move.verdict,
            "tight": move.is_tight,
            "paused": move.is_paused,
        }
        for clock, move in listed
    ]


def previewed(found: Preview) -> dict[str, Any]:
    return {
        "at": found.at,
        "edition": found.latest,
        "counts": found.counts,
        "records": found.records,
        "clocks": moves(found.moving),
    }
