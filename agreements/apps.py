from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agreements import models
        from agreements.exporting import SOURCES
        from agreements.life_verbs import VERBS as LIFE_VERBS
        from agreements.lifecycle import LIFECYCLE, SHOWN_TO
        from agreements.verbs import VERBS
        from exports import sources
        from records import kinds, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.AGREEMENT,
                model=models.Edition,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="agreements:detail",
                customer_url="portal:agreement",
                shown_to=SHOWN_TO,
                is_ticket=False,
                moves={
                    "submit": _("Submit for review"),
                    "offer": _("Offer to the other party"),
                    "agree": _("Record agreement"),
                    "activate": _("Put in force"),
                    "return": _("Send back to draft"),
                    "ask_changes": _("Ask for changes"),
                    "withdraw": _("Withdraw"),
                    "supersede": _("Supersede"),
                    "expire": _("Expire"),
                    "terminate": _("Terminate"),
                },
                reasons=dict(models.WaitingFor.choices),
            )
        )
        verbs.register({**VERBS, **LIFE_VERBS})
        sources.register(*SOURCES)
