from django.urls import path

from windows import views

app_name = "windows"
urlpatterns = [
    path("windows/", views.listing, name="list"),
    path("windows/new/", views.new, name="new"),
    path("windows/<int:pk>/", views.detail, name="detail"),
    path("windows/<int:pk>/edit/", views.edit, name="edit"),
    path("windows/<int:pk>/cancel/", views.cancel, name="cancel"),
]
