"""Clocks of all records one may see, /api/v1/clocks/: to watch what falls due, and to explain each."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from accounts.access import Actor
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import NamedShape, Shape
from itsm.rest.views import ReadOnly
from records.api_clocks import STATES, ClockShape, ExplainedShape, attach_states
from records.models import Record
from sla.models import Agreement, Clock, Metric

MOST_NUMBERS = 50
BEHIND = frozenset({Agreement.Kind.OLA.value, Agreement.Kind.UC.value})
# what a clock of a record that exists can say of itself
WORDS = {code: words for code, words in STATES.items() if code != "not_started"}
EXAMPLE = {
    "id": 7, "url": "https://itsm.example.org/api/v1/clocks/7/",
    "record": {
        "number": "INC0000042", "kind": "incident", "title": "Disk full",
        "customer": {"id": 2, "code": "acme", "name": "Acme"},
    },
    "metric": {"code": "resolution", "label": "Resolution"}, "state": "running", "state_label": "running",
    "phase": "running", "breached": False, "breached_at": None, "elapsed": 3600, "target": 14_400,
    "remaining": 10_800, "overdue": 0, "due": "2026-03-02T08:00:00Z", "first_due": "2026-03-02T07:00:00Z",
    "fired": [], "cycle": 1, "started_at": "2026-03-02T02:00:00Z", "stopped_at": None, "waived": False,
    "agreement": {"code": "acme-sla", "name": "Acme SLA", "version": 2},
    "calendar": {"code": "office-8x5", "name": "Office hours", "version": 1},
    "promise": {"kind": "business_seconds", "seconds": 14_400},
    "segments": [
        {"from": "2026-03-02T02:00:00Z", "to": "2026-03-02T03:00:00Z", "counted": True, "reason": "open",
         "detail": "mon 09:00-12:00"},
        {"from": "2026-03-02T03:00:00Z", "to": "2026-03-02T04:00:00Z", "counted": False, "reason": "paused",
         "detail": "customer"},
    ],
    "events": [
        {"at": "2026-03-02T03:00:00Z", "type": "pause", "reason": "customer",
         "by": {"id": 5, "username": "alice", "name": "Alice"}, "data": {}},
    ],
    "alarms": [],
}  # fmt: skip


def late(now: datetime) -> Q:
    """Missed: found so by the sweep, or about to be."""
    return Q(breached_at__isnull=False) | Q(state=Clock.State.RUNNING, due_at__lt=now)


def saying(state: str, now: datetime) -> Q:
    """The clocks that answer with this state."""
    if state == "breached":
        return late(now)
    column = Clock.State.STOPPED if state == "met" else state
    # said twice, because the indexes of open clocks ask for it
    is_open = column in (Clock.State.RUNNING, Clock.State.PAUSED)
    return Q(state=column, stopped_at__isnull=is_open) & ~late(now)


def of_seen_records(actor: Actor, rows: QuerySet[Any], clock: str = "") -> QuerySet[Any]:
    """Clocks, or rows about clocks (``clock`` leads to theirs), of records the actor may see."""
    if actor.is_desk_side and actor.scope is None:
        return rows  # every record is visible: no need to look each one up
    lead = f"{clock}__" if clock else ""
    return rows.filter(**{f"{lead}record__in": Record.objects.visible_to(actor).values("pk")})


def numbers_in(value: str) -> list[str]:
    """The numbers of records a filter names, separated by commas."""
    return [part.strip().upper() for part in value.split(",")][:MOST_NUMBERS]


class ClockFilters(framework.FilterSet):  # type: ignore[misc]
    """Several values of one filter are alternatives; several filters must all fit."""

    record = framework.CharFilter(method="by_record", max_length=1000, label=_("Numbers of records."))
    metric = Several(choices=Metric.choices)
    state = Several(method="by_state", choices=list(WORDS.items()))
    open = FlagFilter(method="by_open", label=_("Not stopped yet."))
    breached = FlagFilter(method="by_breached", label=_("The target was missed."))
    agreement = NamedFilter(
        field_name="agreement_version__agreement", rows=sla.queries.agreements, code="code"
    )
    agreement_kind = Several(field_name="agreement_version__agreement__kind", choices=Agreement.Kind.choices)
    customer = NamedFilter(field_name="record__customer", rows=accounts.queries.organisations, code="code")
    due_after = InstantFilter(field_name="due_at", lookup_expr="gte")
    due_before = InstantFilter(field_name="due_at", lookup_expr="lt")

    def by_record(self, rows: QuerySet[Clock], name: str, value: str) -> QuerySet[Clock]:
        return rows.filter(record__number__in=numbers_in(value))

    def by_state(self, rows: QuerySet[Clock], name: str, value: list[str]) -> QuerySet[Clock]:
        now, wanted = timezone.now(), Q()
        for state in value:
            wanted |= saying(state, now)
        return rows.filter(wanted)

    def by_open(self, rows: QuerySet[Clock], name: str, value: bool) -> QuerySet[Clock]:
        return rows.filter(stopped_at__isnull=value)

    def by_breached(self, rows: QuerySet[Clock], name: str, value: bool) -> QuerySet[Clock]:
        missed = late(timezone.now())
        return rows.filter(missed) if value else rows.exclude(missed)


class ClockRecordShape(Shape):
    number = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    customer = NamedShape()


class OfRecord(Shape):
    """A clock that says which record it runs on, under an address of its own."""

    record = ClockRecordShape()

    def get_url(self, clock: Clock) -> str:
        return reverse("api:clocks-detail", [clock.pk], request=self.context["request"])

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(instance)
        return {**found, "record": ClockRecordShape(instance.record, context=self.context).data}


class ListedClockShape(OfRecord, ClockShape):
    """A row of a list."""


class ExplainedClockShape(OfRecord, ExplainedShape):
    """With every stretch of time and the reason it counted or not."""


@extend_schema_view(
    list=extend_schema(
        summary="Clocks of all records you may see",
        description="Those of SLAs; with `agreement_kind=ola,uc` what teams and suppliers promised us. "
        "`ordering=due` lists those that have a due time; it is fast together with `open=true`.",
        tags=["clocks"],
    ),
    retrieve=extend_schema(
        summary="One clock, explained stretch by stretch",
        responses=ExplainedClockShape,
        examples=[OpenApiExample("A clock that was paused", value=EXAMPLE, response_only=True)],
        tags=["clocks"],
    ),
)
class AllClocks(ReadOnly):
    """Those of OLAs and UCs are for who may know of these."""

    queryset = Clock.objects.none()
    serializer_class = ListedClockShape
    filterset_class = ClockFilters
    orderings = {"id": SortKey("id"), "due": SortKey("due_at")}
    ordering = "-id"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Clock]:
        knows = sla.queries.knows_what_is_behind(self.actor)
        every = Clock.every.all() if knows and self._looks_behind() else Clock.objects.all()
        rows = every.select_related(
            "record__customer", "agreement_version__agreement", "calendar_version__calendar"
        )
        if not knows:
            rows = rows.filter(agreement_version__agreement__kind=Agreement.Kind.SLA)
        return of_seen_records(self.actor, rows)

    def _looks_behind(self) -> bool:
        """Clocks of OLAs and UCs are listed when asked for: a list says what was promised to customers."""
        asked = self.request.query_params.get("agreement_kind", "").split(",")
        return self.action == "retrieve" or not BEHIND.isdisjoint(asked)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().filter_queryset(queryset)
        wanted = self.request.query_params.get("ordering", "").removeprefix("-")
        # an index holds the due times of open clocks, and no due time has a place in no order
        return rows.filter(due_at__isnull=False) if wanted == "due" else rows

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        return None if rows is None else attach_states(rows, self.now)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        clock = self.get_object()
        attach_states([clock], self.now)
        return Response(ExplainedClockShape(clock, context=self.get_serializer_context()).data)


router = SimpleRouter()
router.register("clocks", AllClocks, basename="clocks")
urlpatterns = router.urls
