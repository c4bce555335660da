from django.urls import path

from verifications import baseline_views, import_views, views

app_name = "verifications"
urlpatterns = [
    path("item-audits/", views.listing, name="list"),
    path("item-audits/new/", views.new, name="new"),
    path("item-audits/<str:number>/", views.detail, name="detail"),
    path("item-audits/<str:number>/report/", views.report, name="report"),
    path("item-audits/<str:number>/items/<int:position>/", views.entry, name="entry"),
    path("item-audits/<str:number>/items/<int:position>/remove/", views.drop, name="drop"),
    path(
        "item-audits/<str:number>/items/<int:position>/differences/<int:pk>/", views.correct, name="correct"
    ),
    path("item-audits/<str:number>/<str:act>/", views.act, name="act"),
    path("baselines/", baseline_views.listing, name="baselines"),
    path("baselines/new/", baseline_views.new, name="baseline-new"),
    path("baselines/<int:pk>/", baseline_views.detail, name="baseline"),
    path("baselines/<int:pk>/compare/", baseline_views.compare, name="baseline-compare"),
    path("item-imports/", import_views.listing, name="imports"),
    path("item-imports/new/", import_views.new, name="import-new"),
    path("item-imports/<int:pk>/", import_views.detail, name="import"),
    path("item-imports/<int:pk>/results.csv", import_views.results, name="import-results"),
    path("item-imports/<int:pk>/<str:action>/", import_views.act, name="import-act"),
]
