from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("dashboards/", views.choice, name="choice"),
    path("dashboards/management/", views.manage, name="management"),
    path("dashboards/management/<slug:part>/", views.part, name="part"),
    path("dashboards/list/<slug:key>/", views.listing, name="list"),
    path("dashboards/<slug:slug>/", views.process, name="process"),
    path("dashboards/<slug:slug>/now/", views.now, name="now"),
]
