"""Editions of agreements over HTTP: /api/v1/editions/, from a draft to its end."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as framework
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

import accounts.queries
import sla.queries
from accounts.access import may, require
from agreements import api_impact, checks, follow_up, layering, services
from agreements.api_below import NUMBER, Activities, FollowUps
from agreements.api_moves import ACTS, Moves, available, check_version
from agreements.api_replays import Flips, Replays
from agreements.api_shapes import (
    EditionDetailShape,
    EditionForm,
    EditionPatch,
    EditionShape,
    ValidatedShape,
    ValidateForm,
)
from agreements.models import Countersignature, Edition, State, UnderpinningException
from itsm.rest import schema, versions
from itsm.rest.filters import InstantFilter, NamedFilter, Several
from itsm.rest.pagination import SortKey
from itsm.rest.problems import FieldError, refuse
from itsm.rest.views import Base, created
from records import api as below
from records.lifecycle import IllegalMove
from records.services import Stale
from sla import editions, layers
from sla.api_terms import EXAMPLE
from sla.models import Agreement
from sla.queries import knows_what_is_behind
from sla.reading import join
from sla.terms import Terms, TermsError
from sla.terms_rows import terms_of

NEW = {"agreement": "acme-sla", "effective_from": "2026-04-01T00:00:00+08:00", "change_reason": "Faster mail",
       "terms": EXAMPLE}  # fmt: skip


def parsed(given: object) -> Terms:
    """Terms as a value; a problem that names the field inside them."""
    try:
        return Terms.parse(given)
    except TermsError as refused:
        raise refuse(join("terms", refused.field), refused.detail, refused.code) from refused


class EditionFilters(framework.FilterSet):  # type: ignore[misc]
    state = Several(choices=State.choices)
    agreement = NamedFilter(rows=sla.queries.agreements, code="code")
    kind = Several(field_name="agreement__kind", choices=Agreement.Kind.choices)
    customer = NamedFilter(field_name="agreement__customer", rows=accounts.queries.organisations, code="code")
    author = NamedFilter(
        field_name="requester", rows=accounts.queries.everybody, code="username", people=True
    )
    updated_after = InstantFilter(field_name="updated_at", lookup_expr="gte")
    updated_before = InstantFilter(field_name="updated_at", lookup_expr="lt")


@extend_schema_view(list=extend_schema(summary="Editions of agreements", tags=["agreements"]))
class Editions(mixins.ListModelMixin, Moves):
    """For the desk's side only: customers read the versions of their agreement."""

    queryset = Edition.objects.none()
    serializer_class = EditionShape
    filterset_class = EditionFilters
    orderings = {"opened_at": SortKey("opened_at"), "updated_at": SortKey("updated_at")}
    ordering = "-opened_at"
    lookup_url_kwarg = "number"
    lookup_field = "number"
    lookup_value_regex = NUMBER
    problems_of = {
        "partial_update": ("illegal-move",),
        **dict.fromkeys(("return_" if act == "return" else act for act in ACTS), ("illegal-move", "stale")),
    }

    def get_queryset(self) -> QuerySet[Edition]:
        rows: QuerySet[Edition] = Edition.objects.visible_to(self.actor)
        if not self.actor.is_desk_side:
            return rows.none()
        return rows.select_related("agreement", "requester", "signed_version")

    def edition(self) -> Edition:
        number = self.kwargs["number"].upper()
        exceptions = UnderpinningException.objects.select_related("decided_by").order_by("pk")
        reviews = Countersignature.objects.select_related("reviewer").order_by("pk")
        found = (
            self.get_queryset()
            .select_related("legality_by")
            .prefetch_related(
                Prefetch("exceptions", exceptions), Prefetch("countersignatures", reviews),
                "signatures__recorded_by",
            )
            .filter(number=number)
            .first()
        )  # fmt: skip
        if found is None:
            raise Http404(_("There is no edition %(number)s.") % {"number": number})
        return found

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Stale):
            exc = below.stale(exc, self)
        return super().handle_exception(exc)

    # --- reading -----------------------------------------------------------------------------

    @extend_schema(summary="One edition", responses=EditionDetailShape, tags=["agreements"])
    def retrieve(self, request: Request, number: str) -> Response:
        return self.answer(number)

    def answer(self, number: str) -> Response:
        edition = self.edition()
        return Response(self.shown(edition), headers={"ETag": versions.etag(edition.version)})

    def shown(self, edition: Edition) -> Any:
        is_customers = edition.agreement.kind == Agreement.Kind.SLA
        context = {
            **self.get_serializer_context(),
            "moves": available(edition, self.actor),
            "missing": checks.gaps(layering.of(edition).terms, is_customers=is_customers),
            "open_follow_ups": follow_up.open_items(edition.agreement).count(),
            # who may change the terms must see all of them, or would lose what is hidden
            "whole": knows_what_is_behind(self.actor) or may(self.actor, "revise", edition),
        }
        return EditionDetailShape(edition, context=context).data

    # --- writing -----------------------------------------------------------------------------

    @extend_schema(
        summary="Begin the next edition of an agreement",
        request=EditionForm,
        responses={201: EditionDetailShape},
        examples=[
            OpenApiExample("With terms of its own", value=NEW, request_only=True),
            OpenApiExample(
                "From a package", request_only=True,
                value={"agreement": 3, "package": "desk-rule", "effective_from": "2026-04-01T00:00:00Z"},
            ),
        ],
        tags=["agreements"],
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        require(self.actor, "draft_agreement")
        form = EditionForm(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        agreement = asked.pop("agreement")
        terms = self.beginning(agreement, asked)
        made = services.draft(agreement, terms=terms.dump(), actor=self.actor, now=self.now, **asked)
        self.kwargs["number"] = made.number
        data = self.shown(self.edition())
        url = reverse("api:editions-detail", [made.number], request=request)
        return created(data, url, ETag=versions.etag(data["version"]))

    @staticmethod
    def beginning(agreement: Agreement, asked: dict[str, Any]) -> Terms:
        """The terms a draft starts from; taken out of what was asked."""
        package = asked.pop("package", None)
        if "terms" in asked:
            if package:
                raise refuse("package", _("Give terms or a package, not both."))
            return parsed(asked.pop("terms"))
        if package:
            return parsed(package.terms)
        last = agreement.versions.select_related("calendar").order_by("-number").first()
        if last is None:
            message = _("This agreement has no version yet; choose a package to start from.")
            raise refuse("package", message, "required", _("Or send the terms."))
        return layers.own(terms_of(last))

    @extend_schema(
        summary="Change a draft",
        request=EditionPatch,
        responses=EditionDetailShape,
        parameters=[schema.IF_MATCH_REQUIRED],
        examples=[OpenApiExample("Other dates", value={"effective_until": None}, request_only=True)],
        tags=["agreements"],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        edition = self.edition()
        require(self.actor, "revise", edition)
        expected = versions.expected(request, edition.version, required=True)
        check_version(edition, expected)
        form = EditionPatch(data=request.data, partial=True, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        changes = dict(form.validated_data)
        if "terms" in changes:
            changes["terms"] = parsed(changes["terms"]).dump()
        try:
            services.revise(edition, changes, actor=self.actor, now=self.now, expected_version=expected)
        except IllegalMove as error:
            raise IllegalMove("revise", error.state, available(edition, self.actor)) from error
        return self.answer(number)


class Validate(Base):
    """Terms checked without anything being saved."""

    # it changes nothing, so a token that may only read may ask
    post_is_safe = True

    @extend_schema(
        operation_id="editions_validate",
        summary="Check terms without saving them",
        request=ValidateForm,
        responses=ValidatedShape,
        examples=[OpenApiExample("Terms of an SLA", value={"terms": EXAMPLE}, request_only=True)],
        tags=["agreements"],
    )
    def post(self, request: Request) -> Response:
        require(self.actor, "simulate")
        form = ValidateForm(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        terms = parsed(form.validated_data["terms"])
        missing = checks.gaps(terms, is_customers=form.validated_data["kind"] == Agreement.Kind.SLA)
        unknown = self.unknown(terms)
        found = {
            "terms": terms.dump(),
            "complete": not missing and not unknown,
            "missing": missing,
            "unknown": unknown,
        }
        return Response(ValidatedShape(found).data)

    def unknown(self, terms: Terms) -> list[dict[str, Any]]:
        """The first code nobody knows, as a problem would name it."""
        try:
            editions.check_codes(terms)
        except ValidationError as refused:
            return [
                FieldError(join("terms", field), "does_not_exist", " ".join(words)).data
                for field, words in refused.message_dict.items()
            ]
        return []


router = SimpleRouter()
router.register("editions", Editions, basename="editions")
router.register(f"editions/(?P<number>{NUMBER})/follow-ups", FollowUps, basename="edition-follow-ups")
router.register(f"editions/(?P<number>{NUMBER})/activities", Activities, basename="agreement-activities")
router.register(f"editions/(?P<number>{NUMBER})/replay", Replays, basename="edition-replays")
router.register(
    f"editions/(?P<number>{NUMBER})/replay/(?P<replay>[0-9]{{1,18}})/flips", Flips, basename="replay-flips"
)
urlpatterns = [
    path("editions/validate/", Validate.as_view(), name="editions-validate"),
    *api_impact.urlpatterns,
    *router.urls,
]
