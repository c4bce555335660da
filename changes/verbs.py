"""The verbs of changes, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_PEOPLE = (To.REQUESTER, To.ASSIGNEE, To.OWNER)

VERBS = {
    "change.open": Verb(_("asked for the change"), _("%(number)s was asked for"), (To.ASSIGNEE,)),
    "change.take_standard": Verb(
        _("took the approved plan of the model “%(model)s”"), _("%(number)s is ready to be done"), _PEOPLE
    ),
    "change.submit_change": Verb(
        _("submitted the change"), _("%(number)s waits to be accepted"), (To.NAMED,), is_important=True
    ),
    "change.accept_change": Verb(_("accepted the change"), _("%(number)s was accepted"), _PEOPLE),
    "change.return_change": Verb(
        _("returned the change"), _("%(number)s was returned to be completed"), _PEOPLE, is_important=True
    ),
    "change.put_up_change": Verb(
        _("put it up for approval"), _("%(number)s was put up for approval"), _PEOPLE
    ),
    "change.asked": Verb(
        _("asked for approval: %(parties)s (round %(round)s)"),
        _("%(number)s waits for your approval"),
        (To.NAMED,),
        is_important=True,
    ),
    "change.approval_reminded": Verb(
        _("reminded of the approval that is waited for: %(parties)s"),
        _("%(number)s still waits for your approval"),
        (To.NAMED,),
        is_important=True,
        is_mechanical=True,
    ),
    "change.handed_over": Verb(
        _("lets %(to)s decide instead, as %(party)s"),
        _("%(number)s waits for your approval in the place of somebody else"),
        (To.NAMED,),
        is_important=True,
    ),
    "change.decided": Verb(
        _("decided as %(party)s: %(decision)s"), _("%(number)s: %(party)s has decided"), _PEOPLE
    ),
    "change.approve_change": Verb(
        _("found all approvals given: the change is approved"),
        _("%(number)s is approved"),
        _PEOPLE,
        is_important=True,
    ),
    "change.authorise_change": Verb(
        _("authorised the emergency change"), _("%(number)s is authorised"), _PEOPLE, is_important=True
    ),
    "change.refuse_change": Verb(
        _("rejected the change"), _("%(number)s was rejected"), _PEOPLE, is_important=True
    ),
    "change.reapprove_change": Verb(
        _("found what was approved altered: the approval starts anew"),
        _("%(number)s was altered and needs its approval anew"),
        _PEOPLE,
        is_important=True,
    ),
    "change.reauthorise_change": Verb(
        _("found what was authorised altered: it has to be authorised anew"),
        _("%(number)s was altered and has to be authorised anew"),
        _PEOPLE,
        is_important=True,
    ),
    "change.begin_change": Verb(
        _("began the implementation"), _("%(number)s is being implemented"), _PEOPLE, is_important=True
    ),
    "change.complete_change": Verb(
        _("ended the implementation: %(outcome)s"), _("%(number)s was carried out: %(outcome)s"), _PEOPLE
    ),
    "change.verify_change": Verb(
        _("verified the result: %(reached)s"), _("%(number)s was verified"), _PEOPLE
    ),
    "change.verified": Verb(_("verified the result: %(reached)s"), _("%(number)s was verified"), _PEOPLE),
    "change.reviewed": Verb(
        _("reviewed the change; incidents caused: %(incidents)s"), _("%(number)s was reviewed"), _PEOPLE
    ),
    "change.close_change": Verb(_("closed the change"), _("%(number)s was closed"), _PEOPLE),
    "change.cancel_change": Verb(_("cancelled the change"), _("%(number)s was cancelled"), _PEOPLE),
    "change.owners_told": Verb(
        _("told the owners of the items: %(names)s"),
        _("%(number)s is to alter items of yours"),
        (To.NAMED,),
        is_important=True,
    ),
    "change.scoped": Verb(
        _("changed what is affected: %(what)s"), _("%(number)s was changed"), is_mechanical=True
    ),
    "change.rated": Verb(
        _("answered the risk questions: %(risk)s"), _("%(number)s was rated"), is_mechanical=True
    ),
    "change.assessed": Verb(_("judged %(aspects)s"), _("%(number)s was assessed"), is_mechanical=True),
    "change.tested": Verb(_("tested the plan: %(result)s"), _("%(number)s: the plan was tested"), _PEOPLE),
    "change.exempted": Verb(
        _("let it pass without %(guard)s"), _("%(number)s was let pass without %(guard)s"), _PEOPLE
    ),
    "change.condition_met": Verb(
        _("noted the condition as met: %(condition)s"),
        _("%(number)s: a condition is met"),
        is_mechanical=True,
    ),
    "change.step": Verb(_("noted a step: %(what)s"), _("%(number)s: a step is done"), is_mechanical=True),
}  # fmt: skip
