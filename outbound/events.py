"""What a subscription may ask for: verbs of the log, one by one or by their process."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from records.verbs import registered

EVERYTHING = "*"
# Offered on the page; the interface takes every verb there is.
OFFERED = {
    EVERYTHING: _("Every event"),
    "incident.*": _("Every move of incidents"),
    "incident.open": _("An incident was opened"),
    "incident.hold": _("An incident was put on hold"),
    "incident.resolve": _("An incident was resolved"),
    "incident.reopen": _("An incident was reopened"),
    "incident.close": _("An incident was closed"),
    "record.assigned": _("A ticket was assigned"),
    "record.escalated": _("A ticket was escalated"),
    "record.replied": _("The desk replied"),
    "record.asked": _("The customer wrote"),
    "sla.warned": _("A target comes near"),
    "sla.breached": _("A target was missed"),
}


def unknown(events: Iterable[str]) -> list[str]:
    """Those that name neither a verb nor a process."""
    verbs = registered()
    processes = {f"{verb.partition('.')[0]}.*" for verb in verbs}
    return [each for each in events if each not in verbs and each not in processes and each != EVERYTHING]
