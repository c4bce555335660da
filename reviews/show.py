"""A review as its pages show it: the same for staff and for who takes part."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from records.models import Delivery
from records.verbs import readable
from reviews import inputs, lifecycle
from reviews.models import Review, State

TONES = {
    lifecycle.PLANNED: "accent",
    lifecycle.HELD: "warn",
    lifecycle.MINUTES_SENT: "good",
    lifecycle.CLOSED: "neutral",
    lifecycle.CANCELLED: "quiet",
}
INSTANTS = frozenset({"at"})
DAYS = frozenset({"due", "until"})


def figures(review: Review) -> Any:
    """What the review looks at: as frozen with the minutes, before that as it is now."""
    return _read(review.inputs or inputs.collect(review))


def _read(value: Any, name: str = "") -> Any:
    """Labels in the reader's language, and instants and days as such, for the templates' filters."""
    if isinstance(value, Mapping):
        if "en" in value:
            return readable(value)
        return {key: _read(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_read(each) for each in value]
    if isinstance(value, str) and name in INSTANTS | DAYS | {"from"}:
        return (parse_datetime(value) if "T" in value else parse_date(value)) or value
    return value


def row_of(review: Review, now: datetime) -> dict[str, Any]:
    """A review as a row of a list."""
    return {
        "review": review,
        "state": State(review.state).label,
        "tone": TONES.get(review.state, "neutral"),
        "is_late": review.state == lifecycle.PLANNED and review.meets_at < now,
    }


def minutes(review: Review) -> dict[str, Any]:
    """What templates/reviews/_minutes.html shows."""
    return {
        "review": review,
        "participants": participants(review),
        "agenda": list(review.agenda.all()),
        "figures": figures(review),
        "is_frozen": bool(review.inputs),
    }


def participants(review: Review) -> list[dict[str, Any]]:
    """Who takes part, and to whom the minutes went."""
    sent = set(
        Delivery.objects.filter(activity__record=review.pk, activity__verb="review.send_minutes").values_list(
            "recipient", flat=True
        )
    )
    rows = review.participants.select_related("user").order_by("side", "pk")
    return [
        {
            "person": row,
            "side": row.get_side_display(),
            "is_sent": row.user_id in sent,
            "has_account": row.user_id is not None,
        }
        for row in rows
    ]
