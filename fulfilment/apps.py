from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfilmentConfig(AppConfig):
    name = "fulfilment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from fulfilment import approvals, changes, facets, models, services
        from fulfilment.lifecycle import LIFECYCLE
        from fulfilment.panels import PANELS
        from fulfilment.verbs import VERBS
        from records import kinds, panels, reminders, verbs

        kinds.register(
            kinds.Process(
                kind=kinds.Kind.REQUEST,
                model=models.ServiceRequest,
                lifecycle=LIFECYCLE,
                labels=models.State,
                detail_url="fulfilment:detail",
                moves={
                    "ask_approval": _("Ask for approval"),
                    "release": _("Release"),
                    "reject": _("Reject"),
                    "quote": _("Send quotation"),
                    "accept_quote": _("Accept the quotation"),
                    "decline_quote": _("Decline the quotation"),
                    "start": _("Start work"),
                    "hold": _("Put on hold"),
                    "resume": _("Resume"),
                    "fulfil": _("Fulfil"),
                    "close": _("Close"),
                    "reopen": _("Reopen"),
                    "refuse": _("Cannot be met"),
                    "take_back": _("Take back"),
                    "cancel": _("Cancel request"),
                },
                reasons=dict(models.WaitingFor.choices),
                editable=frozenset({"title", "description", "priority", "quantity"}),
                resumed_by_reply=frozenset({models.WaitingFor.CUSTOMER.value}),
                reached=services.reached,
                on_breach=services.escalate_on_breach,
            )
        )
        verbs.register(VERBS)
        for panel in PANELS:
            panels.register(panel)
        changes.register_all()
        facets.register()
        reminders.register("requests", approvals.remind)
