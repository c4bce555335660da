from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnnouncementsConfig(AppConfig):
    name = "announcements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.access import Role
        from announcements import models, panels
        from announcements.lifecycle import LIFECYCLE, SHOWN
        from announcements.verbs import VERBS
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.ANNOUNCEMENT,
                model=models.Announcement,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="announcements:detail",
                customer_url="announcements:portal",
                is_ticket=False,
                moves={
                    "announce": _("Publish"),
                    "announce_end": _("End"),
                    "announce_discard": _("Discard"),
                },
                shown_to={Role.CUSTOMER: SHOWN, Role.CUSTOMER_MANAGER: SHOWN},
            )
        )
        verbs.register(VERBS)
        panels.register_all()
