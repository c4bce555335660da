from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardsConfig(AppConfig):
    name = "boards"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from boards import models, panels
        from boards.lifecycle import LIFECYCLE
        from boards.verbs import VERBS
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.BOARD,
                model=models.BoardMeeting,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="boards:detail",
                is_ticket=False,
                moves={
                    "begin": _("Open the meeting"),
                    "end_session": _("End the meeting"),
                    "send_minutes": _("Send the minutes"),
                    "call_off": _("Cancel"),
                },
            )
        )
        verbs.register(VERBS)
        panels.register_panels()
