from django.urls import path

from announcements import portal_views, views

app_name = "announcements"
urlpatterns = [
    path("announcements/", views.listing, name="list"),
    path("announcements/new/", views.new, name="new"),
    path("announcements/<str:number>/", views.detail, name="detail"),
    path("announcements/<str:number>/edit/", views.edit, name="edit"),
    path("announcements/<str:number>/attach/", views.attach, name="attach"),
    path("announcements/<str:number>/<slug:act>/", views.take, name="act"),
    path("portal/announcements/", portal_views.listing, name="portal-list"),
    path("portal/announcements/<str:number>/", portal_views.detail, name="portal"),
]
