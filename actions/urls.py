from django.urls import path

from actions import plan_views, views

app_name = "actions"
urlpatterns = [
    path("actions/", views.listing, name="list"),
    path("actions/new/", views.new, name="new"),
    path("actions/<str:number>/", views.detail, name="detail"),
    path("actions/<str:number>/<str:act>/", views.act, name="act"),
    path("improvements/", plan_views.listing, name="plans"),
    path("improvements/new/", plan_views.new, name="new-plan"),
    path("improvements/<str:number>/", plan_views.detail, name="plan"),
    path("improvements/<str:number>/<str:act>/", plan_views.act, name="plan-act"),
]
