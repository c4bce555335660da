from django.urls import path

from kpis import acting, due_views, views

app_name = "kpis"
urlpatterns = [
    path("kpis/", views.listing, name="list"),
    path("kpis/scores/", acting.score_page, name="scores"),
    path("kpis/checkers/", acting.checkers, name="checkers"),
    path("kpis/due/", due_views.page, name="due"),
    path("kpis/<str:kpi>/", views.detail, name="detail"),
    path("kpis/<str:kpi>/confirm/", acting.confirm, name="confirm"),
    path("kpis/<str:kpi>/weigh/", acting.weigh, name="weigh"),
]
