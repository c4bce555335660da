"""Calendars and agreements in the back office.

Versions are immutable: those of calendars are read and added to, those of agreements only read. What is
promised to anybody comes from an edition that was reviewed and signed.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Max, Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin import KeepsRows, actor_of
from accounts.backoffice import site
from sla import calendar as working_time
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    CalendarVersion,
    MeasuredTarget,
    ServicePackage,
    Target,
)


def this_second() -> datetime:
    return timezone.now().replace(microsecond=0)


class Immutable:
    """What may be added and read, never changed or removed."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class NumberedVersions(Immutable):
    """Each new version gets the next number, its author and its time."""

    parent = ""

    def save_model(self, request: HttpRequest, obj: Any, form: "forms.ModelForm[Any]", change: bool) -> None:
        parent = {self.parent: getattr(obj, self.parent)}
        last = type(obj)._default_manager.filter(**parent).aggregate(last=Max("number"))["last"]
        obj.number = (last or 0) + 1
        obj.created_by_id = actor_of(request).user_id
        obj.created_at = this_second()
        obj.save(force_insert=True)


class CalendarVersionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CalendarVersion
        fields = ("calendar", "effective_from", "definition", "holidays_known_until", "note")

    def clean_definition(self) -> Any:
        """Refuses what the engine cannot compute with, in the engine's own words."""
        definition = self.cleaned_data["definition"]
        try:
            hours = working_time.Calendar.parse(definition)
        except working_time.CalendarError as refused:
            message = f"{refused.field}: {refused.detail}" if refused.field else refused.detail
            raise ValidationError(message, code=refused.code) from None
        if hours.never_opens(this_second()):
            raise ValidationError(_("This calendar never opens; give at least one working window."))
        return definition


class ReadOnly(Immutable):
    """What is only read here: it is made where it is reviewed and signed (/agreements/)."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class TargetInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Target
    extra = 0


class MeasuredTargetInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = MeasuredTarget
    extra = 0


@admin.register(CalendarVersion, site=site)
class CalendarVersionAdmin(NumberedVersions, admin.ModelAdmin):  # type: ignore[type-arg]
    parent = "calendar"
    form = CalendarVersionForm
    list_display = ("calendar", "number", "effective_from", "holidays_known_until", "note")
    list_filter = ("calendar",)
    list_select_related = ("calendar",)
    search_fields = ("calendar__name_en", "calendar__name_zh", "note")


@admin.register(AgreementVersion, site=site)
class AgreementVersionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("agreement", "number", "effective_from", "effective_until", "calendar")
    list_filter = ("agreement",)
    list_select_related = ("agreement", "calendar")
    search_fields = ("agreement__name_en", "agreement__name_zh")
    inlines = (TargetInline, MeasuredTargetInline)


@admin.register(Calendar, site=site)
class CalendarAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}


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
