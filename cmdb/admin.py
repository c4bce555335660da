"""The register in the back office: to look at. Items and their types are written on the register's pages,
where what is under control stays so; relation types are settings."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin import KeepsRows
from accounts.backoffice import site
from cmdb.models import Item, ItemType, RelationType


class OnlyRead(KeepsRows):
    """Nothing is written here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ItemType, site=site)
class ItemTypeAdmin(OnlyRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "category", "prefix")
    search_fields = ("name_en", "name_zh", "code")


@admin.register(Item, site=site)
class ItemAdmin(OnlyRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "name", "type", "customer", "site", "state")
    list_filter = ("state", "type")
    list_select_related = ("type", "customer")
    search_fields = ("number", "name", "site")


@admin.register(RelationType, site=site)
class RelationTypeAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "reverse_en", "name_zh", "reverse_zh", "impact", "is_acyclic")
    prepopulated_fields = {"code": ("name_en",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What exists may hold circles already, and programs know it by its code."""
        return ("code", "is_acyclic") if obj else ()

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> dict[str, Sequence[str]]:
        return {} if obj else {"code": ("name_en",)}
