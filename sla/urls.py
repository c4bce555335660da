from django.urls import path

from sla import coverage_views, views

app_name = "sla"
urlpatterns = [
    path("sla/simulate/", views.simulate, name="simulate"),
    path("sla/coverage/", coverage_views.page, name="coverage"),
]
