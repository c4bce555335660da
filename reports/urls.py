from django.urls import path

from reports import breach_pages, views

app_name = "reports"
urlpatterns = [
    path("reports/", views.dashboard, name="dashboard"),
    path("reports/misses/", breach_pages.page, name="breaches"),
    path("reports/exclusions/", breach_pages.exclusion_list, name="exclusions"),
    path("reports/tickets/<slug:key>/", views.record_list, name="records"),
    path("reports/targets/<slug:metric>/<slug:outcome>/", views.clock_list, name="clocks"),
]
