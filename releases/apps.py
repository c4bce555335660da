from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReleasesConfig(AppConfig):
    name = "releases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from records import kinds, verbs
        from releases import models, panels
        from releases.exporting import SOURCES
        from releases.lifecycle import LIFECYCLE
        from releases.verbs import VERBS

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.RELEASE,
                model=models.Release,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="releases:detail",
                is_ticket=False,
                moves={
                    "make_ready": _("Find it ready for deployment"),
                    "replan": _("Go back to the plan"),
                    "deploy": _("Begin the deployment"),
                    "put_in_service": _("Put it into service"),
                    "back_out": _("Record that it is backed out"),
                    "give_up": _("Record that it failed without back-out"),
                    "end_monitoring": _("End the monitoring"),
                    "hand_in_report": _("Hand the report in"),
                    "return_report": _("Give the report back"),
                    "review_report": _("Review the conclusions"),
                    "call_off_release": _("Call it off"),
                },
            )
        )
        verbs.register(VERBS)
        panels.register_all()
        sources.register(*SOURCES)
