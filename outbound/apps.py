from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboundConfig(AppConfig):
    name = "outbound"
    verbose_name = _("Webhooks and robots")
    default_auto_field = "django.db.models.BigAutoField"
