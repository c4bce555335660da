from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcingConfig(AppConfig):
    name = "sourcing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import sources
        from incidents import supplying
        from records import files, kinds, panels, verbs
        from sourcing import handed, models, panel, purchase_lifecycle
        from sourcing.exporting import SOURCES
        from sourcing.verbs import VERBS

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.PROCUREMENT,
                model=models.Purchase,
                lifecycle=purchase_lifecycle.LIFECYCLE,
                labels=models.State,
                detail_url="sourcing:purchase",
                is_ticket=False,
                moves={
                    "ask_purchase": _("Ask for approval"),
                    "grant_purchase": _("Approve"),
                    "refuse_purchase": _("Do not approve"),
                    "place_order": _("Order"),
                    "accept_goods": _("Accept the goods"),
                    "reject_goods": _("Reject the goods"),
                    "await_goods": _("Await a replacement"),
                    "settle_goods": _("Settle the rejected goods"),
                    "drop_purchase": _("Give up"),
                },
            )
        )
        verbs.register(VERBS)
        files.keep(models.Document)
        supplying.on_handed("sourcing", handed.announce_one)
        for each in panel.PANELS:
            panels.register(each)
        sources.register(*SOURCES)
