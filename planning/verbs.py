"""The verbs of service level requirements, for the log and notices. Customers read what is public."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_WHO_RAISED = (To.REQUESTER, To.WATCHERS)
_MAKERS = (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "requirement.open": Verb(
        _("raised the need"), _("%(number)s: a need was raised"), (To.SERVICE_LEVEL_MANAGERS,), is_public=True
    ),
    "requirement.define": Verb(
        _("began to define it"), _("%(number)s is being worked on"), _WHO_RAISED, is_public=True
    ),
    "requirement.amend": Verb(_("changed %(parts)s"), _("%(number)s was changed"), is_mechanical=True),
    "requirement.fix_baseline": Verb(
        _("fixed baseline %(baseline)s"), _("%(number)s: baseline %(baseline)s was fixed"), _MAKERS
    ),
    "requirement.write_design": Verb(
        _("wrote version %(version)s: %(what)s"), _("%(number)s: %(what)s was written"), is_mechanical=True
    ),
    "requirement.approve_design": Verb(
        _("approved version %(version)s: %(what)s"), _("%(number)s: %(what)s was approved"), _MAKERS
    ),
    "requirement.list_lesson": Verb(
        _("listed the lesson %(lesson)s"),
        _("%(number)s: the lesson %(lesson)s was listed"),
        is_mechanical=True,
    ),
    "requirement.answer_lesson": Verb(
        _("answered the lesson %(lesson)s: %(heeded)s"),
        _("%(number)s: the lesson %(lesson)s was answered"),
        is_mechanical=True,
    ),
    "requirement.add_input": Verb(
        _("filed %(names)s as: %(what)s"), _("%(number)s: new file"), is_mechanical=True
    ),
    "requirement.check_planning": Verb(
        _("checked the service planning document %(document)s: %(result)s"),
        _("%(number)s: the service planning document was checked"),
        _MAKERS,
    ),
    "requirement.plan_service": Verb(_("finished the planning"), _("%(number)s is planned"), _MAKERS),
    "requirement.make_agreement": Verb(
        _("began an agreement about it"),
        _("%(number)s: an agreement is being prepared"),
        (*_WHO_RAISED, *_MAKERS),
        is_public=True,
        is_important=True,
    ),
    "requirement.decline": Verb(
        _("declined it"),
        _("%(number)s was declined"),
        (*_WHO_RAISED, *_MAKERS),
        is_public=True,
        is_important=True,
    ),
}
