from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "exports"
    verbose_name = _("Exports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources, tickets
        from exports.models import Export
        from exports.news import OTHERS
        from records import files, notices

        files.keep(Export)
        notices.register(OTHERS)
        sources.register(tickets.QUEUE)
