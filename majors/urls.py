from django.urls import path

from majors import views

app_name = "majors"
urlpatterns = [
    path("majors/", views.listing, name="list"),
    path("majors/declare/<str:number>/", views.declare, name="declare"),
    path("majors/<str:number>/", views.detail, name="detail"),
    path("majors/<str:number>/board/", views.board, name="board"),
    path("majors/<str:number>/<slug:act>/", views.take, name="act"),
]
