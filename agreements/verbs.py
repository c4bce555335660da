"""The verbs of an edition's moves and decisions, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_MAKERS = (To.REQUESTER, To.OWNER, To.WATCHERS, To.SERVICE_LEVEL_MANAGERS)
# what the customer's contacts are told, and may read, besides those who make it
_BOTH = (*_MAKERS, To.CUSTOMER_MANAGERS)

VERBS = {
    "agreement.open": Verb(_("began a draft"), _("%(number)s: a draft was begun")),
    "agreement.revise": Verb(_("changed %(parts)s"), _("%(number)s was changed"), is_mechanical=True),
    "agreement.submit": Verb(
        _("submitted it for internal review"),
        _("%(number)s waits for your review"),
        _MAKERS,
        is_important=True,
    ),
    "agreement.countersign": Verb(_("reviewed it: %(result)s"), _("%(number)s was reviewed"), _MAKERS),
    "agreement.check_legality": Verb(
        _("recorded the legality check: %(result)s"), _("%(number)s: the legality check is done"), _MAKERS
    ),
    "agreement.offer": Verb(
        _("offered it to the other party"),
        _("%(number)s: the agreement is offered for review"),
        _BOTH,
        is_public=True,
        is_important=True,
    ),
    "agreement.remark": Verb(
        _("remarked on “%(where)s”"),
        _("%(number)s: the customer has a remark on “%(where)s”"),
        _MAKERS,
        is_public=True,
        is_important=True,
    ),
    "agreement.answer_remark": Verb(
        _("answered the remark on “%(where)s”: %(outcome)s"),
        _("%(number)s: the remark on “%(where)s” is answered: %(outcome)s"),
        _BOTH,
        is_public=True,
    ),
    "agreement.agree": Verb(
        _("recorded the other party's agreement"),
        _("%(number)s was agreed to"),
        _MAKERS,
        is_public=True,
        is_important=True,
    ),
    "agreement.ask_changes": Verb(
        _("asked for changes; it is a draft again"),
        _("%(number)s: the customer asks for changes"),
        _MAKERS,
        is_public=True,
        is_important=True,
    ),
    "agreement.return": Verb(
        _("sent it back to draft"), _("%(number)s was sent back to draft"), _MAKERS, is_important=True
    ),
    "agreement.sign": Verb(
        _("recorded the signature of %(party)s: %(person)s"),
        _("%(number)s was signed"),
        _MAKERS,
        is_public=True,
        is_important=True,
    ),
    "agreement.excuse": Verb(
        _("decided to accept %(target)s although it is not proved"),
        _("%(number)s: a target was accepted although it is not proved"),
        _MAKERS,
        is_important=True,
    ),
    "agreement.activate": Verb(
        _("put it in force from %(day)s"),
        _("%(number)s is in force"),
        _BOTH,
        is_public=True,
        is_important=True,
    ),
    "agreement.withdraw": Verb(_("withdrew it"), _("%(number)s was withdrawn"), _MAKERS),
    "agreement.supersede": Verb(
        _("replaced it by a later edition"), _("%(number)s was replaced"), is_mechanical=True
    ),
    "agreement.expire": Verb(
        _("let it expire"), _("%(number)s has expired"), _BOTH, is_public=True, is_important=True
    ),
    "agreement.terminate": Verb(
        _("terminated it as of %(day)s"),
        _("%(number)s was terminated"),
        _BOTH,
        is_public=True,
        is_important=True,
    ),
    "agreement.follow_up": Verb(
        _("finished the follow-up on %(other)s: %(outcome)s"),
        _("%(number)s: a follow-up is finished"),
        _MAKERS,
    ),
}
