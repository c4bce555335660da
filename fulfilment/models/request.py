"""A service request: what a record needs besides, when something was ordered."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from fulfilment import lifecycle
from fulfilment.models.offering import Offering, OfferingVersion
from records.kinds import Kind
from records.models import ProcessQuerySet, Record


class State(models.TextChoices):
    SUBMITTED = lifecycle.SUBMITTED, _("Submitted")
    APPROVAL = lifecycle.APPROVAL, _("Waiting for approval")
    OFFERED = lifecycle.OFFERED, _("Quotation sent")
    IN_FULFILMENT = lifecycle.IN_FULFILMENT, _("In fulfilment")
    ON_HOLD = lifecycle.ON_HOLD, _("On hold")
    FULFILLED = lifecycle.FULFILLED, _("Fulfilled")
    CLOSED = lifecycle.CLOSED, _("Closed")
    REJECTED = lifecycle.REJECTED, _("Rejected")
    REFUSED = lifecycle.REFUSED, _("Cannot be met")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class WaitingFor(models.TextChoices):
    """Named reasons to wait. Which of them pause the clocks is said by the agreement."""

    CUSTOMER = "customer", _("the customer")
    APPOINTMENT = "appointment", _("an agreed appointment")
    APPROVAL = "approval", _("the approval")
    ACCEPTANCE = "acceptance", _("the acceptance of the quotation")
    SUPPLIER = "supplier", _("a supplier")
    CHANGE = "change", _("a change")
    PARTS = "parts", _("spare parts")


# what an agent may give as the reason of a hold; the others come with a step of their own
HOLDS = tuple(
    choice for choice in WaitingFor.choices if choice[0] not in (WaitingFor.APPROVAL, WaitingFor.ACCEPTANCE)
)


class RequestManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        # the kind in the parent's index makes a request's own list as quick as a table of its own
        rows: ProcessQuerySet = super().get_queryset()
        return rows.filter(kind=Kind.REQUEST.value)


class ServiceRequest(Record):
    """Something ordered from the catalogue (REQ-01).

    ``answers`` are what was filled in, each with the label it had in the version ordered by
    (:mod:`fulfilment.answers`). ``quantity`` is what counts when done is compared with planned.
    """

    offering = models.ForeignKey(Offering, models.PROTECT, related_name="requests", verbose_name=_("ordered"))
    ordered_version = models.ForeignKey(OfferingVersion, models.PROTECT, related_name="requests")
    answers = models.JSONField(default=list)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    reporter = models.ForeignKey(
        User, models.PROTECT, related_name="reported_requests", verbose_name=_("ordered by")
    )
    is_chargeable = models.BooleanField(_("chargeable"), default=False)
    chargeable_why = models.CharField(_("why it is chargeable"), max_length=300, blank=True)
    outcome = models.TextField(_("what was done"), blank=True)
    refusal = models.TextField(_("why it cannot be met"), blank=True)
    alternative = models.TextField(_("alternative"), blank=True)
    fulfilled_at = models.DateTimeField(_("fulfilled"), null=True)
    fulfilled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("fulfilled by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True)
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    objects: ClassVar[Any] = RequestManager()

    class Meta:
        verbose_name = _("service request")
        verbose_name_plural = _("service requests")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity__gte=1), name="request_orders_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["offering", "fulfilled_at"], name="request_done_of_offering"),
        ]
