from django.apps import AppConfig


class ShiftsConfig(AppConfig):
    name = "shifts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from records import panels
        from shifts import panel

        panels.register(panel.PANEL)
