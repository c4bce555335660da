from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from monitoring.exporting import SOURCES
        from monitoring.queries import PANEL
        from monitoring.verbs import VERBS
        from records import panels, verbs

        verbs.register(VERBS)
        panels.register(PANEL)
        sources.register(*SOURCES)
