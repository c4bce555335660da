"""What is set about complaints and callbacks, kept in the back office."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.backoffice import site
from customers.models import AnswerTerm, CallbackRule, Duty


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


@admin.register(CallbackRule, site=site)
class CallbackRuleAdmin(admin.ModelAdmin[CallbackRule]):
    list_display = ("customer", "service", "priority", "share", "due_days", "goal", "is_active")
    list_select_related = ("customer", "service")
    list_filter = ("is_active",)

    @admin.display(description=_("percent of the tickets"), ordering="percent")
    def share(self, rule: CallbackRule) -> str:
        return f"{rule.percent}\u00a0%"

    @admin.display(description=_("goal of the callback rate"), ordering="goal_percent")
    def goal(self, rule: CallbackRule) -> str:
        return f"{rule.goal_percent}\u00a0%"
