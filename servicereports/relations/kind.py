"""What the kernel must know of relationship reports."""

from django.utils.translation import gettext_lazy as _

from records import kinds, verbs


def register() -> None:
    """Called when the app is ready; safe to repeat."""
    from servicereports.relations import lifecycle, models
    from servicereports.relations.verbs import VERBS

    kinds.register(
        kinds.Process(
            kind=kinds.Kind.RELATION,
            model=models.RelationReport,
            lifecycle=lifecycle.LIFECYCLE,
            labels=models.State,
            detail_url="servicereports:relation",
            customer_url="servicereports:portal-relation",
            is_ticket=False,
            shown_to={"customer_manager": frozenset({lifecycle.SHOWN})},
            moves={
                "endorse": _("Approve and freeze the figures"),
                "present": _("Show it to the customer"),
                "call_off": _("Cancel"),
            },
        )
    )
    verbs.register(VERBS)
