from django.urls import path, re_path

from configuration import impact_views, type_views, views, writing_views

app_name = "configuration"

# an item by its number, or by its id as programs have it
NUMBER = r"(?P<number>[A-Za-z]{2,4}[0-9]{6,12}|[0-9]{1,18})"

urlpatterns = [
    path("configuration/", views.listing, name="items"),
    path("configuration/new/", writing_views.new, name="new"),
    path("configuration/report/", impact_views.report, name="report"),
    path("configuration/alterations/", views.alterations, name="alterations"),
    path("configuration/beside/", views.beside, name="beside"),
    path("configuration/types/", type_views.types, name="types"),
    path("configuration/types/new/", type_views.new_type, name="type-new"),
    path("configuration/types/<slug:code>/", type_views.edit_type, name="type"),
    path("configuration/types/<slug:code>/new/", type_views.new_attribute, name="attribute-new"),
    path("configuration/types/<slug:code>/<slug:slug>/", type_views.edit_attribute, name="attribute"),
    path(
        "configuration/types/<slug:code>/<slug:slug>/drop/", type_views.drop_attribute, name="attribute-drop"
    ),
    re_path(rf"^configuration/{NUMBER}/$", views.detail, name="item"),
    re_path(rf"^configuration/{NUMBER}/impact/$", impact_views.analysis, name="impact"),
    re_path(rf"^configuration/{NUMBER}/edit/$", writing_views.edit, name="edit"),
    re_path(rf"^configuration/{NUMBER}/retire/$", writing_views.retire, name="retire"),
    re_path(rf"^configuration/{NUMBER}/relate/$", writing_views.relate, name="relate"),
    re_path(
        rf"^configuration/{NUMBER}/relations/(?P<pk>[0-9]{{1,18}})/$", writing_views.unrelate, name="unrelate"
    ),
    re_path(rf"^configuration/{NUMBER}/service/$", writing_views.name_service, name="name-service"),
    re_path(
        rf"^configuration/{NUMBER}/services/(?P<pk>[0-9]{{1,18}})/$",
        writing_views.remove_service,
        name="remove-service",
    ),
]
