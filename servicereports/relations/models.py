"""Reports on the relationship with customers: each quarter and year, of one customer or of all (BRM-17)."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User, in_reader_language
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from servicereports.relations import lifecycle


class State(models.TextChoices):
    DRAFTED = lifecycle.DRAFTED, _("Drafted")
    APPROVED = lifecycle.APPROVED, _("Approved, figures frozen")
    SHOWN = lifecycle.SHOWN, _("Shown to the customer")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class Span(models.TextChoices):
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")


class RelationManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.RELATION)
        return rows


class RelationReport(Record):
    """One customer and period, both days included; of the provider itself: over all customers.

    ``computed`` are the figures while it is a draft, as of ``computed_at``; once it is approved the content
    that was kept counts (servicereports.models.KeptContent).
    """

    of = models.ForeignKey(
        Organisation, models.PROTECT, related_name="relation_reports", verbose_name=_("customer")
    )
    period = models.CharField(_("period"), max_length=10, choices=Span)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    computed = models.JSONField(default=dict, blank=True)
    computed_at = models.DateTimeField(_("figures of"))
    words_en = models.TextField(_("appraisal (English)"), blank=True)
    words_zh = models.TextField(_("appraisal (Chinese)"), blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    shown_at = models.DateTimeField(_("shown"), null=True)

    objects: ClassVar[Any] = RelationManager()

    class Meta:
        verbose_name = _("relationship report")
        verbose_name_plural = _("relationship reports")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["of", "period_from", "period_until"], name="relation_report_once_per_period"
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")),
                name="relation_report_has_a_period",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-period_until"], name="relation_report_until")]

    @property
    def words(self) -> str:
        return in_reader_language(self.words_en, self.words_zh)

    @property
    def is_of_all(self) -> bool:
        """Over all customers; the provider's own affair."""
        return self.of.kind == Organisation.Kind.PROVIDER
