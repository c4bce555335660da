"""What the log of a ticket says about visits; by these the customer and the engineer are told."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from records.verbs import To, Verb

_BOTH = (To.REQUESTER, To.WATCHERS, To.NAMED)

VERBS: dict[str, Verb] = {
    "visit.propose": Verb(
        _("proposed a visit on %(when)s by %(engineer)s, %(site)s"),
        _("%(number)s: a visit is proposed for %(when)s, please answer"), _BOTH, True, True,
    ),
    "visit.agree": Verb(
        _("agreed on a visit on %(when)s by %(engineer)s, %(site)s"),
        _("%(number)s: we come on %(when)s"), _BOTH, True, True,
    ),
    "visit.moved": Verb(
        _("moved the visit from %(before)s to %(when)s: %(reason)s (%(asked)s)"),
        _("%(number)s: the visit is now on %(when)s"), _BOTH, True, True,
    ),
    "visit.given": Verb(
        _("gave the visit on %(when)s to %(engineer)s: %(reason)s"),
        _("%(number)s: the visit on %(when)s is now by %(engineer)s"), _BOTH, True,
    ),
    "visit.wished": Verb(
        _("asked for another time of the visit on %(when)s"),
        _("%(number)s: the customer asks for another time"), (To.HOLDER, To.OWNER, To.NAMED), True, True,
    ),
    "visit.set_out": Verb(
        _("is on the way: %(engineer)s, expected on %(when)s"),
        _("%(number)s: we are on the way"), (To.REQUESTER,), True,
    ),
    "visit.arrive": Verb(
        _("recorded that %(engineer)s arrived on %(arrived)s"), _("%(number)s: the engineer is there"),
        is_mechanical=True,
    ),
    "visit.finish": Verb(
        _("finished the visit: %(result)s"), _("%(number)s: the visit is finished"),
        (To.REQUESTER, To.OWNER), True,
    ),
    "visit.miss": Verb(
        _("recorded that the visit on %(when)s did not take place: %(reason)s"),
        _("%(number)s: the visit on %(when)s did not take place"), (*_BOTH, To.OWNER), True, True,
    ),
    "visit.cancel": Verb(
        _("called off the visit on %(when)s: %(reason)s"),
        _("%(number)s: the visit on %(when)s is called off"), _BOTH, True, True,
    ),
    "visit.outside_roster": Verb(
        _("planned the visit on %(when)s outside the roster of %(engineer)s: %(reason)s"),
        _("%(number)s: a visit outside the roster"), (To.NAMED,),
    ),
    "visit.reported": Verb(
        _("wrote the service form (edition %(edition)s)"), _("%(number)s: the service form was written"),
        is_mechanical=True,
    ),
    "visit.signed": Verb(
        _("had the service form (edition %(edition)s) signed by %(signer)s"),
        _("%(number)s: the service form was signed by %(signer)s"), (To.REQUESTER, To.OWNER), True,
    ),
    "visit.corrected": Verb(
        _("began edition %(edition)s of the service form: %(reason)s"),
        _("%(number)s: the service form is corrected"), (To.NAMED,),
    ),
    # tickets whose process keeps no instant of arrival of its own (records.appointing)
    "request.arrive": Verb(
        _("arrived on site"), _("%(number)s: we are on site"), (To.REQUESTER,), is_public=True
    ),
}  # fmt: skip


def instant(at: Any) -> dict[str, str]:
    """An instant as the log keeps it, read in the reader's zone."""
    return {"instant": at.isoformat()}
