"""One include per app. /healthz/ answers without login."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import JavaScriptCatalog

from accounts.backoffice import site as backoffice
from accounts.views import set_language
from itsm.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz/", healthz, name="healthz"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin/", backoffice.urls),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
]

urlpatterns += [
    path("", include(name))
    for name in (
        "accounts.urls",
        "records.urls",
        "actions.urls",
        "knowledge.urls",
        "shifts.urls",
        "incidents.urls",
        "fulfilment.urls",
        "customers.urls",
        "agreements.urls",
        "announcements.urls",
        "windows.urls",
        "problems.urls",
        "changes.urls",
        "boards.urls",
        "releases.urls",
        "transitions.urls",
        "configuration.urls",
        "verifications.urls",
        "assets.urls",
        "majors.urls",
        "fieldwork.urls",
        "sla.urls",
        "catalog.urls",
        "cmdb.urls",
        "channels.urls",
        "monitoring.urls",
        "outbound.urls",
        "calls.urls",
        "automation.urls",
        "workspace.urls",
        "portal.urls",
        "reports.urls",
        "levels.urls",
        "planning.urls",
        "reviews.urls",
        "servicereports.urls",
        "sourcing.urls",
        "sourcing.portal_urls",
        "kpis.urls",
        "exports.urls",
        "dashboards.urls",
        "analysis.urls",
        "questions.urls",
        "processreports.urls",
        "itsm.api",
    )
    if find_spec(name)
]
