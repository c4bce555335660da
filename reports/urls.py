from django.urls import path

from reports import breach_pages, desk_pages, party_pages, views, workload_pages

app_name = "reports"
urlpatterns = [
    path("reports/", views.dashboard, name="dashboard"),
    path("reports/ahead/", views.look_ahead, name="ahead"),
    path("reports/desk/", desk_pages.page, name="desk"),
    path("reports/desk/<slug:part>/", desk_pages.part, name="desk-part"),
    path("reports/workload/", workload_pages.page, name="workload"),
    path("reports/workload/publish/", workload_pages.publish, name="workload-publish"),
    path("reports/workload/statements/<int:pk>/", workload_pages.statement, name="workload-statement"),
    path("reports/workload/<slug:key>/", workload_pages.behind, name="workload-list"),
    path("reports/misses/", breach_pages.page, name="breaches"),
    path("reports/exclusions/", breach_pages.exclusion_list, name="exclusions"),
    path("reports/parties/", party_pages.page, name="parties"),
    path("reports/parties/<slug:party>/", party_pages.tickets, name="party"),
    path("reports/support/<int:agreement>/<slug:metric>/<slug:outcome>/", party_pages.clocks, name="support"),
    path("reports/tickets/<slug:key>/", views.record_list, name="records"),
    path("reports/targets/<slug:metric>/<slug:outcome>/", views.clock_list, name="clocks"),
]
