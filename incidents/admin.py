"""The spans of the incident process in the back office, for all customers and for single ones."""

from django.contrib import admin

from accounts.admin import KeepsRows
from accounts.backoffice import site
from incidents.models import Rules


@admin.register(Rules, site=site)
class RulesAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    """Empty spans are those for all customers; where those are empty too, the usual ones apply."""

    list_display = (
        "__str__", "reopen_days", "close_days", "repeat_days", "urge_hours", "escalation_minutes",
        "backfill_days",
    )  # fmt: skip
    list_select_related = ("customer",)
    autocomplete_fields = ("customer",)
