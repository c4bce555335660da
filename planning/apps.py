from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "planning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from planning import models
        from planning.exporting import SOURCES
        from planning.lifecycle import LIFECYCLE
        from planning.verbs import VERBS
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.REQUIREMENT,
                model=models.ServiceLevelRequirement,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="planning:detail",
                customer_url="planning:need",
                is_ticket=False,
                moves={
                    "define": _("Begin to define it"),
                    "fix_baseline": _("Fix the baseline"),
                    "plan_service": _("Finish the planning"),
                    "make_agreement": _("Draft the agreement"),
                    "decline": _("Decline"),
                },
            )
        )
        verbs.register(VERBS)
        sources.register(*SOURCES)
