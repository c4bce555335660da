"""The verb of early warnings, for the log and notices."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "analysis.warned": Verb(
        _("warned who checks the indicator"),
        _("%(number)s: an indicator you check gives an early warning"),
        (To.NAMED,),
    ),
}
