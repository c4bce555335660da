"""What is set about the desk's self-assessments, kept in the back office."""

from django.contrib import admin

from accounts.backoffice import site
from servicereports.models import IndicatorGoal, SupervisoryBody


@admin.register(SupervisoryBody, site=site)
class SupervisoryBodyAdmin(admin.ModelAdmin[SupervisoryBody]):
    list_display = ("__str__", "person", "every", "lead", "is_active")
    list_select_related = ("person", "lead")
    list_filter = ("is_active",)


@admin.register(IndicatorGoal, site=site)
class IndicatorGoalAdmin(admin.ModelAdmin[IndicatorGoal]):
    list_display = ("indicator", "goal", "is_active")
