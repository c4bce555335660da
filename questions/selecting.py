"""The rows of a question: narrowed, in a group, told apart. Figures and lists are made of these alone."""

from collections.abc import Sequence
from datetime import date, tzinfo
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    Expression,
    F,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    ExtractHour,
    ExtractIsoWeekDay,
    TruncDay,
    TruncMonth,
    TruncQuarter,
    TruncWeek,
    TruncYear,
)

from kpis import engine
from kpis.engine import Asked, Part
from questions.content import Plan
from questions.subjects.base import NONE, Dimension, Sort, field_of
from records import spans

TRUNCATE: dict[str, Any] = {
    "day": TruncDay, "week": TruncWeek, "month": TruncMonth, "quarter": TruncQuarter, "year": TruncYear,
}  # fmt: skip


def rows_of(plan: Plan, asked: Asked) -> QuerySet[Any]:
    """What the question looks at, as far as the asker may see it: the engine's rows, narrowed further."""

    def rows(asked: Asked) -> QuerySet[Any]:
        found = plan.subject.rows(asked).filter(plan.measure.among)
        if plan.instant:
            found = found.filter(plan.instant.within(asked))
        for dimension, values in plan.filters:
            found = narrowed(found, dimension, values, asked)
        return found

    part = Part(rows, customer=plan.subject.customer)
    return rows(asked) if plan.subject.is_shared else engine.selected(part, asked)


def key_of(dimension: Dimension, zone: tzinfo) -> Expression | Coalesce | Case:
    """The key of the group a row belongs to, as a text that is never null; NONE where it has no value."""
    if dimension.condition is not None:
        return Case(
            When(dimension.condition, then=Value("yes")), default=Value("no"), output_field=TextField()
        )
    value: Any = F(dimension.column)
    zoned: dict[str, Any] = {} if dimension.instant and dimension.instant.is_day else {"tzinfo": zone}
    if dimension.sort == Sort.SPAN:
        value = Cast(
            TRUNCATE[dimension.step](dimension.column, output_field=DateField(), **zoned), DateField()
        )
    elif dimension.sort == Sort.CYCLE:
        extract = ExtractHour if dimension.step == "hour" else ExtractIsoWeekDay
        value = Cast(extract(dimension.column, **zoned), IntegerField())
    return Coalesce(Cast(value, TextField()), Value(NONE), output_field=TextField())


def narrowed(rows: QuerySet[Any], dimension: Dimension, values: Sequence[str], asked: Asked) -> QuerySet[Any]:
    """Rows whose key is one of these; by the column itself where an index may know it."""
    if dimension.sort == Sort.SPAN:
        return rows.filter(_in_spans(dimension, values, asked.period.zone))
    if dimension.sort in (Sort.CYCLE, Sort.FLAG):
        by_key: QuerySet[Any] = rows.alias(_key=key_of(dimension, asked.period.zone))
        return by_key.filter(_key__in=list(values))
    column, some = dimension.column, [value for value in values if value != NONE]
    typed: list[Any] = list(some)
    if dimension.sort == Sort.ROW:
        typed = [int(value) for value in some]
    elif dimension.sort == Sort.PICK:
        typed = [value for value, _words in dimension.choices() if str(value) in some]
    found = Q(**{f"{column}__in": typed})
    if NONE in values:
        found |= Q(**{f"{column}__isnull": True})
        if typed_as_text(rows, column):
            found |= Q(**{column: ""})
    return rows.filter(found)


def typed_as_text(rows: QuerySet[Any], column: str) -> bool:
    return isinstance(field_of(rows.model, column), CharField | TextField)


def _in_spans(dimension: Dimension, values: Sequence[str], zone: tzinfo) -> Q:
    found = Q(pk__in=[])
    for value in values:
        if value == NONE:
            found |= Q(**{f"{dimension.column}__isnull": True})
            continue
        span = spans.of(dimension.step, date.fromisoformat(value), zone)
        if dimension.instant and dimension.instant.is_day:
            found |= Q(**{f"{dimension.column}__gte": span.first, f"{dimension.column}__lte": span.last})
        else:
            found |= Q(**{f"{dimension.column}__gte": span.start, f"{dimension.column}__lt": span.end})
    return found


def but(rows: QuerySet[Any], dimension: Dimension, keys: Sequence[str], asked: Asked) -> QuerySet[Any]:
    """Rows whose key is none of these: those behind "others"."""
    by_key: QuerySet[Any] = rows.alias(_other=key_of(dimension, asked.period.zone))
    return by_key.exclude(_other__in=list(keys))
