"""The verbs of problems and known errors, for the log and notices. Customers read none of them."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_MANAGERS = (To.OWNER, To.SERVICE_LEVEL_MANAGERS)
_WORKERS = (To.ASSIGNEE, To.OWNER)
_ALL = (To.ASSIGNEE, To.OWNER, To.REQUESTER)

VERBS = {
    "problem.open": Verb(
        _("raised the problem"), _("%(number)s was raised and waits for a decision"),
        (To.SERVICE_LEVEL_MANAGERS,),
    ),
    "problem.decision_reminded": Verb(
        _("reminded of the decision that is waited for"),
        _("%(number)s still waits for a decision: accept or reject it"),
        (To.NAMED,), is_important=True, is_mechanical=True,
    ),
    "problem.gathered": Verb(
        _("put %(other)s behind it"), _("%(number)s: %(other)s was put behind it"), is_mechanical=True
    ),
    "problem.accept_problem": Verb(
        _("accepted the problem; expert: %(expert)s"), _("%(number)s was accepted; expert: %(expert)s"),
        (To.ASSIGNEE, To.REQUESTER), is_important=True,
    ),
    "problem.reject_problem": Verb(
        _("rejected the problem"), _("%(number)s was rejected"), (To.REQUESTER,), is_important=True
    ),
    "problem.assign_expert": Verb(
        _("gave it to another expert: %(expert)s"), _("%(number)s: the expert is now %(expert)s"),
        (To.ASSIGNEE,), is_important=True,
    ),
    "problem.analyse_problem": Verb(
        _("wrote %(what)s"), _("%(number)s: %(what)s changed"), is_mechanical=True
    ),
    "problem.begin_solution": Verb(
        _("began to carry out the solution"), _("%(number)s is being solved"), (To.OWNER,)
    ),
    "problem.resume_analysis": Verb(
        _("went back to the analysis"), _("%(number)s is being analysed again"), _WORKERS
    ),
    "problem.verify_solution": Verb(
        _("verified the solution"), _("%(number)s: the solution is verified"), _WORKERS
    ),
    "problem.known": Verb(
        _("recorded the known error %(other)s"), _("%(number)s: known error %(other)s"), _WORKERS
    ),
    "problem.solve_problem": Verb(
        _("closed it: %(outcome)s"), _("%(number)s was closed: %(outcome)s"), _ALL
    ),
    "problem.settle_problem": Verb(
        _("closed it: %(outcome)s"), _("%(number)s was closed: %(outcome)s"), _ALL
    ),
    "problem.close_problem": Verb(
        _("closed it: %(outcome)s"), _("%(number)s was closed: %(outcome)s"), _ALL
    ),
    "problem.reopen_problem": Verb(
        _("reopened the problem"), _("%(number)s was reopened"), _ALL, is_important=True
    ),
    "problem.recurred": Verb(
        _("noticed that %(other)s looks like it came again"),
        _("%(number)s may have come again: %(other)s"),
        (*_MANAGERS, To.ASSIGNEE), is_important=True,
    ),
    "problem.confirm_recurrence": Verb(
        _("confirmed that it came again with %(other)s"), _("%(number)s came again with %(other)s"), _WORKERS
    ),
    "problem.dismiss_recurrence": Verb(
        _("judged %(other)s to be something else"), _("%(number)s: %(other)s is something else"),
        is_mechanical=True,
    ),
    "problem.send_notice": Verb(
        _("sent a quality notice to %(to)s, answer due %(day)s"),
        _("%(number)s: a quality notice for %(to)s, answer due %(day)s"),
        (To.NAMED,), is_important=True,
    ),
    "problem.answer_notice": Verb(
        _("recorded the answer of %(to)s"), _("%(number)s: %(to)s answered the quality notice"), _WORKERS
    ),
    "problem.remind_notice": Verb(
        _("reminded of the quality notice to %(to)s, due %(day)s"),
        _("%(number)s: the answer of %(to)s is late, it was due %(day)s"),
        (To.NAMED, To.OWNER), is_important=True, is_mechanical=True,
    ),
    "known_error.open": Verb(
        _("recorded the known error"), _("%(number)s was recorded"), (To.SERVICE_LEVEL_MANAGERS,)
    ),
    "known_error.written": Verb(
        _("changed the known error"), _("%(number)s was changed"), (To.OWNER,), is_mechanical=True
    ),
    "known_error.end_known_error": Verb(
        _("ended the known error"), _("%(number)s is past"), (To.OWNER,)
    ),
    "known_error.drop_known_error": Verb(
        _("dropped it: it is no known error"), _("%(number)s is no known error"), (To.OWNER,)
    ),
    "known_error.renew_known_error": Verb(
        _("made the known error valid again"), _("%(number)s is valid again"), (To.OWNER,)
    ),
}  # fmt: skip
