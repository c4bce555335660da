"""Writing the log: an Activity, and in the same transaction the messages it causes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone, translation

from accounts.access import Actor
from records import delivery
from records.models import Activity, Record
from records.verbs import verb_of


@dataclass(frozen=True)
class Fact:
    """Something to be logged. ``at`` is when it became true."""

    record: Record
    verb: str
    at: datetime
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)


_CAUSE: ContextVar[Mapping[str, Any] | None] = ContextVar("cause", default=None)


@contextmanager
def because_of(cause: Mapping[str, Any], by: Mapping[str, Any]) -> Iterator[None]:
    """Everything logged within says what it follows from, and in whose name the system did it (a label)."""
    token = _CAUSE.set({"cause": dict(cause), "by": dict(by)})
    try:
        yield
    finally:
        _CAUSE.reset(token)


def told_outside(data: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's data without what it followed from, which is the provider's own business."""
    return {key: value for key, value in data.items() if key not in ("cause", "by")}


def write_all(facts: Sequence[Fact], *, actor: Actor) -> list[Activity]:
    """Append facts to the log and plan their messages; the caller holds the transaction."""
    written_at = timezone.now()
    activities = Activity.objects.bulk_create(
        Activity(
            record_id=fact.record.pk,
            customer_id=fact.record.customer_id,
            verb=fact.verb,
            actor_id=actor.user_id,
            at=fact.at,
            logged_at=written_at,
            origin=actor.origin,
            is_public=verb_of(fact.verb).is_public,
            text=fact.text,
            data={"number": fact.record.number, **(_CAUSE.get() or {}), **fact.data},
            record_version=fact.record.version,
        )
        for fact in facts
    )
    delivery.plan([(a, f.record) for a, f in zip(activities, facts, strict=True)])
    return activities


def write(record: Record, verb: str, *, actor: Actor, at: datetime, text: str = "", **data: Any) -> Activity:
    """Append one fact."""
    return write_all([Fact(record, verb, at, text, data)], actor=actor)[0]


def bilingual(lazy: Any) -> dict[str, str]:
    """A translatable text as a label of the log: {"en", "zh"}."""
    with translation.override("en"):
        en = str(lazy)
    with translation.override("zh-hans"):
        zh = str(lazy)
    return {"en": en, "zh": zh}
