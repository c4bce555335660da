from django.urls import path

from reviews import portal_views, views

app_name = "reviews"
urlpatterns = [
    path("reviews/", views.listing, name="list"),
    path("reviews/new/", views.new, name="new"),
    path("reviews/<str:number>/", views.detail, name="detail"),
    path("reviews/<str:number>/agenda/", views.agenda, name="agenda"),
    path("reviews/<str:number>/minutes/", views.minutes, name="minutes"),
    path("reviews/<str:number>/participants/<int:item>/", views.remove, name="remove"),
    path("reviews/<str:number>/<str:act>/", views.act, name="act"),
    path("portal/reviews/", portal_views.listing, name="portal-list"),
    path("portal/reviews/<str:number>/", portal_views.detail, name="portal"),
    path("portal/reviews/<str:number>/rate/", portal_views.rate, name="portal-rate"),
]
