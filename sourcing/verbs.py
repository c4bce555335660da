"""What is decided about suppliers because of an edition of an agreement, for its log."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Role
from records.verbs import To, Verb

_MAKERS = (To.REQUESTER, To.WATCHERS, To.SERVICE_LEVEL_MANAGERS)
_BUYING = (To.REQUESTER, To.ASSIGNEE)
_AT_TICKET = (To.NAMED, To.HOLDER)


def supplier_link(activity: Any, recipient: Any) -> str | None:
    """A supplier's people are led to their own page of the ticket, the desk to its own."""
    if not recipient.actor.has(Role.SUPPLIER):
        return None
    return reverse("supplier:ticket", args=[activity.data["number"]])


VERBS = {
    "sourcing.needed": Verb(
        _("decided that an external service is needed (%(action)s)"),
        _("%(number)s: an external service is needed"),
        _MAKERS,
    ),
    "sourcing.not_needed": Verb(
        _("decided that no external service is needed"),
        _("%(number)s: no external service is needed"),
        _MAKERS,
    ),
    "sourcing.contract_linked": Verb(
        _("linked the contract %(contract)s with %(supplier)s"),
        _("%(number)s: a contract with a supplier was linked"),
        _MAKERS,
    ),
    # buying
    "procurement.open": Verb(
        _("wrote down what is to be bought"), _("%(number)s: something is to be bought"), (To.ASSIGNEE,)
    ),
    "procurement.changed": Verb(_("changed what is asked for"), _("%(number)s was changed")),
    "procurement.ask_purchase": Verb(
        _("asked for approval of %(amount)s, needed from %(n)s"),
        _("%(number)s: please decide on a purchase of %(amount)s"),
        (To.NAMED,),
        is_important=True,
    ),
    "procurement.approved_in_part": Verb(
        _("approved it; still needed: %(left)s"), _("%(number)s was approved in part"), (To.REQUESTER,)
    ),
    "procurement.grant_purchase": Verb(
        _("approved the purchase"), _("%(number)s is approved"), _BUYING, is_important=True
    ),
    "procurement.refuse_purchase": Verb(
        _("did not approve the purchase"), _("%(number)s is not approved"), _BUYING, is_important=True
    ),
    "procurement.tender_planned": Verb(
        _("planned a tender until %(day)s among %(suppliers)s"), _("%(number)s: a tender is planned")
    ),
    "procurement.offer_recorded": Verb(
        _("recorded the offer of %(supplier)s: %(price)s"), _("%(number)s: an offer came"), (To.ASSIGNEE,)
    ),
    "procurement.supplier_chosen": Verb(
        _("chose %(supplier)s (%(method)s)"), _("%(number)s: the supplier is chosen"), _BUYING
    ),
    "procurement.place_order": Verb(
        _("ordered from %(supplier)s, order %(order)s"), _("%(number)s is ordered"), _BUYING
    ),
    "procurement.accept_goods": Verb(
        _("checked and accepted the goods"), _("%(number)s: the goods came and are accepted"), _BUYING
    ),
    "procurement.reject_goods": Verb(
        _("rejected the goods; asked for by %(day)s: %(what)s"),
        _("%(number)s: the goods were rejected"),
        _BUYING,
        is_important=True,
    ),
    "procurement.await_goods": Verb(
        _("recorded that a replacement is on its way"), _("%(number)s: a replacement is on its way"), _BUYING
    ),
    "procurement.settle_goods": Verb(
        _("recorded that the rejected goods are settled: %(what)s"),
        _("%(number)s: the rejected goods are settled"),
        _BUYING,
    ),
    "procurement.goods_overdue": Verb(
        _("noticed that the rejected goods should have been settled by %(day)s"),
        _("%(number)s: rejected goods are not settled"),
        _BUYING,
        is_important=True,
    ),
    "procurement.drop_purchase": Verb(_("gave the purchase up"), _("%(number)s was given up"), _BUYING),
    # quality problems, at the ticket
    "sourcing.defect_raised": Verb(
        _("reported a quality problem of what %(supplier)s delivered, answer due %(day)s"),
        _("%(number)s: please pass a quality problem to %(supplier)s"),
        (To.NAMED,),
        is_important=True,
    ),
    "sourcing.defect_passed": Verb(
        _("passed the quality problem to %(supplier)s (their number: %(reference)s)"),
        _("%(number)s: the quality problem was passed to %(supplier)s"),
        _AT_TICKET,
    ),
    "sourcing.defect_answered": Verb(
        _("recorded the answer of %(supplier)s to the quality problem: %(what)s"),
        _("%(number)s: %(supplier)s answered about the quality problem"),
        _AT_TICKET,
    ),
    "sourcing.defect_postponed": Verb(
        _("moved the day of the answer of %(supplier)s from %(before)s to %(day)s"),
        _("%(number)s: %(supplier)s answers about the quality problem by %(day)s"),
        (To.NAMED,),
    ),
    "sourcing.defect_overdue": Verb(
        _("noticed that %(supplier)s did not answer about the quality problem by %(day)s"),
        _("%(number)s: %(supplier)s has not answered about the quality problem"),
        _AT_TICKET,
        is_important=True,
    ),
    # between the desk and the people of a supplier who have a ticket in hand
    "sourcing.told_supplier": Verb(
        _("wrote to %(supplier)s"),
        _("%(number)s: new message for %(supplier)s"),
        (To.NAMED,),
        is_important=True,
        is_for_suppliers=True,
        link=supplier_link,
    ),
    "sourcing.handed_over": Verb(
        _("told %(supplier)s that the ticket is in their hands"),
        _("%(number)s was handed to you"),
        (To.NAMED,),
        is_important=True,
        is_mechanical=True,
        is_for_suppliers=True,
        link=supplier_link,
    ),
    "sourcing.supplier_wrote": Verb(
        _("wrote for %(supplier)s"), _("%(number)s: %(supplier)s wrote"), _AT_TICKET, is_important=True
    ),
    "sourcing.supplier_solved": Verb(
        _("says for %(supplier)s that it is solved"),
        _("%(number)s: %(supplier)s says that it is solved"),
        _AT_TICKET,
        is_important=True,
    ),
}
