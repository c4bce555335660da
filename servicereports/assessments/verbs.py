"""The verbs of self-assessments, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "assessment.open": Verb(
        _("opened the self-assessment"), _("%(number)s: a self-assessment is to be written"), (To.ASSIGNEE,)
    ),
    "assessment.recompute": Verb(
        _("brought the figures up to date"), _("%(number)s: figures brought up to date"), is_mechanical=True
    ),
    "assessment.judge": Verb(
        _("wrote judgements and remarks: %(count)s indicators changed"), _("%(number)s was written on"),
        is_mechanical=True,
    ),
    "assessment.hand_in": Verb(
        _("submitted it to %(body)s"), _("%(number)s: a self-assessment of the service desk for you"),
        (To.NAMED,), is_important=True,
    ),
    "assessment.send_back": Verb(
        _("returned it in the name of %(by)s"), _("%(number)s was returned"), (To.ASSIGNEE, To.REQUESTER),
        is_important=True,
    ),
    "assessment.endorse": Verb(
        _("accepted it in the name of %(by)s"), _("%(number)s was accepted"), (To.ASSIGNEE, To.REQUESTER),
        is_important=True,
    ),
}  # fmt: skip
