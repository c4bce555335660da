from django.apps import AppConfig


class ItsmConfig(AppConfig):
    name = "itsm"

    def ready(self) -> None:
        # The Celery app must exist before any task module is imported; the checks register themselves.
        from incidents import oncall
        from itsm import celery, checks  # noqa: F401
        from shifts import queries

        # who is on call is known to the roster, which knows no process (INC-22)
        oncall.register(queries.first_on_call)
