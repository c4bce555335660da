"""What monitoring says on a ticket's log; internal, for the desk."""

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

VERBS = {
    "monitoring.joined": Verb(
        _("added further alerts of %(source)s (%(count)s), the first: %(title)s"),
        _("%(number)s: further alerts"),
        is_mechanical=True,
    ),
    "monitoring.fired_again": Verb(
        _("reported alerts of %(source)s again (%(count)s), the first: %(title)s"),
        _("%(number)s: an alert is back"),
        (To.HOLDER,),
    ),
    "monitoring.recovered": Verb(
        _("reported that all alerts of %(source)s are over since %(when)s: please check and resolve"),
        _("%(number)s: monitoring says it is over"),
        (To.HOLDER, To.OWNER),
    ),
    "monitoring.attached": Verb(
        _("put the alert “%(title)s” of %(source)s on it"), _("%(number)s: an alert was put on it")
    ),
}
