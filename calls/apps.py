from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "calls"
    verbose_name = _("Telephone")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from calls import contacts
        from calls.exporting import SOURCES
        from calls.queries import PANEL
        from calls.verbs import VERBS
        from exports import sources
        from records import contacts as all_contacts
        from records import panels, verbs

        all_contacts.register("1-telephone", contacts.ways)

        panels.register(PANEL)
        verbs.register(VERBS)
        sources.register(*SOURCES)
