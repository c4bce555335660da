from django.urls import path

from sla import calendar_views, coverage_views, package_views, underpinning_views, views

app_name = "sla"
urlpatterns = [
    path("sla/agreements/<slug:code>/underpinning/", underpinning_views.page, name="underpinning"),
    path("sla/simulate/", views.simulate, name="simulate"),
    path("sla/coverage/", coverage_views.page, name="coverage"),
    path("sla/calendars/", calendar_views.listing, name="calendars"),
    path("sla/calendars/<slug:code>/", calendar_views.detail, name="calendar"),
    path("sla/calendars/<slug:code>/new/", calendar_views.new_edition, name="calendar-edition"),
    path("sla/packages/", package_views.page, name="packages"),
]
