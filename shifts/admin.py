"""Patterns, minimum occupancy, duty rules and checklists in the back office; duties are on the roster."""

from typing import Any

from django.contrib import admin

from accounts.admin import KeepsRows
from accounts.backoffice import site
from shifts.models import ChecklistItem, DutyRules, MinimumSeats, ShiftPattern

Admin: Any = admin.ModelAdmin


@admin.register(ShiftPattern, site=site)
class ShiftPatternAdmin(KeepsRows, Admin):  # type: ignore[misc]
    list_display = ("code", "name_en", "name_zh", "starts", "ends", "is_active")


@admin.register(DutyRules, site=site)
class DutyRulesAdmin(Admin):  # type: ignore[misc]
    list_display = ("team", "time_zone")


@admin.register(MinimumSeats, site=site)
class MinimumSeatsAdmin(Admin):  # type: ignore[misc]
    list_display = ("team", "weekday", "starts", "ends", "seats")
    list_filter = ("team",)


@admin.register(ChecklistItem, site=site)
class ChecklistItemAdmin(KeepsRows, Admin):  # type: ignore[misc]
    list_display = ("team", "position", "text_en", "text_zh", "is_active")
    list_filter = ("team",)
