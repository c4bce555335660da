from django.urls import path

from exports import views

app_name = "exports"
urlpatterns = [
    path("exports/", views.listing, name="list"),
    path("exports/new/", views.new, name="new"),
    path("exports/<int:pk>/file/", views.file, name="file"),
    path("exports/<int:pk>/<slug:action>/", views.act, name="act"),
]
