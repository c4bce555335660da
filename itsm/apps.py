from django.apps import AppConfig


class ItsmConfig(AppConfig):
    name = "itsm"

    def ready(self) -> None:
        # The Celery app must exist before any task module is imported; the checks register themselves.
        from itsm import celery, checks  # noqa: F401
