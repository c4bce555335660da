"""The verbs of actions and improvement plans, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_LEADERS = (To.REQUESTER, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "action.open": Verb(
        _("opened the action"),
        _("%(number)s was opened for you"),
        (To.ASSIGNEE,),
        is_important=True,
    ),
    "action.start": Verb(_("began the work"), _("%(number)s: the work has begun"), is_mechanical=True),
    "action.finish": Verb(_("finished the work"), _("%(number)s is done, judge its effect"), _LEADERS),
    "action.confirm_effect": Verb(
        _("judged it effective"), _("%(number)s was judged effective"), (To.ASSIGNEE, To.REQUESTER)
    ),
    "action.redo": Verb(
        _("judged it not effective and sent it back"),
        _("%(number)s was not effective and is yours again"),
        (To.ASSIGNEE, To.REQUESTER),
        is_important=True,
    ),
    "action.call_off": Verb(
        _("cancelled the action"), _("%(number)s was cancelled"), (To.ASSIGNEE, To.REQUESTER)
    ),
    "action.postpone": Verb(
        _("moved the due date from %(before)s to %(day)s"),
        _("%(number)s is now due %(day)s"),
        (To.ASSIGNEE, To.REQUESTER),
    ),
    "action.amend": Verb(
        _("changed the resources; effect to be judged on: %(day)s"),
        _("%(number)s was changed"),
        is_mechanical=True,
    ),
    "action.remind": Verb(
        _("reminded %(responsible)s: due since %(day)s"),
        _("%(number)s is overdue since %(day)s"),
        (To.ASSIGNEE,),
        is_important=True,
        is_mechanical=True,
    ),
    "improvement.open": Verb(
        _("proposed the improvement plan"), _("%(number)s waits for approval"), (To.SERVICE_LEVEL_MANAGERS,)
    ),
    "improvement.approve": Verb(
        _("approved the improvement plan"),
        _("%(number)s was approved"),
        (To.ASSIGNEE, To.REQUESTER),
        is_important=True,
    ),
    "improvement.begin": Verb(_("began to carry it out"), _("%(number)s is being carried out"), _LEADERS),
    "improvement.conclude": Verb(
        _("closed it: %(indicator)s is now %(after)s"), _("%(number)s was closed"), _LEADERS
    ),
    "improvement.withdraw": Verb(
        _("withdrew the improvement plan"), _("%(number)s was withdrawn"), (To.ASSIGNEE, To.REQUESTER)
    ),
}
