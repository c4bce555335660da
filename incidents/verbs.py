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
    "incident.will_answer": Verb(
        _("passed it on: %(to)s will answer"),
        _("%(number)s: %(to)s will answer you"),
        _REQUESTER,
        is_public=True,
    ),
    "incident.attach": Verb(
        _("put it behind %(parent)s"), _("%(number)s is worked on with another ticket"), is_mechanical=True
    ),
    "incident.adopt": Verb(
        _("put %(child)s behind it"), _("%(number)s has another ticket behind it"), is_mechanical=True
    ),
    "incident.detach": Verb(
        _("detached it from %(parent)s"), _("%(number)s goes its own way again"), _HOLDER
    ),
    "incident.repeats": Verb(
        _("marked it as a repeat of %(other)s"), _("%(number)s is a repeat"), is_mechanical=True
    ),
    "incident.repeats_none": Verb(
        _("marked it as no repeat"), _("%(number)s is no repeat"), is_mechanical=True
    ),
    "incident.backfilled": Verb(
        _("logged it afterwards, as %(source)s told"), _("%(number)s was logged afterwards"), (To.OWNER,)
    ),
    "incident.bypassed": Verb(
        _("noted that %(person)s bypassed the service desk"),
        _("%(number)s bypassed the service desk"),
        is_mechanical=True,
    ),
    "incident.urge": Verb(
        _("urged us to go on"),
        _("%(number)s: the customer urges us (%(times)s times)"),
        (To.HOLDER, To.OWNER, To.TEAM),
        is_public=True,
        is_important=True,
    ),
    "incident.tell": Verb(
        _("told the user that the service works again"),
        _("%(number)s: the service works again"),
        _REQUESTER,
        is_public=True,
    ),
    "incident.management_required": Verb(
        _("asked for management to be informed within %(minutes)s minutes: %(why)s"),
        _("%(number)s: inform management within %(minutes)s minutes"),
        (*_HOLDER, To.SERVICE_LEVEL_MANAGERS),
        is_important=True,
    ),
    "incident.management_missed": Verb(
        _("noted that management was not informed in time: %(why)s"),
        _("%(number)s: management was not informed in time"),
        (*_HOLDER, To.SERVICE_LEVEL_MANAGERS),
        is_important=True,
    ),
    "incident.management_informed": Verb(
        _("informed %(person)s of the management: %(why)s"),
        _("%(number)s: management was informed"),
        (To.OWNER, To.WATCHERS),
    ),
    "incident.took_part": Verb(
        _("recorded that %(person)s takes part: %(part)s"),
        _("%(number)s: %(person)s takes part"),
        is_mechanical=True,
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
