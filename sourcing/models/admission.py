"""What was found about a supplier's admission conditions, and who decided on it (SUP-01)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.triggers import immutable
from sourcing.models.papers import Document
from suppliers.models import Condition, ConditionList, Supplier


class Check(models.Model):
    """What somebody found about one condition. Never changed: a later check of the same condition counts.

    ``valid_until``: the last day of what proves it.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="checks")
    condition = models.ForeignKey(Condition, models.PROTECT, related_name="checks")
    is_met = models.BooleanField(_("met"))
    evidence = models.TextField(_("evidence"))
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document")
    )
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("check of a condition")
        verbose_name_plural = _("checks of conditions")
        indexes: ClassVar = [models.Index(fields=["supplier", "condition", "-id"], name="check_newest")]
        triggers: ClassVar = immutable("check")

    def __str__(self) -> str:
        return f"{self.condition_id} of {self.supplier_id}"


class Decision(models.Model):
    """Whether a supplier is admitted, by an edition of the conditions; by nobody who checked one of them."""

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="decisions")
    edition = models.ForeignKey(ConditionList, models.PROTECT, related_name="+")
    is_admitted = models.BooleanField(_("admitted"))
    reason = models.TextField(_("reason"), blank=True)
    valid_until = models.DateField(_("admitted until"), null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))
    # the checks it rests on, by id: (condition, check)
    checks = models.JSONField(default=list)

    class Meta:
        verbose_name = _("decision on admission")
        verbose_name_plural = _("decisions on admission")
        indexes: ClassVar = [models.Index(fields=["supplier", "-id"], name="decision_newest")]
        triggers: ClassVar = immutable("decision")

    def __str__(self) -> str:
        return f"{self.supplier_id}: {self.is_admitted}"
