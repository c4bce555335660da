from django.apps import AppConfig


class AssetsConfig(AppConfig):
    name = "assets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assets import news, panels
        from assets.exporting import SOURCES
        from exports import sources
        from records import notices

        panels.register_all()
        notices.register(news.OTHERS)
        sources.register(*SOURCES)
