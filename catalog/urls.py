from django.urls import path

from catalog import entry_views, views

app_name = "catalog"
urlpatterns = [
    path("catalogue/", views.listing, name="list"),
    path("catalogue/new/", entry_views.new, name="new"),
    path("catalogue/<slug:code>/", views.detail, name="detail"),
    path("catalogue/<slug:code>/propose/", entry_views.propose, name="propose"),
    path("catalogue/<slug:code>/<slug:act>/", entry_views.act, name="act"),
]
