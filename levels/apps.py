from django.apps import AppConfig


class LevelsConfig(AppConfig):
    name = "levels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from levels import for_reviews

        for_reviews.register()
