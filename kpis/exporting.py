"""Indicators as files: all figures of a period, and the rows behind one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from exports.columns import Column
from exports.sources import Source
from kpis import closing, engine, shown
from kpis.engine import Asked, Kpi, Part, Value
from reports.asking import question_of
from reports.exporting import asked as request_of


@dataclass(frozen=True)
class Figure:
    """One figure of an indicator; an indicator that waits for a record has none (``part`` is None)."""

    kpi: Kpi
    part: Part | None
    value: Value


def _asked(query: QueryDict, actor: Actor) -> Asked:
    question = question_of(request_of(query, actor), "confirm_kpi")
    person = query.get("person", "")
    return Asked(
        question.actor, question.period, question.now, customer=question.narrow.get("customer"),
        person=int(person) if person.isascii() and person.isdigit() and len(person) < 18 else None,
    )  # fmt: skip


def indicators(actor: Actor, query: QueryDict, now: datetime) -> list[Figure]:
    """Every figure of every indicator the actor may read, of the period the address names."""
    asked = _asked(query, actor)
    return [
        Figure(kpi, part, engine.compute(part, asked) if part else engine.NOTHING)
        for kpi in closing.readable(asked.actor)
        for part in kpi.parts or (None,)
    ]


def _count(figure: Figure) -> int | None:
    return figure.value.record_count if figure.part else None


def _part(query: QueryDict, actor: Actor) -> Part:
    kpi, place = engine.get(query.get("kpi", "").upper()), query.get("part", "") or "0"
    if kpi is None or not kpi.parts or kpi.id not in {each.id for each in closing.readable(actor)}:
        raise Http404(_("There is no such indicator."))
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 0
    return kpi.parts[min(number, len(kpi.parts) - 1)]


def behind(actor: Actor, query: QueryDict, now: datetime) -> QuerySet[Any]:
    """The rows a figure counts, in the order of its list."""
    part = _part(query, actor)
    return engine.selected(part, _asked(query, actor)).order_by(part.at, "pk")


def row_columns(actor: Actor, query: QueryDict) -> list[Column]:
    part = _part(query, actor)
    asked = _asked(query, actor)
    _related, describe = shown.describing(part.rows(asked).model)
    return [
        Column("what", gettext_lazy("What"), lambda row: describe(row)[0]),
        Column("at", gettext_lazy("When"), lambda row: shown.instant_of(row, part.at), "moment"),
    ]


def _read(rows: QuerySet[Any]) -> QuerySet[Any]:
    related, _describe = shown.describing(rows.model)
    return rows.select_related(*related) if related else rows


def _address(query: QueryDict) -> str:
    kept = query.copy()
    kpi = str(kept.get("kpi", ""))
    kept.pop("kpi", None)
    return f"{reverse('kpis:detail', args=[kpi])}?{kept.urlencode()}" if kpi else ""


SOURCES = (
    Source(
        "indicators",
        gettext_lazy("Indicators of a period"),
        [
            Column("id", gettext_lazy("Code"), lambda f: f.kpi.id),
            Column("process", gettext_lazy("Process"), lambda f: shown.said(f.kpi.entry.process)),
            Column("name", gettext_lazy("Indicator"), lambda f: shown.said(f.kpi.entry.name)),
            Column("part", gettext_lazy("Figure"), lambda f: f.part.name if f.part else None),
            Column("role", gettext_lazy("Role"), lambda f: shown.said(f.kpi.entry.role)),
            Column("checker", gettext_lazy("Checked by"), lambda f: shown.said(f.kpi.entry.checker)),
            Column("unit", gettext_lazy("Unit"), lambda f: f.part.unit.label if f.part else None),
            Column("number", gettext_lazy("Value"), lambda f: f.value.number, "number"),
            Column("numerator", gettext_lazy("Counted"), lambda f: f.value.numerator, "number"),
            Column("denominator", gettext_lazy("Of"), lambda f: f.value.denominator, "number"),
            Column(
                "records", gettext_lazy("Rows"), lambda f: f.value.record_count if f.part else None, "number"
            ),
            Column("waits_for", gettext_lazy("Waits for"), lambda f: f.kpi.waits_for or None),
        ],
        indicators,
        permission="confirm_kpi",
        page="kpis:list",
    ),
    Source(
        "indicator-rows",
        gettext_lazy("Rows behind an indicator"),
        row_columns,
        behind,
        permission="confirm_kpi",
        read=_read,
        page=_address,
    ),
)
