from django.urls import path

from agreements import views

app_name = "agreements"
urlpatterns = [
    path("agreements/", views.listing, name="list"),
    path("agreements/new/", views.new, name="new"),
    path("agreements/<str:number>/", views.detail, name="detail"),
    path("agreements/<str:number>/terms/", views.terms, name="terms"),
    path("agreements/<str:number>/follow-ups/<int:item>/", views.finish, name="follow-up"),
    path("agreements/<str:number>/<str:act>/", views.act, name="act"),
]
