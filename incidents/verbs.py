"""The verbs of an incident's moves, for the log, notices and mails."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_REQUESTER = (To.REQUESTER, To.WATCHERS)
_HOLDER = (To.HOLDER, To.OWNER)

VERBS = {
    "incident.open": Verb(
        _("opened it"),
        _("%(number)s was received"),
        (To.HOLDER, *_REQUESTER),
        is_public=True,
        is_important=True,
    ),
    "incident.start": Verb(_("started work"), _("%(number)s is being worked on"), _REQUESTER, is_public=True),
    "incident.hold": Verb(
        _("put it on hold: waiting for %(reason)s"),
        _("%(number)s is waiting"),
        _REQUESTER,
        is_public=True,
        is_important=True,
    ),
    # which supplier is no business of the customer's, so it is told apart from the hold
    "incident.to_supplier": Verb(
        _("handed it to %(supplier)s (their number: %(reference)s)"),
        _("%(number)s was handed to a supplier"),
        is_mechanical=True,
    ),
    "incident.supplier_replied": Verb(
        _("recorded the answer of %(supplier)s"), _("%(number)s: the supplier answered"), _HOLDER
    ),
    "incident.resume": Verb(_("resumed work"), _("Work on %(number)s goes on"), _HOLDER, is_public=True),
    "incident.arrive": Verb(
        _("arrived on site"), _("%(number)s: we are on site"), _REQUESTER, is_public=True
    ),
    "incident.restore": Verb(
        _("restored the service"),
        _("%(number)s: the service works again"),
        _REQUESTER,
        is_public=True,
        is_important=True,
    ),
    "incident.resolve": Verb(
        _("resolved it: %(code)s"),
        _("%(number)s is solved: please confirm"),
        _REQUESTER,
        is_public=True,
        is_important=True,
    ),
    "incident.close": Verb(_("closed it"), _("%(number)s is closed"), _REQUESTER, is_public=True),
    "incident.reopen": Verb(
        _("reopened it"),
        _("%(number)s was reopened"),
        _HOLDER,
        is_public=True,
        is_important=True,
    ),
    "incident.cancel": Verb(_("cancelled it"), _("%(number)s was cancelled"), _REQUESTER, is_public=True),
}
