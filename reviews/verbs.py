"""The verbs of review meetings, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_ALL = (To.ASSIGNEE, To.REQUESTER, To.WATCHERS)

VERBS = {
    "review.open": Verb(
        _("planned the review"), _("%(number)s: a review is planned, you are in the chair"), (To.ASSIGNEE,)
    ),
    "review.prepare": Verb(_("changed %(parts)s"), _("%(number)s was changed"), is_mechanical=True),
    "review.invite": Verb(
        _("invited the participants for %(day)s"),
        _("%(number)s: you are invited to a review on %(day)s"),
        _ALL,
        is_public=True,
        is_important=True,
    ),
    "review.record_meeting": Verb(
        _("recorded that the meeting was held on %(day)s"), _("%(number)s was held"), is_mechanical=True
    ),
    "review.send_minutes": Verb(
        _("sent the minutes to the participants"),
        _("%(number)s: the minutes of the review"),
        _ALL,
        is_public=True,
        is_important=True,
    ),
    "review.rate": Verb(
        _("recorded the satisfaction of %(person)s: %(score)s of 5"),
        _("%(number)s: satisfaction %(score)s of 5"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS),
        is_public=True,
    ),
    "review.grade": Verb(
        _("gave the supplier %(score)s of 100 points"),
        _("%(number)s: the supplier was graded"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS),
    ),
    "review.conclude": Verb(_("closed the review"), _("%(number)s was closed"), is_mechanical=True),
    "review.call_off": Verb(
        _("cancelled the review"), _("%(number)s was cancelled"), _ALL, is_public=True, is_important=True
    ),
    "review.remind": Verb(
        _("reminded %(chair)s: the review was to be held on %(day)s"),
        _("%(number)s was to be held on %(day)s"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS),
        is_important=True,
        is_mechanical=True,
    ),
}
