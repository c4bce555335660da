"""What mail writes into the log of a ticket."""

from django.utils.translation import gettext_lazy as _

from channels.writing import ACKNOWLEDGED
from records.verbs import To, Verb

VERBS = {
    ACKNOWLEDGED: Verb(
        _("confirmed by e-mail that it was received"),
        _("%(number)s: we have received your mail"),
        (To.REQUESTER,),
        is_public=True,
        is_important=True,
        is_mechanical=True,
    ),
}
