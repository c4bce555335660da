from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransitionsConfig(AppConfig):
    name = "transitions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from records import kinds, verbs
        from transitions import lifecycle, models
        from transitions.exporting import SOURCES
        from transitions.verbs import VERBS

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.TRANSITION,
                model=models.Transition,
                lifecycle=lifecycle.LIFECYCLE,
                way_of=lambda row: lifecycle.RETIRE if row.is_retirement else lifecycle.BRING,
                ways=(lifecycle.BRING, lifecycle.RETIRE),
                labels=models.State,
                detail_url="transitions:detail",
                is_ticket=False,
                moves={
                    "settle_design": _("Settle the design"),
                    "begin_switch": _("Begin the implementation"),
                    "go_live": _("Go live"),
                    "take_out": _("Take the service out"),
                    "step_back": _("Go back to the preparation"),
                    "end_watch": _("Close the transition"),
                    "abandon": _("Give the transition up"),
                },
            )
        )
        verbs.register(VERBS)
        sources.register(*SOURCES)
