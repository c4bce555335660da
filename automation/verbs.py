"""What automation writes into the log of tickets."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "automation.macro": Verb(
        _("used the macro “%(macro)s”"), _("%(number)s: a macro was used"), is_mechanical=True
    ),
    "automation.told": Verb(
        _("told %(to)s"), _("%(number)s: you are to know of it"), (To.NAMED,), is_important=True
    ),
}
