"""The desk's shared pages: everything that is the same for every kind of record."""

from django.urls import path

from records import clock_views, queue_views, views

app_name = "records"
urlpatterns = [
    path("", views.home, name="home"),
    path("queue/", queue_views.queue, name="queue"),
    path("queue/changes/", queue_views.changes, name="changes"),
    path("queue/mine/", queue_views.my_queue, name="my_queue"),
    path("queue/setting/", queue_views.keep_setting, name="keep_setting"),
    path("queue/views/", queue_views.save_view, name="save_view"),
    path("queue/views/<int:pk>/", queue_views.edit_view, name="edit_view"),
    path("queue/views/<int:pk>/content/", queue_views.update_view, name="update_view"),
    path("queue/views/<int:pk>/<slug:action>/", queue_views.act_on_view, name="act_on_view"),
    path("queue/place/<slug:number>/", queue_views.ticket_place, name="place"),
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
