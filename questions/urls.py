from django.urls import path

from questions import plan_views, views

app_name = "questions"
urlpatterns = [
    path("questions/", views.listing, name="list"),
    path("questions/new/", views.new, name="new"),
    path("questions/builder/", views.build, name="builder"),
    path("questions/preview/", views.preview, name="preview"),
    path("questions/rows/", views.rows, name="rows"),
    path("questions/<int:item>/", views.detail, name="detail"),
    path("questions/<int:item>/edit/", views.edit, name="edit"),
    path("questions/<int:item>/schedule/", plan_views.schedule, name="schedule"),
    path("questions/<int:item>/rows/", views.rows_of, name="rows-of"),
    path("questions/<int:item>/table/<str:kind>/", views.table, name="table"),
    path("questions/<int:item>/<str:action>/", views.act, name="act"),
]
