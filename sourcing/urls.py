from django.urls import path

from sourcing import list_views, report_views, request_views, views

app_name = "sourcing"
urlpatterns = [
    path("suppliers/", views.listing, name="list"),
    path("suppliers/new/", views.new, name="new"),
    path("suppliers/requests/", request_views.page, name="requests"),
    path("suppliers/requests/<int:item>/contract/", request_views.link, name="link"),
    path("suppliers/<slug:code>/", views.detail, name="detail"),
    path("suppliers/<slug:code>/edit/", views.edit, name="edit"),
    path("suppliers/<slug:code>/documents/", views.upload, name="upload"),
    path("suppliers/<slug:code>/documents/<int:item>/", views.document, name="document"),
    path("suppliers/<slug:code>/documents/<int:item>/remove/", views.remove, name="remove"),
    path("suppliers/<slug:code>/tickets/", list_views.tickets, name="tickets"),
    path("suppliers/<slug:code>/targets/", list_views.clocks, name="clocks"),
    path("suppliers/<slug:code>/misses/", list_views.breaches, name="breaches"),
    path("suppliers/<slug:code>/reports/", report_views.listing, name="reports"),
    path(
        "suppliers/<slug:code>/reports/<slug:contract>/<slug:kind>/<str:first>/<str:last>/",
        report_views.report,
        name="report",
    ),
]
