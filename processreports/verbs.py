"""The verbs of reports of processes, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "process_report.open": Verb(
        _("opened the report"), _("%(number)s: a report is to be written by you"), (To.ASSIGNEE,)
    ),
    "process_report.recompute": Verb(
        _("computed the figures anew"), _("%(number)s: figures computed anew"), is_mechanical=True
    ),
    "process_report.word_report": Verb(
        _("commented the report"), _("%(number)s: a report waits for your approval"), (To.NAMED,)
    ),
    "process_report.turn_back_report": Verb(
        _("sent it back"), _("%(number)s was sent back to its writer"), (To.ASSIGNEE,), is_important=True
    ),
    "process_report.approve_report": Verb(
        _("approved it and froze its figures"), _("%(number)s was approved, its figures are frozen"),
        (To.ASSIGNEE, To.NAMED),
    ),
    "process_report.publish_report": Verb(
        _("published the report"), _("%(number)s: a report for you was published"),
        (To.ASSIGNEE, To.NAMED), is_public=True, is_important=True,
    ),
    "process_report.issue_report": Verb(
        _("sent the report to its recipients"), _("%(number)s: a report for you is there"),
        (To.ASSIGNEE, To.NAMED), is_important=True,
    ),
    # who could not be reached by mail: only the provider's affair
    "process_report.unreached": Verb(
        _("could not mail it to %(names)s: no e-mail address is known"),
        _("%(number)s: not mailed to %(names)s, no e-mail address is known"),
        (To.ASSIGNEE, To.NAMED), is_important=True,
    ),
    "process_report.restate_report": Verb(
        _("corrected the report: edition %(edition)s"),
        _("%(number)s: a report for you was corrected"),
        (To.ASSIGNEE, To.NAMED), is_public=True, is_important=True,
    ),
    "process_report.check_report": Verb(
        _("checked edition %(edition)s: %(verdict)s"), _("%(number)s was checked: %(verdict)s"),
        (To.ASSIGNEE, To.NAMED),
    ),
    "process_report.drop_report": Verb(
        _("cancelled the report"), _("%(number)s was cancelled"), (To.ASSIGNEE,)
    ),
    "process_report.remind": Verb(
        _("reminded %(owner)s: the report was due on %(day)s"), _("%(number)s was due on %(day)s"),
        (To.ASSIGNEE, To.NAMED), is_important=True, is_mechanical=True,
    ),
    "process_report.differs": Verb(
        _("found that the figures are no longer what was frozen: %(count)s differ"),
        _("%(number)s: figures differ from the frozen ones"), (To.ASSIGNEE,), is_important=True,
    ),
}  # fmt: skip
