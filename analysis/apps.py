from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalysisConfig(AppConfig):
    name = "analysis"
    verbose_name = _("Analysis")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analysis import comparing
        from analysis.verbs import VERBS
        from records import panels, verbs
        from records.kinds import Kind

        verbs.register(VERBS)
        panels.register(
            panels.Panel(
                "comparisons", 40, "analysis/_panel.html", comparing.panel,
                kinds=frozenset({Kind.IMPROVEMENT.value}),
            )
        )  # fmt: skip
