"""The verbs of relationship reports, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "relation.open": Verb(
        _("drafted the relationship report"), _("%(number)s: a relationship report waits for you"),
        (To.ASSIGNEE,),
    ),
    "relation.recompute": Verb(
        _("computed the figures anew"), _("%(number)s: figures computed anew"), is_mechanical=True
    ),
    "relation.appraise": Verb(
        _("wrote how the relationship stands"), _("%(number)s was written on"), is_mechanical=True
    ),
    "relation.endorse": Verb(
        _("approved it and froze its figures"), _("%(number)s was approved, its figures are frozen"),
        (To.ASSIGNEE,),
    ),
    "relation.present": Verb(
        _("showed it to the customer"), _("%(number)s: the report on our relationship is there"),
        (To.ASSIGNEE, To.CUSTOMER_MANAGERS), is_public=True, is_important=True,
    ),
    "relation.call_off": Verb(_("cancelled the report"), _("%(number)s was cancelled"), (To.ASSIGNEE,)),
}  # fmt: skip
