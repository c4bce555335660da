"""The verbs of major incidents, for log, notices and mails. None is public: customers read announcements."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_ALL = (To.ASSIGNEE, To.OWNER, To.WATCHERS)

VERBS = {
    "major.open": Verb(
        _("declared a major incident"), _("%(number)s: major incident, you coordinate it"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS), is_important=True,
    ),
    "major.join": Verb(
        _("called in %(person)s"), _("%(number)s: you are called into a major incident"), (To.WATCHERS,),
        is_important=True,
    ),
    "major.update": Verb(_("gave an update"), _("%(number)s: update of a major incident"), _ALL),
    "major.update_due": Verb(
        _("reminded: the next update is due within %(left)s minutes"),
        _("%(number)s: the next update is due within %(left)s minutes"),
        (To.ASSIGNEE,), is_important=True, is_mechanical=True,
    ),
    "major.update_missed": Verb(
        _("noted that no update came within %(minutes)s minutes"),
        _("%(number)s: an update did not come in time"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS), is_important=True,
    ),
    "major.notified": Verb(
        _("informed %(person)s of the top management"),
        _("%(number)s: a major incident, for your information"),
        (To.WATCHERS,), is_important=True,
    ),
    "major.handed": Verb(
        _("made %(person)s the coordinator"), _("%(number)s: you coordinate a major incident"),
        (To.ASSIGNEE,), is_important=True,
    ),
    "major.downgrade": Verb(
        _("downgraded it"), _("%(number)s is no major incident any more"), _ALL, is_important=True
    ),
    "major.stand_down": Verb(_("ended it"), _("%(number)s is over"), _ALL, is_important=True),
    "major.reviewed": Verb(_("wrote the review"), _("%(number)s was reviewed"), _ALL),
    "major.wrap_up": Verb(_("closed it"), _("%(number)s was closed"), (To.OWNER,), is_mechanical=True),
}  # fmt: skip
