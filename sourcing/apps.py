from django.apps import AppConfig


class SourcingConfig(AppConfig):
    name = "sourcing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from records import files, verbs
        from sourcing.models import Document
        from sourcing.verbs import VERBS

        verbs.register(VERBS)
        files.keep(Document)
