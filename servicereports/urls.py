from django.urls import path

from servicereports import portal_views, views

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
]  # fmt: skip
