from django.urls import path

from processreports import definition_views, portal_views, views

app_name = "processreports"
PDF, XLSX = {"form": "pdf"}, {"form": "xlsx"}
urlpatterns = [
    path("process-reports/", views.listing, name="list"),
    path("process-reports/new/", views.new, name="new"),
    path("process-reports/plan/", views.plan, name="plan"),
    path("process-reports/definitions/", definition_views.listing, name="definitions"),
    path("process-reports/definitions/new/", definition_views.new, name="definition-new"),
    path("process-reports/definitions/sections/", definition_views.choose, name="definition-sections"),
    path("process-reports/definitions/<int:pk>/", definition_views.edit, name="definition"),
    path("process-reports/definitions/<int:pk>/preview/", definition_views.preview, name="preview"),
    path("process-reports/<str:number>/", views.detail, name="detail"),
    path("process-reports/<str:number>/check/", views.check, name="check"),
    path("process-reports/<str:number>/rows/", views.rows, name="rows"),
    path("process-reports/<str:number>/report.pdf", views.file, PDF, name="pdf"),
    path("process-reports/<str:number>/report.xlsx", views.file, XLSX, name="xlsx"),
    path("process-reports/<str:number>/act/<str:act>/", views.act, name="act"),
    path("portal/process-reports/", portal_views.listing, name="portal-list"),
    path("portal/process-reports/<str:number>/", portal_views.detail, name="portal"),
    path("portal/process-reports/<str:number>/report.pdf", portal_views.file, PDF, name="portal-pdf"),
    path("portal/process-reports/<str:number>/report.xlsx", portal_views.file, XLSX, name="portal-xlsx"),
]
