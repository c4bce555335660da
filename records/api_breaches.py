"""Missed targets over HTTP, /api/v1/breaches/: whose they are, how late, why, and who answers for them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from accounts.access import Actor
from accounts.models import Team
from itsm.rest.fields import Instant
from itsm.rest.filters import FlagFilter, InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.serializers import Coded, NamedShape, PersonShape, Shape
from itsm.rest.views import ReadOnly
from records.api_clock_list import ClockRecordShape, numbers_in, of_seen_records
from records.api_clocks import VersionShape, attach_states
from sla.api_agreements import suppliers
from sla.models import Agreement, Breach, Clock, Metric

EXAMPLE = {
    "id": 3, "url": "https://itsm.example.org/api/v1/breaches/3/", "clock": 7,
    "record": {
        "number": "INC0000042", "kind": "incident", "title": "Disk full",
        "customer": {"id": 2, "code": "acme", "name": "Acme"},
    },
    "metric": {"code": "resolution", "label": "Resolution"},
    "agreement": {"code": "acme-sla", "name": "Acme SLA", "version": 2},
    "missed_at": "2026-03-02T08:00:00Z", "overdue": 5400, "waived": False,
    "team": {"id": 4, "code": "network", "name": "Network team"},
    "tier": {"code": "second", "label": "Second line"},
    "assignee": None, "explained": True,
    "cause": {"code": "supplier", "label": "Waiting for a supplier"}, "note": "The line was down for a day.",
    "accountable": {"id": 9, "code": "uc-line", "name": "Line contract"},
    "supplier": {"id": 1, "code": "huaxun", "name": "Huaxun Networks"}, "no_action": "",
    "explained_by": {"id": 5, "username": "alice", "name": "Alice"}, "explained_at": "2026-03-03T02:00:00Z",
}  # fmt: skip


def visible(actor: Actor, rows: QuerySet[Any], clock: str = "") -> QuerySet[Any]:
    """Clocks, or rows about clocks (``clock`` leads to theirs), of records the desk's actor may see.

    Those of OLAs and UCs are for who may know of these. Customers are told by their service reports.
    """
    lead = f"{clock}__" if clock else ""
    if not actor.is_desk_side:
        return rows.none()
    if not sla.queries.knows_what_is_behind(actor):
        rows = rows.filter(**{f"{lead}support": None})
    return of_seen_records(actor, rows, clock)


class OfClocks(framework.FilterSet):  # type: ignore[misc]
    """Filters of what is about clocks; ``clock`` leads to it from the rows."""

    record = framework.CharFilter(method="by_record", max_length=1000, label=_("Numbers of records."))
    metric = Several(field_name="clock__metric", choices=Metric.choices)
    agreement = NamedFilter(
        field_name="clock__agreement_version__agreement", rows=sla.queries.agreements, code="code"
    )
    agreement_kind = Several(
        field_name="clock__agreement_version__agreement__kind", choices=Agreement.Kind.choices
    )
    customer = NamedFilter(
        field_name="clock__record__customer", rows=accounts.queries.organisations, code="code"
    )

    def by_record(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(clock__record__number__in=numbers_in(value))


class BreachFilters(OfClocks):
    """Several values of one filter are alternatives; several filters must all fit."""

    missed_after = InstantFilter(field_name="at", lookup_expr="gte")
    missed_before = InstantFilter(field_name="at", lookup_expr="lt")
    accountable = NamedFilter(field_name="agreement", rows=sla.queries.agreements, code="code")
    supplier = NamedFilter(field_name="agreement__supplier", rows=suppliers, code="code")
    team = NamedFilter(rows=accounts.queries.teams, code="code")
    cause = Several(field_name="reason", choices=Breach.Reason.choices)
    explained = FlagFilter(method="by_explained", label=_("Its cause was recorded."))

    def by_explained(self, rows: QuerySet[Breach], name: str, value: bool) -> QuerySet[Breach]:
        return rows.exclude(reason="") if value else rows.filter(reason="")


class BreachShape(Shape):
    """A missed target. Who answers for it is told to those who may know of OLAs and UCs."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    clock = serializers.IntegerField(source="clock_id", help_text="Its clock, at /api/v1/clocks/.")
    record = ClockRecordShape(source="clock.record")
    metric = Coded(Metric.choices, source="clock.metric")
    agreement = serializers.SerializerMethodField()
    missed_at = Instant(source="at")
    overdue = serializers.SerializerMethodField(help_text="Working seconds by which it is or was late.")
    waived = serializers.SerializerMethodField(help_text="By an approved exclusion it does not count.")
    team = NamedShape(allow_null=True, help_text="Who had the record then.")
    tier = Coded(Team.Tier.choices)
    assignee = PersonShape(allow_null=True)
    explained = serializers.SerializerMethodField()
    cause = Coded(Breach.Reason.choices, source="reason")
    note = serializers.CharField()
    accountable = serializers.SerializerMethodField(
        help_text="The OLA or UC that was broken and made it fail."
    )
    supplier = serializers.SerializerMethodField()
    no_action = serializers.CharField(help_text="Why nothing needs to be corrected.")
    explained_by = PersonShape(allow_null=True)
    explained_at = Instant(allow_null=True)

    def get_url(self, breach: Breach) -> str:
        return reverse("api:breaches-detail", [breach.pk], request=self.context["request"])

    @extend_schema_field(VersionShape())
    def get_agreement(self, breach: Breach) -> dict[str, Any]:
        return version_of(breach.clock)

    def get_overdue(self, breach: Breach) -> int:
        clock: Any = breach.clock
        late: int = clock.replayed.at(max(clock.read_at, clock.started_at)).overdue
        return late

    def get_waived(self, breach: Breach) -> bool:
        return breach.clock.waived_at is not None

    def get_explained(self, breach: Breach) -> bool:
        return bool(breach.reason)

    @extend_schema_field(NamedShape(allow_null=True))
    def get_accountable(self, breach: Breach) -> Any:
        behind = self._behind(breach)
        return NamedShape(behind).data if behind else None

    @extend_schema_field(NamedShape(allow_null=True))
    def get_supplier(self, breach: Breach) -> Any:
        behind = self._behind(breach)
        return NamedShape(behind.supplier).data if behind and behind.supplier else None

    def _behind(self, breach: Breach) -> Agreement | None:
        return breach.agreement if sla.queries.knows_what_is_behind(self.asker) else None


def version_of(clock: Clock) -> dict[str, Any]:
    """The version a clock is measured by."""
    version = clock.agreement_version
    return {"code": version.agreement.code, "name": version.agreement.name, "version": version.number}


@extend_schema_view(
    list=extend_schema(summary="Missed targets of all records you may see", tags=["clocks"]),
    retrieve=extend_schema(
        summary="One missed target",
        examples=[OpenApiExample("Caused by a supplier", value=EXAMPLE, response_only=True)],
        tags=["clocks"],
    ),
)
class Breaches(ReadOnly):
    """For the desk side. Explained at `/api/v1/incidents/INC…/explain-breach/`."""

    queryset = Breach.objects.none()
    serializer_class = BreachShape
    filterset_class = BreachFilters
    orderings = {"missed_at": SortKey("at"), "id": SortKey("id")}
    ordering = "-missed_at"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Breach]:
        rows = Breach.objects.select_related(
            "clock__record__customer", "clock__agreement_version__agreement", "agreement__supplier", "team",
            "assignee", "explained_by",
        )  # fmt: skip
        return visible(self.actor, rows, "clock")

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        if rows:
            attach_states(_clocks(rows), self.now)
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        breach = self.get_object()
        attach_states(_clocks([breach]), self.now)
        return Response(self.get_serializer(breach).data)


def _clocks(breaches: list[Breach]) -> list[Clock]:
    return [breach.clock for breach in breaches]


router = SimpleRouter()
router.register("breaches", Breaches, basename="breaches")
urlpatterns = router.urls
