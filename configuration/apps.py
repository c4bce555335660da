from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "configuration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from configuration import panels
        from configuration.exporting import SOURCES
        from exports import sources

        panels.register_all()
        sources.register(*SOURCES)
