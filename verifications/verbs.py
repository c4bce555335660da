"""The verbs of audits of the register, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "item_audit.open": Verb(
        _("planned the audit"), _("%(number)s: you are to audit the register"), (To.ASSIGNEE,)
    ),
    "item_audit.plan_item_audit": Verb(
        _("changed %(parts)s"), _("%(number)s was changed"), (To.ASSIGNEE,), is_mechanical=True
    ),
    "item_audit.draw_sample": Verb(
        _("drew %(size)s of %(population)s items by seed %(seed)s"),
        _("%(number)s: the sample was drawn"),
        is_mechanical=True,
    ),
    "item_audit.check_item": Verb(
        _("checked %(item)s: %(result)s"), _("%(number)s: %(item)s was checked"), is_mechanical=True
    ),
    "item_audit.conclude_audit": Verb(
        _("concluded the audit: %(agree)s of %(checked)s items agree"),
        _("%(number)s: the report of the audit is to be approved"),
        (To.OWNER, To.REQUESTER),
        is_important=True,
    ),
    "item_audit.return_audit": Verb(
        _("sent the report back"),
        _("%(number)s: the report was sent back"),
        (To.ASSIGNEE,),
        is_important=True,
    ),
    "item_audit.approve_audit": Verb(
        _("approved the report; %(actions)s actions were opened"),
        _("%(number)s: the report was approved"),
        (To.ASSIGNEE, To.REQUESTER),
    ),
    "item_audit.call_off_audit": Verb(
        _("cancelled the audit"), _("%(number)s was cancelled"), (To.ASSIGNEE,)
    ),
    "item_audit.corrected": Verb(
        _("noted that %(fact)s of %(item)s was put right"), _("%(number)s: a difference was put right"),
        is_mechanical=True,
    ),
}  # fmt: skip
