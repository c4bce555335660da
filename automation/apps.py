from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationConfig(AppConfig):
    name = "automation"
    verbose_name = _("Automation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from automation import changes
        from automation.panel import PANEL, RUN_PANEL
        from automation.verbs import VERBS
        from records import panels, verbs

        verbs.register(VERBS)
        panels.register(PANEL)
        panels.register(RUN_PANEL)
        changes.register_all()
