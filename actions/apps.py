from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    name = "actions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from actions import lifecycle, models, selfcheck
        from actions.exporting import SOURCES
        from actions.verbs import VERBS
        from exports import sources
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.ACTION,
                model=models.Action,
                lifecycle=lifecycle.ACTION,
                labels=models.ActionState,
                detail_url="actions:detail",
                is_ticket=False,
                moves={
                    "start": _("Begin"),
                    "finish": _("Finish"),
                    "confirm_effect": _("Confirm the effect"),
                    "redo": _("Send back"),
                    "call_off": _("Cancel"),
                },
            )
        )
        kinds.register(
            kinds.Process(
                kind=kinds.Kind.IMPROVEMENT,
                model=models.ImprovementPlan,
                lifecycle=lifecycle.PLAN,
                labels=models.PlanState,
                detail_url="actions:plan",
                is_ticket=False,
                moves={
                    "approve": _("Approve"),
                    "begin": _("Begin"),
                    "conclude": _("Close"),
                    "withdraw": _("Withdraw"),
                },
            )
        )
        verbs.register(VERBS)
        selfcheck.register()
        sources.register(*SOURCES)
