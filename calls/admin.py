"""Hotlines and their menus in the back office."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _

from accounts.admin import KeepsRows
from accounts.backoffice import site
from calls.models import Branch, Hotline
from calls.numbers import key_of


class HotlineForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Hotline
        fields = ("name_en", "name_zh", "code", "number", "service", "team", "goal", "is_active")

    def clean_number(self) -> str:
        """However it is written, a number is one hotline's."""
        number: str = self.cleaned_data["number"]
        if not (key := key_of(number)):
            raise forms.ValidationError(_("This is no telephone number."), code="invalid")
        if Hotline.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another hotline has this number."), code="unique")
        return number


class BranchInline(KeepsRows, admin.TabularInline):  # type: ignore[type-arg]
    model = Branch
    extra = 0
    autocomplete_fields = ("service", "team")


@admin.register(Hotline, site=site)
class HotlineAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    """A number with what a ticket from it is usually about, and the branches of its menu."""

    form = HotlineForm
    list_display = ("name_en", "name_zh", "number", "service", "team", "goal", "is_active")
    list_select_related = ("service", "team")
    search_fields = ("name_en", "name_zh", "code", "number")
    prepopulated_fields = {"code": ("name_en",)}
    autocomplete_fields = ("service", "team")
    inlines = (BranchInline,)
