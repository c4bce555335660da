"""Agreements over HTTP: their versions, the targets in force at an instant, and the underpinning proof."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import accounts.queries
from accounts.access import Actor, require
from accounts.api import NameFilters
from itsm.rest.fields import Text, find
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import refuse
from itsm.rest.query import QueryInstant, asked
from itsm.rest.serializers import Strict
from itsm.rest.views import ByIdOrCode, ReadOnly
from sla import underpinning, underpinning_views
from sla.api_calendars import BY_NAME, ID_OR_CODE
from sla.api_shapes import (
    AgreementShape,
    TargetsShape,
    VerdictShape,
    VersionDetailShape,
    VersionRowShape,
    in_force,
)
from sla.models import Agreement, AgreementVersion, MeasuredTarget, Target, Underpinning
from sla.queries import agreements, knows_what_is_behind
from sla.terms import Terms
from sla.underpin import Circular, Verdict
from suppliers.models import Supplier

OF_AGREEMENT = OpenApiParameter(
    "agreement", str, OpenApiParameter.PATH, description="An id or a code of an agreement."
)
TARGETS = {
    "at": "2026-03-02T02:00:00Z",
    "version": {"number": 2, "effective_from": "2026-01-01T00:00:00Z", "effective_until": None},
    "targets": [
        {
            "id": 7, "key": "resolution//1", "metric": {"code": "resolution", "label": "Resolution"},
            "service": None, "priority": 1, "promise": {"kind": "business_seconds", "seconds": 14_400},
            "calendar": None, "opens": {"code": "creation", "label": "when the ticket is opened"},
            "goal_percent": "95.00", "escalates": True,
        }
    ],
    "measures": [],
}  # fmt: skip


def suppliers(actor: Actor) -> QuerySet[Supplier]:
    """Suppliers are known to those who may read what we agree with them."""
    return Supplier.objects.all() if knows_what_is_behind(actor) else Supplier.objects.none()


def versions_known_to(actor: Actor, now: datetime) -> QuerySet[AgreementVersion]:
    """The desk side knows versions still to come; customers those whose day has come."""
    rows = AgreementVersion.objects.select_related("calendar")
    return rows if actor.is_desk_side else rows.filter(effective_from__lte=now)


class AgreementFilters(NameFilters):
    kind = Several(choices=Agreement.Kind.choices)
    customer = NamedFilter(rows=accounts.queries.organisations, code="code")
    team = NamedFilter(rows=accounts.queries.teams, code="code")
    supplier = NamedFilter(rows=suppliers, code="code")
    in_force_at = InstantFilter(method="by_force", label=gettext_lazy("A version is in force then."))

    def by_force(self, rows: QuerySet[Agreement], name: str, value: datetime) -> QuerySet[Agreement]:
        open_ended = Q(effective_until=None) | Q(effective_until__gt=value)
        begun = AgreementVersion.objects.filter(
            open_ended, agreement=OuterRef("pk"), effective_from__lte=value
        )
        return rows.filter(Exists(begun), Q(ended_at=None) | Q(ended_at__gt=value))


class TargetsQuery(Strict):
    at = QueryInstant(required=False, help_text="Default: now.")


class ProofQuery(Strict):
    edition = Text(required=False, max_length=20, help_text="The number of a draft to prove instead.")


def proof_of(terms: Terms, verdicts: list[Verdict]) -> Any:
    """What the proof says, the worst first."""
    return VerdictShape(underpinning_views.rows_of(terms, verdicts), many=True).data


def circular(refused: Circular) -> Exception:
    return refuse(None, underpinning_views.circle_words(refused), refused.code)


@extend_schema_view(
    list=extend_schema(summary="Agreements with their versions and targets", tags=["sla"]),
    retrieve=extend_schema(summary="One agreement", tags=["sla"], parameters=[ID_OR_CODE]),
)
class Agreements(ByIdOrCode):
    """The default commitment and those of the customers you may know of; OLAs and UCs for who covers all."""

    queryset = Agreement.objects.none()
    serializer_class = AgreementShape
    filterset_class = AgreementFilters
    orderings = BY_NAME
    ordering = "name"

    def get_queryset(self) -> QuerySet[Agreement]:
        targets = Target.objects.select_related("service", "calendar").order_by("metric", "priority", "pk")
        versions = versions_known_to(self.actor, self.now).order_by("-number")
        return (
            agreements(self.actor)
            .select_related("customer", "team", "supplier", "parent")
            .prefetch_related(Prefetch("versions", versions), Prefetch("versions__targets", targets))
        )

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "now": self.now}

    @extend_schema(
        summary="What is promised at an instant",
        description="Targets and measures of the version in force then; empty without one.",
        parameters=[ID_OR_CODE, TargetsQuery],
        responses=TargetsShape,
        examples=[OpenApiExample("In force on a Monday", value=TARGETS, response_only=True)],
        tags=["sla"],
        filters=False,
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def targets(self, request: Request, pk: str) -> Response:
        agreement = self.get_object()
        at = asked(request, TargetsQuery).get("at", self.now)
        version = in_force(agreement, at)
        measures = MeasuredTarget.objects.filter(version=version).select_related("service").order_by("pk")
        found = {
            "at": at,
            "version": version,
            "targets": version.targets.all() if version else [],
            "measures": measures if version else [],
        }
        return Response(TargetsShape(found, context=self.get_serializer_context()).data)

    @extend_schema(
        summary="Is each target carried by OLAs and UCs that are no looser?",
        parameters=[ID_OR_CODE, ProofQuery],
        responses=VerdictShape(many=True),
        tags=["sla"],
        filters=False,
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def underpinning(self, request: Request, pk: str) -> Response:
        require(self.actor, "dashboard")
        agreement = self.get_object()
        number = asked(request, ProofQuery).get("edition")
        try:
            return Response(
                self.draft_proof(agreement, number) if number is not None else self.proof(agreement)
            )
        except Circular as refused:
            raise circular(refused) from refused

    def proof(self, agreement: Agreement) -> Any:
        version = underpinning_views.version_of(agreement, self.now)
        found = underpinning_views.rows(version, self.now) if version else []
        return VerdictShape(found, many=True).data

    def draft_proof(self, agreement: Agreement, number: str) -> Any:
        """Of an edition, signed or not, from the day it is to be in force."""
        rows: Any = agreement.editions
        edition = rows.visible_to(self.actor).filter(number=number.strip().upper()).first()
        if edition is None:
            raise refuse(
                "edition", _("There is nothing you may name here under that id or code."), "does_not_exist",
                _("Choose one of /api/v1/%(list)s/, by id or %(code)s.")
                % {"list": "editions", "code": "number"},
            )  # fmt: skip
        terms = Terms.parse(edition.terms)
        verdicts = underpinning.prove(
            terms, at=edition.effective_from, agreement=agreement.code, until=edition.effective_until,
            is_bounded=True,
        )  # fmt: skip
        return proof_of(terms, verdicts)


@extend_schema_view(
    list=extend_schema(
        summary="The versions of an agreement, the newest first", tags=["sla"], parameters=[OF_AGREEMENT]
    ),
    retrieve=extend_schema(
        summary="One version with the whole of its terms",
        responses=VersionDetailShape,
        tags=["sla"],
        parameters=[OF_AGREEMENT],
    ),
)
class Versions(ReadOnly):
    """Immutable: what was signed. Tickets stay pinned to the version in force when they were opened."""

    queryset = AgreementVersion.objects.none()
    serializer_class = VersionRowShape
    orderings = {"number": SortKey("number")}
    ordering = "-number"
    lookup_field = "number"
    lookup_url_kwarg = "version"
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> QuerySet[AgreementVersion]:
        agreement = self.agreement()
        return versions_known_to(self.actor, self.now).filter(agreement=agreement).select_related("agreement")

    def agreement(self) -> Agreement:
        found = find(agreements(self.actor), self.kwargs["agreement"], "code")
        if not isinstance(found, Agreement):
            raise Http404
        return found

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        version: AgreementVersion = self.get_object()
        whole = knows_what_is_behind(self.actor)
        behind = Underpinning.objects.filter(version=version).select_related("agreement").order_by("pk")
        context = {
            **self.get_serializer_context(),
            "whole": whole,
            "targets": version.targets.select_related("service", "calendar").order_by("pk"),
            "measures": version.measures.select_related("service").order_by("pk"),
            "underpinnings": behind if whole else (),
        }
        return Response(VersionDetailShape(version, context=context).data)
