"""The verbs of service reports, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_MAKERS = (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS)
_ALL = (*_MAKERS, To.CUSTOMER_MANAGERS)

VERBS = {
    "report.open": Verb(
        _("opened the report"), _("%(number)s: a service report is to be written"), (To.ASSIGNEE,)
    ),
    "report.recompute": Verb(
        _("computed the figures anew"), _("%(number)s: figures computed anew"), is_mechanical=True
    ),
    "report.comment": Verb(
        _("commented the figures"),
        _("%(number)s waits for approval"),
        (To.SERVICE_LEVEL_MANAGERS,),
    ),
    "report.return": Verb(
        _("sent it back"), _("%(number)s was sent back to its writer"), (To.ASSIGNEE,), is_important=True
    ),
    "report.approve": Verb(
        _("approved it and closed the period"), _("%(number)s was approved, its figures are frozen"), _MAKERS
    ),
    "report.publish": Verb(
        _("published the report"),
        _("%(number)s: your service report is there"),
        _ALL,
        is_public=True,
        is_important=True,
    ),
    "report.restate": Verb(
        _("corrected the published figures: %(count)s changed"),
        _("%(number)s: figures of your service report were corrected"),
        _ALL,
        is_public=True,
        is_important=True,
    ),
    "report.call_off": Verb(_("cancelled the report"), _("%(number)s was cancelled"), (To.ASSIGNEE,)),
    "report.remind": Verb(
        _("reminded %(owner)s: the report was due on %(day)s"),
        _("%(number)s was due on %(day)s"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS),
        is_important=True,
        is_mechanical=True,
    ),
    "report.differs": Verb(
        _("found that the figures are no longer what was frozen: %(count)s differ"),
        _("%(number)s: figures differ from the frozen ones"),
        (To.ASSIGNEE, To.SERVICE_LEVEL_MANAGERS),
        is_important=True,
    ),
}
