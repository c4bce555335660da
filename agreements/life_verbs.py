"""The verbs of an agreement's keeping: its renewal, its end, its people and its papers."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_KEEPERS = (To.OWNER, To.REQUESTER, To.WATCHERS, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "agreement.prompt_renewal": Verb(
        _("reminded that it ends on %(day)s, in %(days)s days or less: renew, change or end it"),
        _("%(number)s ends on %(day)s"),
        _KEEPERS,
        is_important=True,
    ),
}
