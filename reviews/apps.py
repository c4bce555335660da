from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from records import kinds, verbs
        from reviews import findings, models
        from reviews.lifecycle import LIFECYCLE
        from reviews.verbs import VERBS

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.REVIEW,
                model=models.Review,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="reviews:detail",
                customer_url="reviews:portal",
                is_ticket=False,
                moves={
                    "record_meeting": _("Record that it was held"),
                    "send_minutes": _("Send the minutes"),
                    "conclude": _("Close"),
                    "call_off": _("Cancel"),
                },
            )
        )
        verbs.register(VERBS)
        findings.register()
