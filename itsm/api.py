"""The REST interface under /api/v1/: one include per app, its document, and problems for all other paths."""

from typing import Any

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from itsm.rest.problems import TYPES, Problem
from itsm.rest.views import Base, fallback

RESOURCES = (
    "bulk-edits", "announcements", "major-incidents", "incidents", "requests", "offerings", "approvals",
    "tasks", "access-rights", "attainment",
    "articles", "services", "items", "item-types", "relations", "users", "teams", "organisations",
    "calendars", "packages", "agreements", "editions", "clocks",
    "outages", "planned-interruptions", "measured-values", "levels", "credits", "requirements",
    "views", "alerts", "webhooks", "windows", "cab-meetings",
    "changes", "change-models", "unauthorised-changes",
    "automation-rules", "macros", "reply-templates", "schedules", "schedule-runs",
    "problems", "known-errors",
    "breaches", "exclusions", "reviews", "service-reports", "self-assessments",
    "relationship-reports", "suppliers", "contracts", "supplier-reviews", "procurements", "kpis",
    "report-definitions", "reports",
    "measurements", "early-warnings", "questions",
    "calls", "shifts", "handovers", "appointments", "service-forms", "complaints", "surveys",
    "assets", "asset-applications", "asset-checks", "maintenance-plans", "licences", "software-findings",
    "service-sites",
    "survey-invitations", "callbacks", "item-imports", "baselines", "item-audits",
    "releases", "transitions", "exports",
)  # fmt: skip


class Index(Base):
    """What there is."""

    @extend_schema(summary="The resources", responses=OpenApiTypes.OBJECT, tags=["index"])
    def get(self, request: Request) -> Response:
        found = {name: reverse(f"api:{name}-list", request=request) for name in RESOURCES}
        for name, route in (("simulate", "simulate"), ("schema", "schema"), ("docs", "docs")):
            found[name] = reverse(f"api:{route}", request=request)
        return Response(found)


class Public(Base):
    """Open to all: there is nothing of anybody in it."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []


class Errors(Public):
    """The kinds of error, each with what to do about it."""

    @extend_schema(
        operation_id="errors_list",
        summary="The kinds of error",
        responses=OpenApiTypes.OBJECT,
        tags=["index"],
    )
    def get(self, request: Request) -> Response:
        return Response({"results": [described(slug) for slug in TYPES]})


class ErrorType(Public):
    @extend_schema(summary="One kind of error", responses=OpenApiTypes.OBJECT, tags=["index"])
    def get(self, request: Request, slug: str) -> Response:
        if slug not in TYPES:
            raise Problem("not-found")
        return Response(described(slug))


def described(slug: str) -> dict[str, Any]:
    kind = TYPES[slug]
    return {"type": kind.uri, "title": str(kind.title), "status": kind.status, "description": str(kind.help)}


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files: its page holds no inline script or style, so the usual policy fits."""

    template_name = "api/docs.html"
    url_name = "api:schema"


app_name = "api"
v1: list[URLPattern | URLResolver] = [
    path("", Index.as_view(), name="index"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    path("errors/", Errors.as_view(), name="errors"),
    path("errors/<slug:slug>/", ErrorType.as_view(), name="error"),
    path("", include("incidents.api")),
    path("", include("knowledge.api")),
    path("", include("shifts.api")),
    path("", include("windows.api")),
    path("", include("boards.api")),
    path("", include("changes.api")),
    path("", include("problems.api")),
    path("", include("fieldwork.api")),
    path("", include("fulfilment.api")),
    path("", include("accounts.api")),
    path("", include("catalog.api")),
    path("", include("configuration.api")),
    path("", include("sla.api")),
    path("", include("agreements.api")),
    path("", include("announcements.api")),
    path("", include("majors.api")),
    path("", include("levels.api")),
    path("", include("records.api_clock_list")),
    path("", include("records.api_saved")),
    path("", include("planning.api")),
    path("", include("records.api_breaches")),
    path("", include("records.api_exclusions")),
    path("", include("customers.api")),
    path("", include("reviews.api")),
    path("", include("servicereports.api")),
    path("", include("servicereports.assessments.api")),
    path("", include("servicereports.relations.api")),
    path("", include("sourcing.api")),
    path("", include("sourcing.api_contracts")),
    path("", include("sourcing.api_purchases")),
    path("", include("kpis.api")),
    path("", include("processreports.api")),
    path("", include("analysis.api")),
    path("", include("questions.api")),
    path("", include("monitoring.api")),
    path("", include("outbound.api")),
    path("", include("calls.api")),
    path("", include("automation.api")),
    path("", include("workspace.api")),
    path("", include("exports.api")),
    path("", include("assets.api")),
    path("", include("verifications.api")),
    path("", include("releases.api")),
    path("", include("transitions.api")),
]
urlpatterns = [path("api/v1/", include(v1)), re_path(r"^api(?:/|$)", fallback)]
