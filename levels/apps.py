from django.apps import AppConfig


class LevelsConfig(AppConfig):
    name = "levels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from levels import change_panel, for_agreements, for_reviews, panels

        for_agreements.register()
        for_reviews.register()
        panels.show()
        change_panel.show()
