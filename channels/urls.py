"""Pages of mail, for the desk."""

from django.urls import path

from channels import views

app_name = "channels"
urlpatterns = [
    path("mail/", views.listing, name="list"),
    path("mail/<int:pk>/", views.message, name="message"),
    path("mail/<int:pk>/original/", views.original, name="original"),
    path("mail/<int:pk>/<slug:act>/", views.decide, name="act"),
]
