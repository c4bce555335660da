from django.urls import path

from workspace import bulk_views, views

app_name = "workspace"
urlpatterns = [
    path("bulk/", bulk_views.listing, name="bulks"),
    path("bulk/new/", bulk_views.new, name="bulk-new"),
    path("bulk/<int:pk>/", bulk_views.detail, name="bulk"),
    path("bulk/<int:pk>/results.csv", bulk_views.results, name="bulk-results"),
    path("bulk/<int:pk>/<slug:action>/", bulk_views.act, name="bulk-act"),
    path("palette/", views.find, name="find"),
    path("workspace/<str:number>/watch/", views.watch, name="watch"),
    path("workspace/<str:number>/here/", views.here, name="here"),
    path("workspace/<str:number>/news/", views.fresh, name="news"),
]
