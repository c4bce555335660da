from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MajorsConfig(AppConfig):
    name = "majors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from majors import models, panels
        from majors.lifecycle import LIFECYCLE
        from majors.verbs import VERBS
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.MAJOR,
                model=models.Major,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="majors:detail",
                is_ticket=False,
                moves={
                    "downgrade": _("Downgrade"),
                    "stand_down": _("End it"),
                    "wrap_up": _("Close"),
                },
            )
        )
        verbs.register(VERBS)
        panels.register_all()
