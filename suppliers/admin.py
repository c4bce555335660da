"""Suppliers in the back office."""

from django.contrib import admin

from accounts.admin import KeepsRows
from accounts.backoffice import site
from suppliers.models import Supplier


@admin.register(Supplier, site=site)
class SupplierAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "kind", "responsible", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("responsible",)
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}
