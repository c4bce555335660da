"""On the page of an agreement: the change behind its amendment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.access import Actor
from amendments.models import Amendment
from amendments.services import change_state
from records.kinds import Kind
from records.models import Record
from records.panels import Panel, register


def _rows(record: Record) -> QuerySet[Amendment]:
    return Amendment.objects.filter(edition=record.pk).select_related("change").order_by("-pk")


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    rows = [{"change": row.change, "state": change_state(row.change)} for row in _rows(record)]
    return {"rows": rows} if rows else None


def probe(record: Record, actor: Actor, *, now: datetime) -> QuerySet[Amendment]:
    return _rows(record)


def register_all() -> None:
    """Safe to repeat."""
    register(
        Panel(
            "amendments", 10, "amendments/_panel.html", content, kinds=frozenset({Kind.AGREEMENT.value}),
            probe=probe,
        )
    )  # fmt: skip
