"""Incidents over HTTP: /api/v1/incidents/."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from accounts.access import Role, require
from accounts.models import User
from incidents import services
from incidents.api_moves import ACTS, Moves, available
from incidents.api_shapes import IncidentDetailShape, IncidentForm, IncidentPatch, IncidentShape
from incidents.lifecycle import LIFECYCLE
from incidents.models import ContactType, EventKind, Incident, State
from itsm.rest import schema, versions
from itsm.rest.filters import Several
from itsm.rest.problems import Problem, refuse
from itsm.rest.views import created
from records import api as below
from records.api_clocks import attach_states
from records.api_filters import ORDERINGS, RecordFilters
from records.kinds import Kind
from records.models import Channel, Link, Record
from records.services import Stale
from sla.models import Clock

WITH = (
    "customer", "requester", "reporter", "service", "item", "team", "assignee", "owner", "resolved_by",
    "confirmed_by", "supplier", "parent", "repeat_of", "bypassed_by",
)  # fmt: skip
NEW = {
    "title": "Cannot send mail", "description": "Since this morning nothing leaves the outbox.",
    "requester": "rita", "service": "mail", "impact": 2, "urgency": 1,
    "occurred_at": "2026-03-02T09:30:00+08:00",
}  # fmt: skip


class IncidentFilters(RecordFilters):
    state = Several(choices=State.choices)
    contact_type = Several(choices=ContactType.choices)
    event_kind = Several(choices=EventKind.choices)
    site = framework.CharFilter(lookup_expr="icontains", max_length=200)
    category = framework.CharFilter(lookup_expr="icontains", max_length=100)
    external_reference = framework.CharFilter(max_length=100)
    source = framework.CharFilter(max_length=40)


@extend_schema_view(list=extend_schema(summary="List and search incidents"))
class Incidents(mixins.ListModelMixin, Moves):
    """What is invisible to you does not exist here."""

    queryset = Incident.objects.none()
    serializer_class = IncidentShape
    filterset_class = IncidentFilters
    orderings = ORDERINGS
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_value_regex = "[A-Za-z]{1,6}[0-9]{1,15}"
    problems_of = {
        "create": ("duplicate",),
        **dict.fromkeys((*LIFECYCLE.moves, *ACTS), ("illegal-move", "stale")),
    }

    def get_queryset(self) -> QuerySet[Incident]:
        rows: QuerySet[Incident] = Incident.objects.visible_to(self.actor)
        return rows.select_related(*WITH)

    def incident(self) -> Incident:
        number = self.kwargs["number"].upper()
        found = self.get_queryset().filter(number=number).first()
        if found is None:
            raise Http404(_("There is no incident %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    # --- reading -----------------------------------------------------------------------------

    @extend_schema(summary="One incident", responses=IncidentDetailShape)
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer(number)

    def answer(self, number: str) -> Response:
        """The incident as it is now, with its ETag."""
        incident = self.incident()
        return Response(self.shown(incident), headers={"ETag": versions.etag(incident.version)})

    def shown(self, incident: Incident) -> Any:
        clocks = list(Clock.objects.filter(record=incident.pk).order_by("pk"))
        context = {
            **self.get_serializer_context(),
            "number": incident.number,
            "kind": Kind.INCIDENT.value,
            "moves": available(incident, self.actor),
            "clocks": attach_states(clocks, self.now),
            "links": self.links_of(incident),
        }
        return IncidentDetailShape(incident, context=context).data

    def links_of(self, incident: Incident) -> list[dict[str, Any]]:
        """Links to records the reader may see."""
        rows = Link.objects.filter(Q(source=incident.pk) | Q(target=incident.pk)).order_by("pk")
        ends = {pk for link in rows for pk in (link.source_id, link.target_id)} - {incident.pk}
        seen = Record.objects.visible_to(self.actor).in_bulk(ends) if ends else {}
        found = []
        for link in rows:
            outward = link.source_id == incident.pk
            other = seen.get(link.target_id if outward else link.source_id)
            if other is not None:
                found.append({"type": link.type, "direction": "outward" if outward else "inward",
                              "number": other.number, "title": other.title, "kind": other.kind})  # fmt: skip
        return found

    # --- writing -----------------------------------------------------------------------------

    @extend_schema(
        summary="Open an incident",
        request=IncidentForm,
        responses={201: IncidentDetailShape},
        examples=[OpenApiExample("From a monitoring or self-service program", value=NEW, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        form = IncidentForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        facts = self.completed(form.validated_data)
        incident = self.opened(facts)
        self.kwargs["number"] = incident.number
        data = self.shown(self.incident())
        url = reverse("api:incidents-detail", [incident.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    def completed(self, given: dict[str, Any]) -> dict[str, Any]:
        """The defaults that depend on who asks."""
        facts = {name: value for name, value in given.items() if value is not None}
        user = self.request.user
        if not isinstance(user, User):
            raise Http404
        if not self.actor.is_desk_side:
            facts.setdefault("requester", user)
            facts.setdefault("reporter", user)
        if "requester" not in facts:
            raise refuse(
                "requester", _("Say who is affected."), "required",
                _("Choose one of /api/v1/users/, by id or username."),
            )  # fmt: skip
        facts.setdefault("customer", facts["requester"].organisation)
        facts.setdefault("channel", self.usual_channel())
        if facts.get("external_reference"):
            facts.setdefault("source", user.username[:40])
        return facts

    def usual_channel(self) -> str:
        if not self.actor.is_desk_side:
            return Channel.PORTAL
        return Channel.MONITORING if self.actor.has(Role.INTEGRATION) else Channel.PHONE

    def opened(self, facts: dict[str, Any]) -> Incident:
        try:
            # a savepoint, so that the refusal can still be looked into
            with transaction.atomic():
                if duplicate := self.duplicate(facts):
                    raise duplicate
                return services.open(actor=self.actor, now=self.now, **facts)
        except IntegrityError as error:
            # two at the same moment: the unique index let one of them in
            raise self.duplicate(facts) or error from error

    def duplicate(self, facts: dict[str, Any]) -> Problem | None:
        """The refusal of a reference that was used before. It names only what the asker may see."""
        same = {name: facts.get(name, "") for name in ("source", "external_reference")}
        if not same["external_reference"] or not Incident.objects.filter(**same).exists():
            return None
        extra = {}
        if known := Incident.objects.visible_to(self.actor).filter(**same).first():
            url = reverse("api:incidents-detail", [known.number], request=self.request)
            extra = {"existing": {"number": known.number, "url": url}}
        words = _("“%(reference)s” of “%(source)s” was reported already.")
        return Problem(
            "duplicate",
            words % {"reference": same["external_reference"], "source": same["source"]},
            extra=extra,
        )

    @extend_schema(
        summary="Change facts",
        request=IncidentPatch,
        responses=IncidentDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("A lower impact", value={"impact": 3}, request_only=True)],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        incident = self.incident()
        require(self.actor, "edit", incident)
        expected = versions.expected(request, incident.version, required=True)
        if expected is not None and expected != incident.version:
            raise Stale(incident, expected)
        form = IncidentPatch(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        services.edit(
            incident, form.validated_data, actor=self.actor, now=self.now, expected_version=expected
        )
        return self.answer(number)


router = SimpleRouter()
router.register("incidents", Incidents, basename="incidents")
below.mount(router, "incidents", Kind.INCIDENT.value)
urlpatterns = router.urls
