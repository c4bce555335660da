"""Calendars and agreements in the back office.

Versions are immutable and only read here. What is promised to anybody comes from an edition that was reviewed
and signed; the next edition of a calendar is made on its page, which shows first which open clocks it moves.
"""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import KeepsRows
from accounts.backoffice import site
from sla import package_uses
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    CalendarVersion,
    MeasuredTarget,
    ServicePackage,
    Target,
)


class ReadOnly:
    """What is only read here: it is made where it is reviewed and signed, or where its effect is shown."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TargetInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Target
    extra = 0


class MeasuredTargetInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = MeasuredTarget
    extra = 0


@admin.register(CalendarVersion, site=site)
class CalendarVersionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("calendar", "number", "effective_from", "holidays_known_until", "note")
    list_filter = ("calendar",)
    list_select_related = ("calendar",)
    search_fields = ("calendar__name_en", "calendar__name_zh", "note")

    def view_on_site(self, obj: CalendarVersion) -> str:
        return reverse("sla:calendar", args=[obj.calendar.code])


@admin.register(AgreementVersion, site=site)
class AgreementVersionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("agreement", "number", "effective_from", "effective_until", "calendar")
    list_filter = ("agreement",)
    list_select_related = ("agreement", "calendar")
    search_fields = ("agreement__name_en", "agreement__name_zh")
    inlines = (TargetInline, MeasuredTargetInline)


@admin.register(Calendar, site=site)
class CalendarAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    """Its name; the hours are made on its page."""

    list_display = ("name_en", "name_zh", "code")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}
    readonly_fields = ("working_hours",)

    def view_on_site(self, obj: Calendar) -> str:
        return reverse("sla:calendar", args=[obj.code])

    @admin.display(description=gettext_lazy("working hours"))
    def working_hours(self, obj: Calendar) -> str:
        """Where they are made: one may not get there past the preview."""
        if not obj.pk:
            return _("Save it first, then give it its hours.")
        url = reverse("sla:calendar", args=[obj.code])
        return format_html('<a href="{}">{}</a>', url, _("To its hours and its next edition"))


@admin.register(Agreement, site=site)
class AgreementAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "kind", "customer")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    search_fields = ("name_en", "name_zh", "code")


@admin.register(ServicePackage, site=site)
class ServicePackageAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "family", "rank", "price", "price_unit", "is_active")
    list_filter = ("family", "is_active")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}
    readonly_fields = ("drafts",)

    @admin.display(description=gettext_lazy("what an edit touches"))
    def drafts(self, obj: ServicePackage) -> str:
        """The truth about packages: nothing rests on them."""
        words = _("No draft, agreement or open clock: whoever starts from a package takes a copy of it.")
        if not obj.pk or not (found := package_uses.drafts_like(obj)):
            return words
        same = _("Drafts that promise exactly the same at present, and would stay as they are: %(drafts)s.")
        return f"{words} {same % {'drafts': '; '.join(found)}}"
