from django.urls import path

from majors import views

app_name = "majors"
urlpatterns = [
    path("majors/", views.listing, name="list"),
    path("majors/declare/<str:number>/", views.declare, name="declare"),
    path("majors/running/", views.under_way, name="running"),
    path("majors/for-new/", views.for_new, name="for-new"),
    path("majors/<str:number>/put-aside/", views.put_aside, name="put-aside"),
    path("majors/<str:number>/", views.detail, name="detail"),
    path("majors/<str:number>/board/", views.board, name="board"),
    path("majors/<str:number>/<slug:act>/", views.take, name="act"),
]
