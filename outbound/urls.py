from django.urls import path

from outbound import views

app_name = "outbound"
urlpatterns = [
    path("outbound/", views.listing, name="list"),
    path("outbound/new/", views.new, name="new"),
    path("outbound/<int:item>/", views.detail, name="detail"),
    path("outbound/<int:item>/edit/", views.edit, name="edit"),
    path("outbound/<int:item>/test/", views.test, name="test"),
    path("outbound/<int:item>/secret/", views.secret, name="secret"),
    path("outbound/messages/<int:item>/replay/", views.replay, name="replay"),
]
