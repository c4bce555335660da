from django.apps import AppConfig


class KpisConfig(AppConfig):
    name = "kpis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from kpis import due
        from kpis.exporting import SOURCES
        from records import notices

        notices.register(due.OTHERS)
        sources.register(*SOURCES)
