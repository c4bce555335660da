"""Which reports are owed, and each of them: made, checked, frozen as approved, published, corrected."""

from datetime import date
from typing import Any, ClassVar

import pghistory
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User, in_reader_language
from accounts.triggers import immutable
from processreports import lifecycle
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from records.span_words import CHOICES as SPANS
from sla.models import Agreement

OCCASION = "occasion"
EVERY = (*SPANS, (OCCASION, _("On occasion")))


class State(models.TextChoices):
    DRAFTED = lifecycle.DRAFTED, _("Drafted")
    COMMENTED = lifecycle.COMMENTED, _("Commented, to be approved")
    APPROVED = lifecycle.APPROVED, _("Approved, figures frozen")
    PUBLISHED = lifecycle.PUBLISHED, _("Published")
    ISSUED = lifecycle.ISSUED, _("Sent to its recipients")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


@pghistory.track()
class ReportDefinition(models.Model):
    """A report that is owed: about which processes, of whom, how often, with what in it, and who makes it.

    ``processes`` are English names of the catalogue of indicators; ``sections`` names of
    processreports.sections in their order. ``customer`` None: about all customers together.
    """

    name_en = models.CharField(_("name (English)"), max_length=120)
    name_zh = models.CharField(_("name (Chinese)"), max_length=120)
    introduction_en = models.TextField(_("introduction (English)"), blank=True)
    introduction_zh = models.TextField(_("introduction (Chinese)"), blank=True)
    processes = models.JSONField(_("processes"), default=list, blank=True)
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("project or contract"),
    )  # fmt: skip
    every = models.CharField(_("how often"), max_length=10, choices=EVERY, default="month")
    sections = models.JSONField(_("sections"), default=list)
    languages = models.JSONField(_("languages"), default=list)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    approver = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("approved by"))
    checker = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("quality check by")
    )
    recipients = models.ManyToManyField(User, related_name="+", blank=True, verbose_name=_("recipients"))
    due_days = models.PositiveSmallIntegerField(
        _("days until it is due"), default=5, validators=[MaxValueValidator(366)]
    )
    in_portal = models.BooleanField(_("published in the customer's portal"), default=False)
    active_from = models.DateField(_("owed from"))
    active_until = models.DateField(_("owed until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("report definition")
        verbose_name_plural = _("report definitions")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(owner=models.F("approver")), name="report_definition_four_eyes"
            ),
            models.CheckConstraint(
                condition=models.Q(in_portal=False) | models.Q(customer__isnull=False),
                name="report_definition_portal_of_a_customer",
            ),
            models.CheckConstraint(
                condition=models.Q(active_until=None) | models.Q(active_until__gte=models.F("active_from")),
                name="report_definition_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)

    @property
    def introduction(self) -> str:
        return in_reader_language(self.introduction_en, self.introduction_zh)

    @property
    def is_of_occasion(self) -> bool:
        """About one event, opened by hand."""
        return self.every == OCCASION

    def is_active(self, day: date) -> bool:
        return self.active_from <= day and (self.active_until is None or day <= self.active_until)


class ReportQuerySet(ProcessQuerySet):
    def unsent(self) -> "ReportQuerySet":
        return self.filter(state__in=lifecycle.UNSENT)

    def sent(self) -> "ReportQuerySet":
        return self.filter(state__in=lifecycle.SENT)

    def overdue(self, today: date) -> "ReportQuerySet":
        """Those whose day has passed without their being sent."""
        return self.unsent().filter(due_on__lt=today)


class ReportManager(models.Manager.from_queryset(ReportQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ReportQuerySet:
        rows: ReportQuerySet = super().get_queryset().filter(kind=Kind.PROCESS_REPORT)
        return rows


class ProcessReport(Record):
    """One report of a definition: of a span of time, or of one event (``subject``); ``assignee`` writes it.

    Both days of the period are included. ``computed`` is the content while it is being made, as of
    ``computed_at``; once it is approved its editions count.
    """

    definition = models.ForeignKey(
        ReportDefinition, models.PROTECT, related_name="reports", verbose_name=_("report definition")
    )
    every = models.CharField(_("how often"), max_length=10, choices=EVERY)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    subject = models.ForeignKey(Record, models.PROTECT, null=True, related_name="+", verbose_name=_("about"))
    due_on = models.DateField(_("due"))
    comment_en = models.TextField(_("comment (English)"), blank=True)
    comment_zh = models.TextField(_("comment (Chinese)"), blank=True)
    outlook_en = models.TextField(_("outlook (English)"), blank=True)
    outlook_zh = models.TextField(_("outlook (Chinese)"), blank=True)
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
    differs_since = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    objects: ClassVar[Any] = ReportManager()

    class Meta:
        verbose_name = _("report of a process")
        verbose_name_plural = _("reports of processes")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["definition", "every", "period_from"], condition=models.Q(subject=None),
                name="process_report_once_a_span",
            ),
            models.UniqueConstraint(
                fields=["definition", "subject"], condition=models.Q(subject__isnull=False),
                name="process_report_once_an_event",
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")),
                name="process_report_has_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None)
                | models.Q(commented_by__isnull=False) & ~models.Q(approved_by=models.F("commented_by")),
                name="process_report_four_eyes",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["due_on"], name="process_report_due"),
            models.Index(fields=["-period_until"], name="process_report_until"),
        ]

    @property
    def comment(self) -> str:
        return in_reader_language(self.comment_en, self.comment_zh)

    @property
    def outlook(self) -> str:
        return in_reader_language(self.outlook_en, self.outlook_zh)

    @property
    def seen(self) -> str:
        """The hash of figures and words as they stand here, which an approver sends back."""
        from processreports import freezing

        return freezing.seen_of(self.computed.get("figures", {}), self) if self.computed else ""

    def is_overdue(self, today: date) -> bool:
        return self.state in lifecycle.UNSENT and self.due_on < today


class ReportEdition(models.Model):
    """What a report says, for good. Immutable.

    The first is what was approved, each further one a correction with its reason, naming the hash of the
    one before. ``content`` is canonical JSON (servicereports.canonical), ``sha256`` the hash of its text as
    UTF-8. ``rows`` are the ids behind each figure, packed (processreports.freezing); the content has their
    hashes.
    """

    report = models.ForeignKey(ProcessReport, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("number"))
    content = models.TextField()
    rows = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    reason = models.TextField(_("reason"), blank=True)
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("edition of a report")
        verbose_name_plural = _("editions of reports")
        ordering: ClassVar = ["report", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "number"], name="report_edition_once"),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(reason=""), name="report_edition_says_why"
            ),
        ]
        triggers: ClassVar = immutable("reportedition")

    def __str__(self) -> str:
        return f"{self.report_id} · {self.number}"


class QualityCheck(models.Model):
    """What somebody who did not write it found in an edition. Immutable: a second look is a further row."""

    class Verdict(models.TextChoices):
        SOUND = "sound", _("In order")
        REMARKS = "remarks", _("In order, with remarks")
        FAULTY = "faulty", _("Faulty: to be corrected")

    edition = models.ForeignKey(ReportEdition, models.PROTECT, related_name="checks")
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    remark = models.TextField(_("remark"), blank=True)
    is_intact = models.BooleanField(_("the text has its hash"))
    is_current = models.BooleanField(_("computed anew the figures are the same"))
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("quality check of a report")
        verbose_name_plural = _("quality checks of reports")
        ordering: ClassVar = ["-checked_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verdict="sound") | ~models.Q(remark=""), name="quality_check_says_why"
            ),
        ]
        triggers: ClassVar = immutable("qualitycheck")

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.verdict}"
