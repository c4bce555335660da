"""The outbox in the back office: what waits, what was given up and why, and sending it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.backoffice import site
from records import delivery
from records.models import Delivery


@admin.register(Delivery, site=site)
class DeliveryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Mails to read; nothing is added, changed or deleted here."""

    list_display = ("number", "recipient", "state", "attempts", "available_at", "last_error")
    list_display_links = None
    list_filter = ("state",)
    list_select_related = ("activity__record", "recipient")
    search_fields = ("recipient__display_name", "recipient__email")
    ordering = ("-pk",)
    show_full_result_count = False
    actions = ("send_again",)

    @admin.display(description=gettext_lazy("number"))
    def number(self, row: Delivery) -> str:
        return row.activity.record.number

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Notices are their own rows and never fail."""
        return super().get_queryset(request).filter(channel=Delivery.Channel.EMAIL)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Send again what was given up"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = delivery.send_again(queryset, now=timezone.now())
        messages.success(request, _("Offered again: %(n)s.") % {"n": count})
