from django.urls import path

from kpis import views

app_name = "kpis"
urlpatterns = [
    path("kpis/", views.listing, name="list"),
    path("kpis/<str:kpi>/", views.detail, name="detail"),
]
