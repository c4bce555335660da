"""Services in the back office."""

from django.contrib import admin

from accounts.admin import KeepsRows
from accounts.backoffice import site
from catalog.models import Service


@admin.register(Service, site=site)
class ServiceAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "support_team", "second_line_team", "is_published")
    list_filter = ("is_published", "support_team")
    list_select_related = ("support_team", "second_line_team")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}
    autocomplete_fields = ("support_team", "second_line_team")
