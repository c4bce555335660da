"""The verbs of complaints, for the log, notices and mails."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_DESK = (To.OWNER, To.HOLDER)
_CUSTOMER = (To.REQUESTER, To.WATCHERS)
_LEADERS = (*_DESK, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "complaint.open": Verb(
        _("sent it"),
        _("%(number)s was received"),
        (*_LEADERS, *_CUSTOMER),
        is_public=True,
        is_important=True,
    ),
    "complaint.acknowledge": Verb(
        _("confirmed that it is being looked into"),
        _("%(number)s is being looked into"),
        _CUSTOMER,
        is_public=True,
    ),
    "complaint.judge": Verb(_("judged it %(verdict)s"), _("%(number)s was judged %(verdict)s"), _DESK),
    "complaint.answer": Verb(
        _("answered"), _("%(number)s was answered"), _CUSTOMER, is_public=True, is_important=True
    ),
    "complaint.handle": Verb(
        _("said what was done"),
        _("%(number)s: what was done"),
        _CUSTOMER,
        is_public=True,
        is_important=True,
    ),
    "complaint.close": Verb(_("closed it"), _("%(number)s is closed"), _CUSTOMER, is_public=True),
    "complaint.reopen": Verb(
        _("was not content and took it up again"),
        _("%(number)s was taken up again"),
        _LEADERS,
        is_public=True,
        is_important=True,
    ),
    "complaint.retract": Verb(
        _("took it back"), _("%(number)s was taken back"), (*_DESK, *_CUSTOMER), is_public=True
    ),
    "complaint.escalate": Verb(
        _("escalated it to %(leader)s as major"),
        _("%(number)s is a major complaint and was escalated to %(leader)s"),
        (*_LEADERS, To.WATCHERS),
        is_important=True,
    ),
    "complaint.rate_outcome": Verb(
        _("gave the outcome %(score)s of 5"),
        _("%(number)s: the outcome was given %(score)s of 5"),
        _LEADERS,
        is_public=True,
    ),
    "complaint.found": Verb(
        _("recorded what was found about the person"),
        _("%(number)s: what was found was recorded"),
        (To.OWNER,),
    ),
    "complaint.warned": Verb(
        _("reminds: the answer is due on %(due)s"),
        _("%(number)s: the answer is due on %(due)s"),
        _LEADERS,
        is_important=True,
        is_mechanical=True,
    ),
    "complaint.overdue": Verb(
        _("says that it was not answered in time"),
        _("%(number)s was not answered in time"),
        _LEADERS,
        is_important=True,
    ),
}
