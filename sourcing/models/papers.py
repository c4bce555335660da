"""What belongs to a supplier beside its contracts: files, its own reports, and requests for a new one."""

from datetime import date
from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.models import Action
from agreements.models import Edition
from sla.models import Agreement
from suppliers.models import Supplier


class Document(models.Model):
    """A file about a supplier or one of its contracts (SUP-02), under a generated name as attachments are.

    Never changed; ``removed_at``: put there by mistake, and no longer handed out.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="documents")
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contract")
    )
    title = models.CharField(_("title"), max_length=200)
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class SupplierReport(models.Model):
    """A service report a supplier sent about a contract and a period, both days included (SUP-05)."""

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="supplier_reports", verbose_name=_("contract")
    )
    kind = models.CharField(_("report"), max_length=50)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    received_on = models.DateField(_("received on"))
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("report of a supplier")
        verbose_name_plural = _("reports of suppliers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agreement", "kind", "period_from", "period_until"], name="supplier_report_once"
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")),
                name="supplier_report_has_a_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.agreement_id} from {self.period_from}"

    def is_late(self, due_on: date | None) -> bool:
        return due_on is not None and self.received_on > due_on


@pghistory.track()
class Claim(models.Model):
    """What a report claims of one target of the contract.

    ``value`` is per cent in time for a target of tickets, and in the unit of the contract for a measure;
    ``handled`` how many tickets that was. None: the report does not say.
    """

    report = models.ForeignKey(SupplierReport, models.PROTECT, related_name="claims")
    key = models.CharField(max_length=120)
    value = models.DecimalField(_("claimed"), max_digits=16, decimal_places=4, null=True, blank=True)
    handled = models.PositiveIntegerField(_("tickets"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "key"], name="claim_once_per_target"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of report {self.report_id}"


class Procurement(models.Model):
    """Whether an edition of an agreement needs an external service, and what came of it (SLM-26).

    A later decision replaces an earlier one (``replaced_at``); all of them are kept. ``contract`` is the UC
    that was agreed in the end.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="procurements")
    is_needed = models.BooleanField(_("external service needed"))
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="+")
    contract = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="procurements")
    linked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    linked_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("procurement request")
        verbose_name_plural = _("procurement requests")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["edition"], condition=models.Q(replaced_at=None), name="procurement_one_per_edition"
            ),
            models.CheckConstraint(
                condition=models.Q(is_needed=True) | models.Q(action=None, contract=None),
                name="procurement_only_where_needed",
            ),
            models.CheckConstraint(
                condition=models.Q(contract=None, linked_at=None)
                | models.Q(contract__isnull=False, linked_at__isnull=False),
                name="procurement_linked_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"procurement for edition {self.edition_id}"
