"""What a chargeable request would cost, and what the customer said to it (REQ-15)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from fulfilment.models.request import ServiceRequest


class Quotation(models.Model):
    """One offer of a price. ``lines``: {kind, what, quantity, price, amount}, amounts as texts."""

    class State(models.TextChoices):
        SENT = "sent", _("Waits for the customer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        REPLACED = "replaced", _("Replaced by a later one")

    class Line(models.TextChoices):
        LABOUR = "labour", _("Labour")
        PARTS = "parts", pgettext_lazy("quotation", "Parts")
        TRAVEL = "travel", _("Travel")

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="quotations")
    lines = models.JSONField(default=list)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    valid_until = models.DateField(_("valid until"))
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SENT)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("quotation")
        verbose_name_plural = _("quotations")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(state="sent"), name="quotation_one_waits"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """ "CNY 1,200.00"."""
        return f"{self.currency} {self.total:,.2f}"
