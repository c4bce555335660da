from django.urls import path

from monitoring import setup_views, views

app_name = "monitoring"
urlpatterns = [
    path("alerts/", views.listing, name="list"),
    path("alerts/<int:item>/", views.detail, name="detail"),
    path("alerts/<int:item>/attach/", views.attach, name="attach"),
    path("alerts/<int:item>/end/", views.end, name="end"),
    path("alerts/sources/", setup_views.sources, name="sources"),
    path("alerts/sources/new/", setup_views.new_source, name="new-source"),
    path("alerts/sources/<int:item>/", setup_views.source, name="source"),
    path("alerts/sources/<int:item>/apply/", setup_views.apply_rules, name="apply"),
    path("alerts/sources/<int:item>/rules/new/", setup_views.new_rule, name="new-rule"),
    path("alerts/rules/<int:item>/", setup_views.rule, name="rule"),
]
