"""Calendars and agreements in the back office. Their versions are immutable: they are read, and added to."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.db.models import Max, Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import KeepsRows, actor_of
from accounts.backoffice import site
from sla import calendar as working_time
from sla.models import (
    Agreement,
    AgreementVersion,
    Calendar,
    CalendarVersion,
    ServicePackage,
    Target,
    check_calendar,
)
from sla.policy import DEFAULT_MATRIX


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


class AgreementVersionForm(forms.ModelForm):  # type: ignore[type-arg]
    warn_at = SimpleArrayField(
        forms.IntegerField(min_value=1, max_value=99),
        label=gettext_lazy("warn at percent"),
        initial=[50, 75, 90],
        help_text=gettext_lazy("Percent of the target, ascending, separated by commas."),
    )

    class Meta:
        model = AgreementVersion
        fields = (
            "agreement",
            "effective_from",
            "effective_until",
            "calendar",
            "matrix",
            "pausing_reasons",
            "warn_at",
            "reopen_starts_new_cycle",
        )
        help_texts = {
            "pausing_reasons": gettext_lazy(
                "Codes of the reasons for a hold, separated by commas: customer, appointment ..."
            ),
        }

    def clean_matrix(self) -> Any:
        matrix = self.cleaned_data["matrix"]
        is_whole = isinstance(matrix, dict) and set(matrix) == set(DEFAULT_MATRIX)
        if not is_whole or any(p not in (1, 2, 3, 4) for p in matrix.values()):
            raise ValidationError(
                _("Give a priority from 1 to 4 for each of the nine pairs: %(pairs)s."),
                params={"pairs": ", ".join(DEFAULT_MATRIX)},
            )
        return matrix

    def clean_warn_at(self) -> list[int]:
        percents: list[int] = self.cleaned_data["warn_at"]
        if percents != sorted(set(percents)):
            raise ValidationError(_("Give the percents in ascending order, each once."))
        return percents

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        start, end = given.get("effective_from"), given.get("effective_until")
        if calendar := given.get("calendar"):
            try:
                check_calendar(calendar, "calendar")
            except ValidationError as refused:
                self.add_error(None, refused)
        if start and end and end <= start:
            self.add_error("effective_until", _("The end must lie after the beginning."))
        return given


class TargetInline(Immutable, admin.TabularInline):  # type: ignore[type-arg]
    model = Target
    extra = 3


@admin.register(CalendarVersion, site=site)
class CalendarVersionAdmin(NumberedVersions, admin.ModelAdmin):  # type: ignore[type-arg]
    parent = "calendar"
    form = CalendarVersionForm
    list_display = ("calendar", "number", "effective_from", "holidays_known_until", "note")
    list_filter = ("calendar",)
    list_select_related = ("calendar",)
    search_fields = ("calendar__name_en", "calendar__name_zh", "note")


@admin.register(AgreementVersion, site=site)
class AgreementVersionAdmin(NumberedVersions, admin.ModelAdmin):  # type: ignore[type-arg]
    parent = "agreement"
    form = AgreementVersionForm
    list_display = ("agreement", "number", "effective_from", "effective_until", "calendar")
    list_filter = ("agreement",)
    list_select_related = ("agreement", "calendar")
    search_fields = ("agreement__name_en", "agreement__name_zh")
    inlines = (TargetInline,)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"matrix": dict(DEFAULT_MATRIX), **super().get_changeform_initial_data(request)}


@admin.register(Calendar, site=site)
class CalendarAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}


@admin.register(Agreement, site=site)
class AgreementAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "kind", "customer")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    search_fields = ("name_en", "name_zh", "code")
    autocomplete_fields = ("customer",)
    prepopulated_fields = {"code": ("name_en",)}


@admin.register(ServicePackage, site=site)
class ServicePackageAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_zh", "code", "family", "rank", "price", "price_unit", "is_active")
    list_filter = ("family", "is_active")
    search_fields = ("name_en", "name_zh", "code")
    prepopulated_fields = {"code": ("name_en",)}
