from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldworkConfig(AppConfig):
    name = "fieldwork"
    verbose_name = _("On-site work")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from fieldwork import panel, promises
        from fieldwork.models import ServiceForm
        from fieldwork.verbs import VERBS
        from records import files, panels, verbs
        from sla import appointments

        verbs.register(VERBS)
        files.keep(ServiceForm)
        appointments.register(promises.promised)
        for each in panel.PANELS:
            panels.register(each)
