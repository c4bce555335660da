"""The verbs of a request's moves, for the log, notices and mails."""

from django.utils.translation import gettext_lazy as _

from fulfilment.links import address_of
from records.verbs import To, Verb

_REQUESTER = (To.REQUESTER, To.WATCHERS)
_HOLDER = (To.HOLDER, To.OWNER)

VERBS = {
    "request.open": Verb(
        _("ordered it"), _("%(number)s was ordered"), (To.HOLDER, *_REQUESTER), is_public=True,
        is_important=True,
    ),
    "request.ask_approval": Verb(
        _("asked for approval"), _("%(number)s waits for approval"), _REQUESTER, is_public=True
    ),
    "request.approval_asked": Verb(
        _("asked %(names)s for approval: %(stage)s"), _("%(number)s: your approval is asked for"),
        (To.NAMED,), is_public=True, is_important=True, link=address_of,
    ),
    "request.approval_reminded": Verb(
        _("reminded %(names)s: %(stage)s is waited for"), _("%(number)s: your approval is still waited for"),
        (To.NAMED,), is_public=True, is_important=True, is_mechanical=True, link=address_of,
    ),
    "request.approval_orphaned": Verb(
        _("found nobody who may approve: %(stage)s"), _("%(number)s: name somebody who approves it"),
        (To.OWNER, To.HOLDER, To.SERVICE_LEVEL_MANAGERS), is_important=True,
    ),
    "request.approved_stage": Verb(
        _("approved: %(stage)s"), _("%(number)s: %(stage)s was approved"), _REQUESTER, is_public=True
    ),
    "request.release": Verb(
        _("released it for work: all approvals are there"), _("%(number)s is approved"),
        (To.HOLDER, *_REQUESTER), is_public=True, is_important=True,
    ),
    "request.reject": Verb(
        _("rejected it"), _("%(number)s was rejected"), _REQUESTER, is_public=True, is_important=True
    ),
    "request.quote": Verb(
        _("sent a quotation of %(total)s"), _("%(number)s: a quotation waits for your decision"),
        (To.CUSTOMER_MANAGERS, *_REQUESTER), is_public=True, is_important=True,
    ),
    "request.accept_quote": Verb(
        _("accepted the quotation of %(total)s"), _("%(number)s: the quotation was accepted"), _HOLDER,
        is_public=True, is_important=True,
    ),
    "request.decline_quote": Verb(
        _("declined the quotation of %(total)s"), _("%(number)s: the quotation was declined"),
        (*_HOLDER, *_REQUESTER), is_public=True, is_important=True,
    ),
    "request.charge": Verb(
        _("marked it as chargeable"), _("%(number)s is chargeable"), _REQUESTER, is_public=True
    ),
    "request.task_ready": Verb(
        _("opened the task “%(task)s”"), _("%(number)s: the task “%(task)s” is to be done"), (To.NAMED,),
        is_mechanical=True,
    ),
    "request.task_added": Verb(
        _("added the task “%(task)s”"), _("%(number)s: a task was added"), is_mechanical=True
    ),
    "request.task_given": Verb(
        _("gave the task “%(task)s” to %(to)s"), _("%(number)s: the task “%(task)s” was given to you"),
        (To.NAMED,),
    ),
    "request.task_done": Verb(
        _("did the task “%(task)s”"), _("%(number)s: “%(task)s” is done"), _HOLDER
    ),
    "request.task_skipped": Verb(
        _("found the task “%(task)s” not needed"), _("%(number)s: “%(task)s” is not needed"), _HOLDER
    ),
    "request.identity_checked": Verb(
        _("checked the identity"), _("%(number)s: the identity was checked")
    ),
    "request.right_granted": Verb(
        _("granted the right “%(right)s” from %(since)s, until: %(until)s"),
        _("%(number)s: the right “%(right)s” was granted"), _REQUESTER, is_public=True, is_important=True,
    ),
    "request.right_withdrawn": Verb(
        _("withdrew the right “%(right)s”"), _("%(number)s: the right “%(right)s” was withdrawn"),
        _REQUESTER, is_public=True, is_important=True,
    ),
    "request.start": Verb(_("started work"), _("%(number)s is being worked on"), _REQUESTER, is_public=True),
    "request.hold": Verb(
        _("put it on hold: waiting for %(reason)s"), _("%(number)s is waiting"), _REQUESTER, is_public=True,
        is_important=True,
    ),
    "request.resume": Verb(_("resumed work"), _("Work on %(number)s goes on"), _HOLDER, is_public=True),
    "request.fulfil": Verb(
        _("fulfilled it"), _("%(number)s is fulfilled: please confirm"), _REQUESTER, is_public=True,
        is_important=True,
    ),
    "request.close": Verb(_("closed it"), _("%(number)s is closed"), _REQUESTER, is_public=True),
    "request.reopen": Verb(
        _("reopened it"), _("%(number)s was reopened"), _HOLDER, is_public=True, is_important=True
    ),
    "request.refuse": Verb(
        _("answered that it cannot be met"), _("%(number)s cannot be met"), _REQUESTER, is_public=True,
        is_important=True,
    ),
    "request.take_back": Verb(
        _("took the request back"), _("%(number)s was taken back"), _HOLDER, is_public=True
    ),
    "request.cancel": Verb(_("cancelled it"), _("%(number)s was cancelled"), _REQUESTER, is_public=True),
}  # fmt: skip
