from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SlaConfig(AppConfig):
    name = "sla"
    verbose_name = _("Calendars and agreements")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sla import catalogue_checks

        catalogue_checks.register()
