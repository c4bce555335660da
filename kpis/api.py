"""The indicators over HTTP: all of them with their figures, one, and the rows behind it."""

import zoneinfo
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
from accounts.access import require
from itsm.rest.fields import find
from itsm.rest.problems import refuse
from itsm.rest.serializers import Shape
from itsm.rest.views import ViewSet
from kpis import closing, engine, shown
from kpis.engine import NOTHING, Asked, Kpi, Unit
from reports.period import Period

LONGEST = timedelta(days=366)
MOST, ROWS = 200, 50


class KpiPartShape(Shape):
    name = serializers.CharField()
    unit = serializers.ChoiceField(choices=Unit.choices)
    value = serializers.FloatField(allow_null=True)
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    no_data = serializers.BooleanField()
    record_count = serializers.IntegerField()
    records = serializers.URLField()


class KpiWordsShape(Shape):
    en = serializers.CharField()
    zh = serializers.CharField()


class KpiShape(Shape):
    id = serializers.CharField()
    process = KpiWordsShape()
    role = KpiWordsShape()
    name = KpiWordsShape()
    checker = KpiWordsShape()
    every = serializers.CharField(help_text="month, quarter, half, year, occasion; empty: nobody said.")
    is_deduction = serializers.BooleanField()
    unit = serializers.ChoiceField(choices=Unit.choices, allow_null=True)
    value = serializers.FloatField(allow_null=True)
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    no_data = serializers.BooleanField()
    waits_for = serializers.CharField(help_text="The record it waits for; empty where it is computed.")
    record_count = serializers.IntegerField()
    records = serializers.URLField(allow_null=True)
    parts = KpiPartShape(many=True, help_text="All its figures; the first is repeated above.")


class KpiRowShape(Shape):
    record = serializers.CharField()
    url = serializers.URLField()
    at = serializers.DateTimeField(allow_null=True)


PERIOD = [
    OpenApiParameter("from", str, description="The first day, such as 2016-03-01; default: this month's."),
    OpenApiParameter("to", str, description="The first day after the period; default: tomorrow."),
    OpenApiParameter("customer", str, description="Id or code of one customer."),
]
PROCESS = OpenApiParameter("process", str, description="Only those whose id begins so, such as P01.")
ID = OpenApiParameter("id", str, OpenApiParameter.PATH)


@extend_schema_view(
    list=extend_schema(
        summary="Indicators with their figures of a period", parameters=[*PERIOD, PROCESS], tags=["kpis"]
    ),
    retrieve=extend_schema(summary="One indicator", parameters=[*PERIOD, ID], tags=["kpis"]),
)
class Kpis(ViewSet):
    """For managers; for checkers those they check. Days are those of the zone of the program's account."""

    serializer_class = KpiShape
    lookup_value_regex = "[A-Za-z0-9.]{1,20}"
    pagination_class = None
    filter_backends = ()

    def list(self, request: Request) -> Response:
        asked = self.asked()
        prefix = request.query_params.get("process", "").upper()
        found = [kpi for kpi in closing.readable(self.actor) if kpi.id.startswith(prefix)][:MOST]
        return Response(
            {"next": None, "previous": None, "results": [self.shown(kpi, asked) for kpi in found]}
        )

    def retrieve(self, request: Request, pk: str) -> Response:
        asked = self.asked()
        return Response(self.shown(self.kpi(pk), asked))

    @extend_schema(
        summary="The rows behind an indicator",
        parameters=[
            *PERIOD, ID, OpenApiParameter("part", int, description="Which of its figures; default 0."),
            OpenApiParameter("after", str, description="As the link to the next page has it."),
        ],
        responses=KpiRowShape(many=True),
        tags=["kpis"],
    )  # fmt: skip
    @action(detail=True)
    def records(self, request: Request, pk: str) -> Response:
        asked, kpi = self.asked(), self.kpi(pk)
        place = self.whole("part", 0)
        if not kpi.parts:
            return Response({"next": None, "previous": None, "results": []})
        if place >= len(kpi.parts):
            raise refuse("part", _("It has %(n)s figures, counted from 0.") % {"n": len(kpi.parts)})
        part, after = kpi.parts[place], self.request.query_params.get("after", "")
        here, following = engine.page(part, asked, after=after, size=ROWS)
        lines = shown.lines(here, part)
        more = self.link(kpi, asked, place, after=following) if following else None
        results = [
            {"record": line.words, "url": request.build_absolute_uri(line.url), "at": line.at}
            for line in lines
        ]
        return Response({"next": more, "previous": None, "results": results})

    def kpi(self, pk: str) -> Kpi:
        found = next((kpi for kpi in closing.readable(self.actor) if kpi.id == pk.upper()), None)
        if found is None:
            raise Http404(_("There is no such indicator."))
        return found

    def whole(self, name: str, default: int) -> int:
        value = self.request.query_params.get(name, "")
        if value and not (value.isascii() and value.isdigit() and len(value) < 18):
            raise refuse(name, _("“%(field)s” must be a number.") % {"field": name})
        return int(value) if value else default

    def asked(self) -> Asked:
        """What is asked. Raises Problem for what cannot be read."""
        require(self.actor, "confirm_kpi")
        zone = zoneinfo.ZoneInfo(timezone.get_current_timezone_name())
        today = timezone.localdate(self.now)
        first = self.day("from", today.replace(day=1))
        after = self.day("to", max(today, first) + timedelta(days=1))
        if not first < after <= first + LONGEST:
            raise refuse("to", _("“to” must lie after “from”, by at most 366 days."))
        customer = None
        if words := self.request.query_params.get("customer", ""):
            row = find(accounts.queries.organisations(self.actor), words, "code")
            if row is None:
                raise refuse("customer", _("There is no such customer."))
            customer = row.pk
        return Asked(self.actor, Period(first, after - timedelta(days=1), zone), self.now, customer=customer)

    def day(self, name: str, default: date) -> date:
        words = self.request.query_params.get(name, "")
        try:
            found = date.fromisoformat(words) if words else default
        except ValueError:
            found = date.min
        if not 1990 <= found.year <= 9000:
            raise refuse(name, _("“%(field)s” must be a date such as 2016-03-01.") % {"field": name})
        return found

    def link(self, kpi: Kpi, asked: Asked, place: int, **more: Any) -> str:
        words = {
            "from": asked.period.first, "to": asked.period.last + timedelta(days=1), "part": place or "",
            "customer": asked.customer or "", **more,
        }  # fmt: skip
        query = urlencode({name: value for name, value in words.items() if value != ""})
        return f"{reverse('api:kpis-records', args=[kpi.id], request=self.request)}?{query}"

    def shown(self, kpi: Kpi, asked: Asked) -> dict[str, Any]:
        entry = kpi.entry
        parts = []
        for place, part in enumerate(kpi.parts):
            value = engine.compute(part, asked)
            parts.append(
                {"name": str(part.name), "unit": part.unit.value, **_figures(value),
                 "records": self.link(kpi, asked, place)}
            )  # fmt: skip
        first = {name: value for name, value in parts[0].items() if name != "name"} if parts else None
        nothing = {"unit": None, **_figures(NOTHING), "records": None}
        return {
            "id": kpi.id, "process": entry.process.label, "role": entry.role.label, "name": entry.name.label,
            "checker": entry.checker.label, "every": entry.every.value, "is_deduction": entry.is_deduction,
            "waits_for": str(kpi.waits_for), **(first or nothing), "parts": parts,
        }  # fmt: skip


def _figures(value: engine.Value) -> dict[str, Any]:
    return {
        "value": None if value.number is None else float(value.number), "numerator": value.numerator,
        "denominator": value.denominator, "no_data": value.is_no_data, "record_count": value.record_count,
    }  # fmt: skip


router = SimpleRouter()
router.register("kpis", Kpis, basename="kpis")
urlpatterns = router.urls
