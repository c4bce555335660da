"""The verbs of complaints, surveys and callbacks, for the log, notices and mails."""

from django.utils.translation import gettext_lazy as _

from customers.links import path_of
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
        _("answered it"), _("%(number)s was answered"), _CUSTOMER, is_public=True, is_important=True
    ),
    "complaint.handle": Verb(
        _("said what was done"),
        _("%(number)s: what was done"),
        _CUSTOMER,
        is_public=True,
        is_important=True,
    ),
    "complaint.close": Verb(_("closed the complaint"), _("%(number)s is closed"), _CUSTOMER, is_public=True),
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
    "survey.open": Verb(_("prepared the survey"), _("%(number)s was prepared"), is_mechanical=True),
    "survey.begin": Verb(_("began to ask"), _("%(number)s has begun"), (To.OWNER,)),
    "survey.conclude": Verb(_("closed the survey"), _("%(number)s was closed"), (To.OWNER,)),
    "survey.withdraw": Verb(_("withdrew the survey"), _("%(number)s was withdrawn"), is_mechanical=True),
    "survey.invite": Verb(
        _("asked %(count)s people for their opinion"),
        _("We would like to have your opinion"),
        (To.WATCHERS,),
        is_public=True,
        is_important=True,
        link=path_of,
    ),
    "survey.ask": Verb(
        _("asked %(person)s how it went"),
        _("%(number)s: how did it go?"),
        (To.REQUESTER,),
        is_public=True,
        is_important=True,
        link=path_of,
    ),
    "survey.bad": Verb(
        _("received an answer that is not good"),
        _("%(number)s: somebody is not content, please decide what follows"),
        (To.OWNER, To.SERVICE_LEVEL_MANAGERS),
        is_important=True,
    ),
    "callback.reached": Verb(
        _("called the customer: %(content)s"), _("%(number)s: the customer was called"), is_mechanical=True
    ),
    "callback.missed": Verb(
        _("called the customer and reached nobody"),
        _("%(number)s: the customer was not reached"),
        is_mechanical=True,
    ),
}
