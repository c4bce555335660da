"""Families of services in the back office, and services to look up: what they say is reviewed."""

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import KeepsRows
from accounts.backoffice import site
from catalog.models import Service, ServiceFamily


@admin.register(ServiceFamily, site=site)
class ServiceFamilyAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "position")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}


@admin.register(Service, site=site)
class ServiceAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    """The teams can be changed here; name, description and publication only by a reviewed version."""

    list_display = ("name_en", "name_zh", "code", "support_team", "second_line_team", "is_published")
    list_filter = ("is_published", "support_team")
    list_select_related = ("support_team", "second_line_team")
    search_fields = ("name_en", "name_zh", "code")
    autocomplete_fields = ("support_team", "second_line_team")
    fields = (
        "code", "name_en", "name_zh", "description_en", "description_zh", "family", "portfolio_class",
        "owner", "support_team", "second_line_team", "is_published",
    )  # fmt: skip
    readonly_fields = (
        "code", "name_en", "name_zh", "description_en", "description_zh", "family", "portfolio_class",
        "owner", "is_published",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
