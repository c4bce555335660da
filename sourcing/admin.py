"""What buying needs, in the back office: from which amount on who grants a procurement."""

from django.contrib import admin

from accounts.backoffice import site
from sourcing.models import ApprovalBand


@admin.register(ApprovalBand, site=site)
class ApprovalBandAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("up_to", "needed", "role")
