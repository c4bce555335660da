"""What the kernel must know of self-assessments."""

from django.utils.translation import gettext_lazy as _

from records import kinds, verbs


def register() -> None:
    """Called when the app is ready; safe to repeat."""
    from servicereports.assessments import models
    from servicereports.assessments.lifecycle import LIFECYCLE
    from servicereports.assessments.verbs import VERBS

    kinds.register(
        kinds.Process(
            kind=kinds.Kind.ASSESSMENT,
            model=models.Assessment,
            lifecycle=LIFECYCLE,
            labels=models.State,
            detail_url="servicereports:assessment",
            is_ticket=False,
            moves={
                "hand_in": _("Submit to the supervisory body"),
                "send_back": _("Return"),
                "endorse": _("Accept"),
            },
        )
    )
    verbs.register(VERBS)
