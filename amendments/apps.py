from django.apps import AppConfig


class AmendmentsConfig(AppConfig):
    name = "amendments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agreements import amending
        from amendments import panels, services

        amending.register(
            amending.Governor(
                "amendments",
                submitted=services.submitted,
                before_force=services.before_force,
                in_force=services.in_force,
                given_up=services.given_up,
            )
        )
        panels.register_all()
