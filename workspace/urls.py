from django.urls import path

from workspace import views

app_name = "workspace"
urlpatterns = [
    path("workspace/<str:number>/here/", views.here, name="here"),
    path("workspace/<str:number>/news/", views.fresh, name="news"),
]
