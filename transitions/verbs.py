"""The verbs of service transitions, for the log and notices. Customers read none of them."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_LEADS = (To.ASSIGNEE, To.REQUESTER, To.WATCHERS)


def _quiet(sentence: object, subject: object) -> Verb:
    return Verb(sentence, subject, is_mechanical=True)


VERBS = {
    "transition.open": Verb(
        _("began the transition"), _("%(number)s: a service transition was begun"), (To.ASSIGNEE,)
    ),
    "transition.written": _quiet(_("wrote: %(parts)s"), _("%(number)s was changed")),
    "transition.added": _quiet(_("added to %(part)s: %(name)s"), _("%(number)s: the plan was changed")),
    "transition.altered": _quiet(
        _("wrote anew in %(part)s: %(name)s"), _("%(number)s: the plan was changed")
    ),
    "transition.removed": _quiet(_("took out of %(part)s: %(name)s"), _("%(number)s: the plan was changed")),
    "transition.met": _quiet(_("found ready: %(name)s"), _("%(number)s: %(name)s is ready")),
    "transition.unmet": Verb(_("found not ready any more: %(name)s"), _("%(number)s: %(name)s"), _LEADS),
    "transition.reached": _quiet(_("reached the key node %(name)s"), _("%(number)s: %(name)s was reached")),
    "transition.step_begun": _quiet(_("began the step %(name)s"), _("%(number)s: %(name)s was begun")),
    "transition.step_done": Verb(_("did the step %(name)s"), _("%(number)s: %(name)s is done"), _LEADS),
    "transition.looked_at": _quiet(
        _("looked at %(name)s: %(found)s"), _("%(number)s: a checklist goes on")
    ),
    "transition.signed": Verb(
        _("recorded that %(person)s signed the %(checklist)s"),
        _("%(number)s: the %(checklist)s was signed"),
        _LEADS,
    ),
    "transition.exempted": Verb(
        _("let it go live without: %(point)s"), _("%(number)s: an exemption was given"), _LEADS,
        is_important=True,
    ),
    "transition.noticed": Verb(
        _("told the customers that the service ends on %(day)s (%(notice)s)"),
        _("%(number)s: the customers were told"),
        _LEADS,
    ),
    "transition.settled": _quiet(_("decided what becomes of %(name)s"), _("%(number)s: decided")),
    "transition.observed": Verb(
        _("recorded under %(what)s"), _("%(number)s: something was recorded during the watch"), _LEADS
    ),
    "transition.followed": _quiet(_("noted that it led to %(other)s"), _("%(number)s led to %(other)s")),
    "transition.settle_design": Verb(
        _("settled the design"), _("%(number)s: the design is settled"), _LEADS
    ),
    "transition.begin_switch": Verb(
        _("began the implementation"), _("%(number)s is being implemented"), _LEADS
    ),
    "transition.go_live": Verb(
        _("put the service into operation"), _("%(number)s: the service is live"), _LEADS, is_important=True
    ),
    "transition.take_out": Verb(
        _("took the service out"), _("%(number)s: the service has ended"), _LEADS, is_important=True
    ),
    "transition.step_back": Verb(
        _("went back to the preparation"), _("%(number)s: the switch was put off"), _LEADS, is_important=True
    ),
    "transition.end_watch": Verb(_("closed the transition"), _("%(number)s is closed"), _LEADS),
    "transition.abandon": Verb(_("gave the transition up"), _("%(number)s was given up"), _LEADS),
}  # fmt: skip
