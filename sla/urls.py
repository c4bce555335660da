from django.urls import path

from sla import coverage_views, package_views, underpinning_views, views

app_name = "sla"
urlpatterns = [
    path("sla/agreements/<slug:code>/underpinning/", underpinning_views.page, name="underpinning"),
    path("sla/simulate/", views.simulate, name="simulate"),
    path("sla/coverage/", coverage_views.page, name="coverage"),
    path("sla/packages/", package_views.page, name="packages"),
]
