"""The verbs of an agreement's keeping: its renewal, its end, its people and its papers."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_KEEPERS = (To.OWNER, To.REQUESTER, To.WATCHERS, To.SERVICE_LEVEL_MANAGERS)

VERBS = {
    "agreement.plan_end": Verb(
        _("asked for its end as of %(day)s"),
        _("%(number)s is to end on %(day)s"),
        (*_KEEPERS, To.CUSTOMER_MANAGERS),
        is_public=True,
        is_important=True,
    ),
    "agreement.call_off_end": Verb(
        _("called its end off: it goes on"),
        _("%(number)s does not end, it goes on"),
        (*_KEEPERS, To.CUSTOMER_MANAGERS),
        is_public=True,
        is_important=True,
    ),
    "agreement.add_paper": Verb(
        _("filed a paper: %(paper)s “%(title)s”"), _("%(number)s: a paper was filed"), is_mechanical=True
    ),
    "agreement.name_keeper": Verb(
        _("named %(person)s: %(part)s"), _("%(number)s: somebody was named for it"), is_mechanical=True
    ),
    "agreement.end_keeper": Verb(
        _("took a part back from %(person)s: %(part)s"),
        _("%(number)s: somebody gave a part up"),
        is_mechanical=True,
    ),
    "agreement.prompt_renewal": Verb(
        _("reminded that it ends on %(day)s, in %(days)s days or less: renew, change or end it"),
        _("%(number)s ends on %(day)s"),
        _KEEPERS,
        is_important=True,
    ),
}
