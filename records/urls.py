"""The desk's shared pages: everything that is the same for every kind of record."""

from django.urls import path

from records import clock_views, views

app_name = "records"
urlpatterns = [
    path("", views.home, name="home"),
    path("queue/", views.queue, name="queue"),
    path("queue/changes/", views.changes, name="changes"),
    path("queue/bulk/", views.bulk_act, name="bulk"),
    path("search/", views.search_page, name="search"),
    path("notices/", views.notices_page, name="notices"),
    path("notices/read/", views.read_notices, name="read_notices"),
    path("typeahead/<slug:what>/", views.typeahead_choices, name="typeahead"),
    path("files/<slug:key>/", views.attachment, name="attachment"),
    path("r/<slug:number>/", views.go, name="go"),
    path("r/<slug:number>/clocks/<int:pk>/", clock_views.clock, name="clock"),
    path("r/<slug:number>/clocks/<int:pk>/exclude/", clock_views.exclude, name="exclude"),
    path(
        "r/<slug:number>/clocks/<int:pk>/exclusions/<int:exclusion>/",
        clock_views.decide,
        name="decide_exclusion",
    ),
    path("r/<slug:number>/parties/", clock_views.parties, name="parties"),
]
