from django.urls import path

from analysis import views, warning_views

app_name = "analysis"
urlpatterns = [
    path("analysis/", views.trend, name="trend"),
    path("analysis/spread/", views.spread, name="spread"),
    path("analysis/spread/rows/", views.amounts_list, name="amounts"),
    path("analysis/relations/", views.relations, name="relations"),
    path("analysis/compare/", views.compare, name="compare"),
    path("analysis/compare/keep/", views.keep, name="keep"),
    path("analysis/compare/<int:pk>/drop/", views.drop, name="drop"),
    path("analysis/warnings/", warning_views.warnings, name="warnings"),
    path("analysis/warnings/rules/new/", warning_views.new_rule, name="new-rule"),
    path("analysis/warnings/rules/<int:pk>/", warning_views.rule, name="rule"),
]
