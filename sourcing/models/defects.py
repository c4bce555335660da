"""Quality problems of what was bought, passed to the vendor and followed at the ticket (SUP-08)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cmdb.models import Item
from records.models import Record
from sourcing.models.purchases import Purchase
from suppliers.models import Supplier


class Defect(models.Model):
    """A quality problem found at a ticket: told by the desk, passed on, and answered by the vendor."""

    class Outcome(models.TextChoices):
        REPLACED = "replaced", _("Replaced")
        REPAIRED = "repaired", _("Repaired")
        CREDITED = "credited", _("Credited")
        EXPLAINED = "explained", _("Explained, nothing is wrong with it")
        REFUSED = "refused", _("Refused by the vendor")

    record = models.ForeignKey(Record, models.PROTECT, related_name="defects", verbose_name=_("ticket"))
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="defects", verbose_name=_("vendor"))
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="found_bad",
        verbose_name=_("bought by"),
    )  # fmt: skip
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    what = models.TextField(_("what is wrong"))
    buyer = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("who passes it to the vendor")
    )
    due_on = models.DateField(_("answer due"))
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(_("raised"))
    passed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    passed_at = models.DateTimeField(_("passed to the vendor"), null=True)
    reference = models.CharField(_("vendor's number"), max_length=100, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    answer = models.TextField(_("vendor's answer"), blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("quality problem")
        verbose_name_plural = _("quality problems")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(answered_at=None, outcome="")
                | (models.Q(answered_at__isnull=False, passed_at__isnull=False) & ~models.Q(outcome="")),
                name="defect_passed_then_answered",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record", "id"], name="defect_of_record"),
            models.Index(fields=["supplier", "raised_at"], name="defect_of_supplier"),
            models.Index(fields=["due_on"], condition=models.Q(answered_at=None), name="defect_open_due"),
        ]

    def __str__(self) -> str:
        return f"defect {self.pk} at record {self.record_id}"
