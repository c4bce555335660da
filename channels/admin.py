"""Mailboxes and domains in the back office, with a test of the connection."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin import KeepsRows
from accounts.backoffice import site
from channels import imap, tasks
from channels.models import Mailbox, MailDomain


@admin.register(Mailbox, site=site)
class MailboxAdmin(KeepsRows, admin.ModelAdmin):  # type: ignore[type-arg]
    """Where mail is read and what becomes of it. The password is in the environment and shown nowhere."""

    list_display = ("address", "host", "is_active", "fetched_at", "failed_at", "last_error")
    list_filter = ("is_active",)
    search_fields = ("address", "host")
    autocomplete_fields = ("team", "customer")
    readonly_fields = ("fetched_at", "failed_at", "last_error")
    actions = ("test_connection", "fetch_now")
    fieldsets = (
        (None, {"fields": ("address", "is_active")}),
        (
            gettext_lazy("Server"),
            {"fields": ("host", "port", "security", "username", "password_variable", "folder")},
        ),
        (gettext_lazy("Mails on the server"), {"fields": ("after", "move_to", "skip_before")}),
        (gettext_lazy("New tickets"), {"fields": ("customer", "service", "team")}),
        (
            gettext_lazy("Answers"),
            {"fields": ("has_subaddresses", "joins", "staff_answers_are_public")},
        ),
        (gettext_lazy("Protection"), {"fields": ("trusted_server", "most_per_hour")}),
        (gettext_lazy("Reading"), {"fields": ("fetched_at", "failed_at", "last_error")}),
    )

    @admin.action(description=gettext_lazy("Test the connection"))
    def test_connection(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        """Log in, open the folder, count: nothing is fetched or changed."""
        for mailbox in queryset:
            try:
                with imap.opened(mailbox) as folder:
                    count = folder.count()
            except imap.ImapError as error:
                words = _("The mailbox %(address)s cannot be read: %(why)s")
                messages.error(request, words % {"address": mailbox.address, "why": error})
            else:
                said = ngettext(
                    "The mailbox %(address)s can be read; there is %(n)s mail in the folder.",
                    "The mailbox %(address)s can be read; there are %(n)s mails in the folder.",
                    count,
                )
                messages.success(request, said % {"address": mailbox.address, "n": count})

    @admin.action(description=gettext_lazy("Read now"))
    def fetch_now(self, request: HttpRequest, queryset: QuerySet[Mailbox]) -> None:
        for mailbox in queryset.filter(is_active=True):
            tasks.fetch_mailbox.delay(mailbox.pk)
        messages.success(
            request, _("Active mailboxes are being read; look at the list of mails in a moment.")
        )


@admin.register(MailDomain, site=site)
class MailDomainAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("domain", "customer", "makes_contacts")
    list_select_related = ("customer",)
    search_fields = ("domain", "customer__name_en", "customer__name_zh")
    autocomplete_fields = ("customer",)
