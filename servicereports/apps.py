from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceReportsConfig(AppConfig):
    name = "servicereports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from records import kinds, verbs
        from servicereports import models
        from servicereports.assessments import kind as assessments
        from servicereports.exporting import SOURCES
        from servicereports.lifecycle import LIFECYCLE, SENT
        from servicereports.relations import kind as relations
        from servicereports.verbs import VERBS

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.REPORT,
                model=models.ServiceReport,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="servicereports:detail",
                customer_url="servicereports:portal",
                is_ticket=False,
                shown_to={"customer_manager": SENT},
                moves={
                    "comment": _("Comment"),
                    "return": _("Send back"),
                    "approve": _("Approve and close the period"),
                    "publish": _("Publish"),
                    "restate": _("Correct the figures"),
                    "call_off": _("Cancel"),
                },
            )
        )
        verbs.register(VERBS)
        assessments.register()
        relations.register()
        sources.register(*SOURCES)
