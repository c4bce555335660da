from django.urls import path

from customers import portal_views, views

app_name = "customers"
urlpatterns = [
    path("complaints/", views.listing, name="complaints"),
    path("complaints/new/", views.new, name="new"),
    path("complaints/<str:number>/", views.detail, name="complaint"),
    path("complaints/<str:number>/<str:act>/", views.act, name="act"),
    path("portal/feedback/", portal_views.listing, name="feedbacks"),
    path("portal/feedback/new/", portal_views.new, name="new-feedback"),
    path("portal/feedback/<str:number>/", portal_views.detail, name="feedback"),
    path("portal/feedback/<str:number>/<str:act>/", portal_views.act, name="feedback-act"),
]
