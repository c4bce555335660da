from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from portal.exporting import SOURCES

        sources.register(*SOURCES)
