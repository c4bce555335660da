from django.urls import path

from calls import desk_views, views

app_name = "calls"
urlpatterns = [
    path("calls/", views.listing, name="list"),
    path("calls/new/", views.new, name="new"),
    path("calls/pop/", desk_views.pop, name="pop"),
    path("calls/ticket/", desk_views.ticket, name="ticket"),
    path("calls/<int:item>/", views.detail, name="detail"),
]
