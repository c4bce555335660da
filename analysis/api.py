"""Measured indicators and early warnings over HTTP, for managers."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from analysis import warning
from analysis.asking import figure_of
from analysis.models import Cause, Warned
from itsm.rest.fields import Instant
from itsm.rest.filters import NamedFilter, Several
from itsm.rest.serializers import Coded, NamedShape, Shape
from itsm.rest.views import ReadOnly
from kpis import measuring
from kpis.models import Measurement
from records import span_words

TAGS = ["kpis"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)
CALLED = _("Ids of indicators such as X21, separated by commas.")


class MeasurementShape(Shape):
    """``value`` and what it is made of are the confirmed ones where the span was confirmed."""

    id = serializers.IntegerField()
    kpi = serializers.CharField()
    part = serializers.IntegerField(help_text="Which of its figures, counted from 0.")
    span = Coded(span_words.CHOICES, source="span_kind")
    first = serializers.DateField(help_text="The first day of the span.")
    last = serializers.DateField(help_text="Its last day.")
    customer = NamedShape(allow_null=True, help_text="Null: all customers together.")
    value = serializers.FloatField(source="number", allow_null=True)
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    record_count = serializers.IntegerField()
    no_data = serializers.SerializerMethodField(help_text="There was nothing to tell a figure of.")
    is_final = serializers.BooleanField(help_text="Counted after the span was over, or confirmed.")
    is_confirmed = serializers.BooleanField()
    counted_at = Instant()

    @extend_schema_field(serializers.BooleanField)
    def get_no_data(self, row: Any) -> bool:
        return row.number is None


class MeasurementFilters(framework.FilterSet):  # type: ignore[misc]
    kpi = framework.CharFilter(method="by_kpi", max_length=400, label=CALLED)
    part = framework.NumberFilter(min_value=0, max_value=99)
    span = Several(field_name="span_kind", choices=span_words.CHOICES)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    is_final = framework.BooleanFilter()

    def by_kpi(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(kpi__in=[part.strip().upper() for part in value.split(",")])


# "from" is no name in Python
MeasurementFilters.base_filters["from"] = framework.DateFilter(
    field_name="first", lookup_expr="gte", label=_("Spans that begin on this day or later.")
)
MeasurementFilters.base_filters["to"] = framework.DateFilter(
    field_name="last", lookup_expr="lt", label=_("Spans that are over before this day.")
)


@extend_schema_view(
    list=extend_schema(summary="Indicators as they were measured", tags=TAGS),
    retrieve=extend_schema(summary="One measured figure", parameters=[ID], tags=TAGS),
)
class Measurements(ReadOnly):
    """For managers. Counted every night for weeks and months, every week for longer spans; `customer=none`
    finds the figures of all customers together.
    """

    queryset = Measurement.objects.none()
    serializer_class = MeasurementShape
    filterset_class = MeasurementFilters
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Measurement]:
        require(self.actor, "dashboard")
        return measuring.visible_to(self.actor).select_related("customer")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return page if page is None else _as_confirmed(page)

    def get_object(self) -> Any:
        return _as_confirmed([super().get_object()])[0]


def _as_confirmed(rows: list[Any]) -> list[Any]:
    found = measuring.confirmed(rows)
    for row in rows:
        point = found.get(row.pk)
        row.is_confirmed = point is not None
        if point is not None:
            row.number, row.numerator, row.denominator = point.number, point.numerator, point.denominator
            row.record_count, row.is_final, row.counted_at = point.n, True, point.counted_at
    return rows


class WarningShape(Shape):
    id = serializers.IntegerField()
    kpi = serializers.CharField(source="rule.kpi")
    part = serializers.IntegerField(source="rule.part", help_text="Which of its figures, counted from 0.")
    span = Coded(span_words.CHOICES, source="rule.span_kind")
    first = serializers.DateField(help_text="The first day of the span that gave the reason.")
    customer = NamedShape(source="rule.customer", allow_null=True, help_text="Null: all together.")
    cause = Coded(Cause.choices)
    name = serializers.SerializerMethodField(help_text="Of the indicator, in the language asked for.")
    words = serializers.SerializerMethodField(help_text="The numbers behind it, in the language asked for.")
    raised_at = Instant()
    ended_at = Instant(allow_null=True)
    action = serializers.CharField(
        source="action.number", default=None, allow_null=True, help_text="The follow-up action opened for it."
    )

    @extend_schema_field(serializers.CharField)
    def get_name(self, row: Warned) -> str:
        return figure_of(f"{row.rule.kpi}:{row.rule.part}").name

    @extend_schema_field(serializers.CharField)
    def get_words(self, row: Warned) -> str:
        return warning.reason_words(row.rule, row.cause, row.facts)


class WarningFilters(framework.FilterSet):  # type: ignore[misc]
    kpi = framework.CharFilter(method="by_kpi", max_length=400, label=CALLED)
    customer = NamedFilter(field_name="rule__customer", rows=accounts.queries.organisations, code="code")
    cause = Several(choices=Cause.choices)
    is_over = framework.BooleanFilter(field_name="ended_at", lookup_expr="isnull", exclude=True)

    def by_kpi(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(rule__kpi__in=[part.strip().upper() for part in value.split(",")])


@extend_schema_view(
    list=extend_schema(summary="Early warnings", tags=TAGS),
    retrieve=extend_schema(summary="One early warning", parameters=[ID], tags=TAGS),
)
class EarlyWarnings(ReadOnly):
    """For managers: raised every night by the rules on the page of early warnings."""

    queryset = Warned.objects.none()
    serializer_class = WarningShape
    filterset_class = WarningFilters
    lookup_value_regex = "[0-9]{1,18}"
    ordering = "-id"

    def get_queryset(self) -> QuerySet[Warned]:
        return warning.warnings(self.actor).order_by()


router = SimpleRouter()
router.register("measurements", Measurements, basename="measurements")
router.register("early-warnings", EarlyWarnings, basename="early-warnings")
urlpatterns = router.urls
