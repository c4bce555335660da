from django.urls import path

from incidents import views

app_name = "incidents"
urlpatterns = [
    path("incidents/new/", views.new, name="new"),
    path("incidents/new/preview/", views.preview, name="preview"),
    path("incidents/<str:number>/", views.detail, name="detail"),
    path("incidents/<str:number>/comment/", views.comment, name="comment"),
    path("incidents/<str:number>/<slug:action>/", views.act, name="act"),
]
