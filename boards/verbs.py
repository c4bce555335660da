"""The verbs of meetings of the board, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_ALL = (To.ASSIGNEE, To.REQUESTER, To.WATCHERS)

VERBS = {
    "board.open": Verb(
        _("planned the meeting of the board"),
        _("%(number)s: a meeting of the board is planned, you are in the chair"),
        (To.ASSIGNEE,),
    ),
    "board.prepare": Verb(_("changed %(parts)s"), _("%(number)s was changed"), is_mechanical=True),
    "board.invite": Verb(
        _("invited the participants for %(day)s; agenda: %(agenda)s"),
        _("%(number)s: you are invited to the board of changes on %(day)s"),
        _ALL,
        is_important=True,
    ),
    "board.begin": Verb(_("opened the meeting"), _("%(number)s has begun"), is_mechanical=True),
    "board.vote": Verb(
        _("recorded the vote of %(person)s on %(change)s: %(choice)s"),
        _("%(number)s: a vote on %(change)s"),
        is_mechanical=True,
    ),
    "board.rule": Verb(
        _("decided on %(change)s: %(decision)s"), _("%(number)s: %(change)s was decided: %(decision)s")
    ),
    "board.end_session": Verb(_("ended the meeting"), _("%(number)s has ended"), is_mechanical=True),
    "board.send_minutes": Verb(
        _("sent the minutes to the participants"),
        _("%(number)s: the minutes of the board of changes"),
        _ALL,
        is_important=True,
    ),
    "board.call_off": Verb(
        _("cancelled the meeting of %(day)s"), _("%(number)s was cancelled"), _ALL, is_important=True
    ),
}
