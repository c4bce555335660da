from django.urls import path

from servicereports import portal_views, views
from servicereports.assessments import views as assessments
from servicereports.relations import views as relations

app_name = "servicereports"
urlpatterns = [
    path("service-reports/", views.listing, name="list"),
    path("service-reports/new/", views.new, name="new"),
    path("service-reports/<str:number>/", views.detail, name="detail"),
    path("service-reports/<str:number>/check/", views.check, name="check"),
    path("service-reports/<str:number>/report.pdf", views.file, {"form": "pdf"}, name="pdf"),
    path("service-reports/<str:number>/report.xlsx", views.file, {"form": "xlsx"}, name="xlsx"),
    path("service-reports/<str:number>/<str:act>/", views.act, name="act"),
    path("portal/service-reports/", portal_views.listing, name="portal-list"),
    path("portal/service-reports/<str:number>/", portal_views.detail, name="portal"),
    path(
        "portal/service-reports/<str:number>/report.pdf", portal_views.file, {"form": "pdf"},
        name="portal-pdf",
    ),
    path(
        "portal/service-reports/<str:number>/report.xlsx", portal_views.file, {"form": "xlsx"},
        name="portal-xlsx",
    ),
    path("self-assessments/", assessments.listing, name="assessments"),
    path("self-assessments/new/", assessments.new, name="assessment-new"),
    path("self-assessments/<str:number>/", assessments.detail, name="assessment"),
    path("self-assessments/<str:number>/judge/", assessments.judge, name="assessment-judge"),
    path(
        "self-assessments/<str:number>/assessment.pdf", assessments.file, {"form": "pdf"},
        name="assessment-pdf",
    ),
    path(
        "self-assessments/<str:number>/assessment.xlsx", assessments.file, {"form": "xlsx"},
        name="assessment-xlsx",
    ),
    path("self-assessments/<str:number>/<str:act>/", assessments.act, name="assessment-act"),
    path("relationship-reports/", relations.listing, name="relations"),
    path("relationship-reports/new/", relations.new, name="relation-new"),
    path("relationship-reports/<str:number>/", relations.detail, name="relation"),
    path(
        "relationship-reports/<str:number>/report.pdf", relations.file, {"form": "pdf"}, name="relation-pdf"
    ),
    path(
        "relationship-reports/<str:number>/report.xlsx", relations.file, {"form": "xlsx"},
        name="relation-xlsx",
    ),
    path("relationship-reports/<str:number>/<str:act>/", relations.act, name="relation-act"),
    path("portal/relationship-reports/", relations.portal_listing, name="portal-relations"),
    path("portal/relationship-reports/<str:number>/", relations.portal_detail, name="portal-relation"),
    path(
        "portal/relationship-reports/<str:number>/report.pdf", relations.portal_file, {"form": "pdf"},
        name="portal-relation-pdf",
    ),
    path(
        "portal/relationship-reports/<str:number>/report.xlsx", relations.portal_file, {"form": "xlsx"},
        name="portal-relation-xlsx",
    ),
]  # fmt: skip
