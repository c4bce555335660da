from django.urls import path

from releases import figure_views, views

app_name = "releases"
urlpatterns = [
    path("releases/", views.listing, name="list"),
    path("releases/new/", views.new, name="new"),
    path("releases/figures/", figure_views.overview, name="figures"),
    path("releases/figures/<slug:key>/", figure_views.figure, name="figure"),
    path("releases/<str:number>/", views.detail, name="detail"),
    path("releases/<str:number>/plan/", views.edit, name="plan"),
    path("releases/<str:number>/rows/<slug:part>/<int:item>/<slug:act>/", views.row, name="row"),
    path("releases/<str:number>/changes/", views.bundle, name="bundle"),
    path("releases/<str:number>/incidents/", views.judge, name="judge"),
    path("releases/<str:number>/<slug:act>/", views.act, name="act"),
]
