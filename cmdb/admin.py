"""Configuration items in the back office."""

from django.contrib import admin

from accounts.admin import KeepsRows
from accounts.backoffice import site
from cmdb.models import Item, ItemType


@admin.register(ItemType, site=site)
class ItemTypeAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}


@admin.register(Item, site=site)
class ItemAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "type", "customer", "site", "is_active")
    list_filter = ("is_active", "type")
    list_select_related = ("type", "customer")
    search_fields = ("name", "site")
    autocomplete_fields = ("type", "customer")
