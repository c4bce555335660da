"""What managers set about complaints, kept in the back office."""

from django.contrib import admin

from accounts.backoffice import site
from customers.models import AnswerTerm, Duty


@admin.register(AnswerTerm, site=site)
class AnswerTermAdmin(admin.ModelAdmin[AnswerTerm]):
    list_display = ("agreement", "days", "is_working")
    list_select_related = ("agreement",)
    autocomplete_fields = ()


@admin.register(Duty, site=site)
class DutyAdmin(admin.ModelAdmin[Duty]):
    list_display = ("part", "customer", "user")
    list_select_related = ("customer", "user")
    list_filter = ("part",)
