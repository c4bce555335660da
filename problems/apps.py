"""Problems behind incidents, their causes, and known errors."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProblemsConfig(AppConfig):
    name = "problems"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from problems import lifecycle, models, panel, waiting
        from problems.exporting import SOURCES
        from problems.verbs import VERBS
        from records import kinds, panels, reminders, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.PROBLEM,
                model=models.Problem,
                lifecycle=lifecycle.LIFECYCLE,
                labels=models.State,
                detail_url="problems:detail",
                is_ticket=False,
                moves={
                    "accept_problem": _("Accept"),
                    "reject_problem": _("Reject"),
                    "begin_solution": _("Begin the solution"),
                    "resume_analysis": _("Back to the analysis"),
                    "solve_problem": _("Close as solved"),
                    "settle_problem": _("Close by workaround"),
                    "close_problem": _("Close directly"),
                    "reopen_problem": _("Reopen"),
                },
            )
        )
        kinds.register(
            kinds.Process(
                kind=kinds.Kind.KNOWN_ERROR,
                model=models.KnownError,
                lifecycle=lifecycle.KNOWN,
                labels=models.KnownState,
                detail_url="problems:known-error",
                is_ticket=False,
                moves={
                    "end_known_error": _("The fault is gone"),
                    "renew_known_error": _("The fault is there again"),
                    "drop_known_error": _("It is no known error"),
                },
            )
        )
        verbs.register(VERBS)
        panels.register(panel.PANEL)
        reminders.register("problems", waiting.remind)
        sources.register(*SOURCES)
