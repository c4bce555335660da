from django.apps import AppConfig


class AssetsConfig(AppConfig):
    name = "assets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assets import news, panels
        from records import notices

        panels.register_all()
        notices.register(news.OTHERS)
