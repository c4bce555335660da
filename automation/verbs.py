"""What automation writes into the log of tickets."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "automation.macro": Verb(
        _("used the macro “%(macro)s”"), _("%(number)s: a macro was used"), is_mechanical=True
    ),
    "automation.stopped": Verb(
        _("stopped the rule “%(rule)s”: rules had set each other off"),
        _("%(number)s: a rule was stopped"),
        is_mechanical=True,
    ),
    "automation.paused": Verb(
        _("paused the rule “%(rule)s”: %(why)s"),
        _("The rule “%(rule)s” was paused"),
        (To.NAMED,),
        is_important=True,
    ),
    "automation.told": Verb(
        _("told %(to)s"), _("%(number)s: you are to know of it"), (To.NAMED,), is_important=True
    ),
}
