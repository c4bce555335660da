from django.urls import path

from incidents import desk_views, logging_views, views

app_name = "incidents"
urlpatterns = [
    path("incidents/new/", views.new, name="new"),
    path("incidents/new/preview/", views.preview, name="preview"),
    path("incidents/new/similar/", logging_views.alike, name="similar"),
    path("incidents/emergency/", logging_views.urgent, name="emergency"),
    path("incidents/checks/", desk_views.checks, name="checks"),
    path("incidents/comparison/", desk_views.comparison, name="comparison"),
    path("incidents/summary/", desk_views.summary, name="summary"),
    path("incidents/<str:number>/", views.detail, name="detail"),
    path("incidents/<str:number>/comment/", views.comment, name="comment"),
    path("incidents/<str:number>/<slug:action>/", views.act, name="act"),
    path("portal/requests/<slug:number>/urge/", logging_views.urge, name="urge"),
]
