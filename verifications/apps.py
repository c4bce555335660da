from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerificationsConfig(AppConfig):
    name = "verifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cmdb.panels import ItemPanel, register
        from records import kinds, verbs
        from verifications import models, panels
        from verifications.lifecycle import LIFECYCLE
        from verifications.verbs import VERBS

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.ITEM_AUDIT,
                model=models.ItemAudit,
                lifecycle=LIFECYCLE,
                labels=models.AuditState,
                detail_url="verifications:detail",
                is_ticket=False,
                moves={
                    "draw_sample": _("Draw the sample and begin"),
                    "conclude_audit": _("Conclude the audit"),
                    "return_audit": _("Send the report back"),
                    "approve_audit": _("Approve the report"),
                    "call_off_audit": _("Cancel"),
                },
            )
        )
        verbs.register(VERBS)
        register(ItemPanel("audits", 60, "verifications/_panel.html", panels.content))
