"""What is decided about suppliers because of an edition of an agreement, for its log."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_MAKERS = (To.REQUESTER, To.WATCHERS, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "sourcing.needed": Verb(
        _("decided that an external service is needed (%(action)s)"),
        _("%(number)s: an external service is needed"),
        _MAKERS,
    ),
    "sourcing.not_needed": Verb(
        _("decided that no external service is needed"),
        _("%(number)s: no external service is needed"),
        _MAKERS,
    ),
    "sourcing.contract_linked": Verb(
        _("linked the contract %(contract)s with %(supplier)s"),
        _("%(number)s: a contract with a supplier was linked"),
        _MAKERS,
    ),
}
