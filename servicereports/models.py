"""Service reports: what was promised and kept over a period, and the closed months that nothing changes."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, in_reader_language
from accounts.triggers import immutable
from agreements.terms_words import REPORT_KINDS, WAYS
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from servicereports import lifecycle
from servicereports.assessments.models import Assessment, IndicatorGoal, Judgement, SupervisoryBody
from servicereports.relations.models import RelationReport
from sla.models import Agreement

__all__ = [
    "Assessment", "FrozenReport", "IndicatorGoal", "Judgement", "KeptContent", "Period", "RelationReport",
    "ServiceReport", "State", "SupervisoryBody",
]  # fmt: skip

SERVICE_LEVEL = "service_level"


class State(models.TextChoices):
    DRAFTED = lifecycle.DRAFTED, _("Drafted")
    COMMENTED = lifecycle.COMMENTED, _("Commented, to be approved")
    APPROVED = lifecycle.APPROVED, _("Approved, figures frozen")
    PUBLISHED = lifecycle.PUBLISHED, _("Published")
    RESTATED = lifecycle.RESTATED, _("Published, with corrections")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class Period(models.TextChoices):
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half_year", _("half-year")
    YEAR = "year", _("year")


class ReportQuerySet(ProcessQuerySet):
    def unsent(self) -> "ReportQuerySet":
        return self.filter(state__in=lifecycle.UNSENT)

    def sent(self) -> "ReportQuerySet":
        return self.filter(state__in=lifecycle.SENT)

    def overdue(self, today: date) -> "ReportQuerySet":
        """Those whose day has passed without their being published."""
        return self.unsent().filter(due_on__lt=today)


class ReportManager(models.Manager.from_queryset(ReportQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ReportQuerySet:
        rows: ReportQuerySet = super().get_queryset().filter(kind=Kind.REPORT)
        return rows


class ServiceReport(Record):
    """One report of one agreement for one period, both days included; ``assignee`` writes it.

    ``computed`` are the figures while it is being made, as of ``computed_at``; from the approval on those of
    its frozen rows count.
    """

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="service_reports", verbose_name=_("agreement")
    )
    report_kind = models.CharField(_("kind of report"), max_length=50, default=SERVICE_LEVEL)
    period = models.CharField(_("period"), max_length=10, choices=Period, default=Period.MONTH)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    due_on = models.DateField(_("due"))
    submitter = models.CharField(_("submitted by"), max_length=200, blank=True)
    way = models.CharField(_("way of submission"), max_length=10, default="portal")
    comment_en = models.TextField(_("comment (English)"), blank=True)
    comment_zh = models.TextField(_("comment (Chinese)"), blank=True)
    next_steps_en = models.TextField(_("next steps (English)"), blank=True)
    next_steps_zh = models.TextField(_("next steps (Chinese)"), blank=True)
    commented_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True)
    published_at = models.DateTimeField(_("published"), null=True)
    computed = models.JSONField(default=dict, blank=True)
    computed_at = models.DateTimeField(null=True)
    # since when a recomputation is known to differ from the newest frozen row
    differs_since = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    objects: ClassVar[Any] = ReportManager()

    class Meta:
        verbose_name = _("service report")
        verbose_name_plural = _("service reports")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agreement", "report_kind", "period_from", "period_until"],
                name="service_report_once_per_period",
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")),
                name="service_report_has_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | models.Q(commented_by__isnull=False) & ~models.Q(approved_by=models.F("commented_by")),
                name="service_report_four_eyes",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_on"], name="service_report_due")]

    @property
    def kind_label(self) -> Any:
        """What kind of report it is; a kind an agreement names for itself stands as it was written."""
        return REPORT_KINDS.get(self.report_kind, self.report_kind)

    @property
    def way_label(self) -> Any:
        return WAYS.get(self.way, self.way)

    @property
    def comment(self) -> str:
        return in_reader_language(self.comment_en, self.comment_zh)

    @property
    def next_steps(self) -> str:
        return in_reader_language(self.next_steps_en, self.next_steps_zh)

    @property
    def seen(self) -> str:
        """The hash of figures and comments as they stand here, which an approver sends back."""
        from servicereports import freezing

        return freezing.seen_of(self.computed.get("figures", {}), self) if self.computed else ""

    @property
    def is_running(self) -> bool:
        """Being made: its figures are not frozen yet."""
        return self.state in lifecycle.OPEN

    def is_overdue(self, today: date) -> bool:
        return self.state in lifecycle.UNSENT and self.due_on < today


class FrozenReport(models.Model):
    """A closed period: its whole content as one text, and the hash over it. Immutable.

    The first row is what was approved; each further one is a restatement, which names the hash of the row
    before it. ``content`` is canonical JSON (servicereports.canonical), so that the hash can be recomputed by
    anybody: SHA-256 over the text as UTF-8.
    """

    report = models.ForeignKey(ServiceReport, models.PROTECT, related_name="frozen")
    number = models.PositiveSmallIntegerField(_("number"))
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    reason = models.TextField(_("reason"), blank=True)
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("closed period")
        verbose_name_plural = _("closed periods")
        ordering: ClassVar = ["report", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "number"], name="frozen_report_once"),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(reason=""), name="frozen_report_says_why"
            ),
        ]
        triggers: ClassVar = immutable("frozenreport")

    def __str__(self) -> str:
        return f"{self.report_id} · {self.number}"


class KeptContent(models.Model):
    """What a periodic record said when it went out, as one canonical text with its hash. Immutable.

    A self-assessment has one row per submission, a relationship report one from its approval on.
    """

    record = models.ForeignKey(Record, models.PROTECT, related_name="kept")
    number = models.PositiveSmallIntegerField(_("number"))
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("kept content")
        verbose_name_plural = _("kept contents")
        ordering: ClassVar = ["record", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "number"], name="kept_content_once"),
        ]
        triggers: ClassVar = immutable("keptcontent")

    def __str__(self) -> str:
        return f"{self.record_id} · {self.number}"
