from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessReportsConfig(AppConfig):
    name = "processreports"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Reports of processes")

    def ready(self) -> None:
        from processreports import for_kpis, lifecycle, models, parts
        from processreports.verbs import VERBS
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.PROCESS_REPORT,
                model=models.ProcessReport,
                lifecycle=lifecycle.LIFECYCLE,
                labels=models.State,
                detail_url="processreports:detail",
                customer_url="processreports:portal",
                is_ticket=False,
                shown_to={"customer_manager": frozenset({lifecycle.PUBLISHED})},
                moves={
                    "word_report": _("Comment"),
                    "turn_back_report": _("Send back"),
                    "approve_report": _("Approve and freeze the figures"),
                    "publish_report": _("Publish"),
                    "issue_report": _("Send to the recipients"),
                    "drop_report": _("Cancel"),
                },
            )
        )
        verbs.register(VERBS)
        for_kpis.register()
        parts.register()
