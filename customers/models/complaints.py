"""Complaints, suggestions and praise, by when they are answered, and what was found about a person."""

from datetime import datetime
from typing import Any, ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.triggers import immutable
from customers import lifecycle
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from sla.models import Agreement


class State(models.TextChoices):
    RECEIVED = lifecycle.RECEIVED, _("Received")
    ACKNOWLEDGED = lifecycle.ACKNOWLEDGED, _("Being looked into")
    ANSWERED = lifecycle.ANSWERED, _("Answered")
    HANDLED = lifecycle.HANDLED, _("Handled")
    CLOSED = lifecycle.CLOSED, _("Closed")
    RETRACTED = lifecycle.RETRACTED, _("Retracted")


class ComplaintQuerySet(ProcessQuerySet):
    def complaints(self) -> "ComplaintQuerySet":
        """Without suggestions and praise, and without what was taken back."""
        rows = self.filter(nature=Complaint.Nature.COMPLAINT)
        return rows.exclude(state=lifecycle.RETRACTED)

    def unanswered(self) -> "ComplaintQuerySet":
        return self.filter(state__in=lifecycle.UNANSWERED, answered_at=None)

    def overdue(self, now: datetime) -> "ComplaintQuerySet":
        return self.unanswered().filter(due_at__lt=now)


class ComplaintManager(models.Manager.from_queryset(ComplaintQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ComplaintQuerySet:
        rows: ComplaintQuerySet = super().get_queryset().filter(kind=Kind.COMPLAINT)
        return rows


class Complaint(Record):
    """What a customer says about us, apart from tickets; ``requester`` said it, ``assignee`` handles it.

    ``owner`` is the specialist who is told at once. One about a person is confidential: its words and what
    was found stand in :class:`StaffMatter`, for managers and who handles it.
    """

    class Nature(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint")
        SUGGESTION = "suggestion", _("Suggestion")
        PRAISE = "praise", _("Praise")

    nature = models.CharField(_("kind"), max_length=12, choices=Nature, default=Nature.COMPLAINT)
    about = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="complaints_about",
        verbose_name=_("about ticket"),
    )  # fmt: skip
    complainant = models.CharField(
        _("said by"), max_length=150, blank=True, help_text=_("Of somebody without an account.")
    )
    received_at = models.DateTimeField(_("received"))
    due_at = models.DateTimeField(_("answer due"))
    alarm_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    is_confidential = models.BooleanField(_("about a person"), default=False)
    is_major = models.BooleanField(_("major"), default=False)
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    escalated_to = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("escalated to")
    )
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    is_valid = models.BooleanField(_("valid"), null=True)
    judgement = models.TextField(_("reason of the judgement"), blank=True)
    judged_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("judged by")
    )
    judged_at = models.DateTimeField(_("judged"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    handled_at = models.DateTimeField(_("handled"), null=True)
    handling = models.TextField(_("what was done"), blank=True)
    outcome_score = models.PositiveSmallIntegerField(
        _("satisfaction with the outcome"), null=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )  # fmt: skip
    outcome_words = models.TextField(_("words on the outcome"), blank=True)
    outcome_rated_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ComplaintManager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(outcome_score=None) | models.Q(outcome_score__range=(1, 5)),
                name="complaint_outcome_of_five",
            ),
            models.CheckConstraint(
                condition=models.Q(is_valid=None, judged_at=None)
                | models.Q(is_valid__isnull=False, judged_at__isnull=False, judged_by__isnull=False),
                name="complaint_judged_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__gte=models.F("received_at")), name="complaint_due_after_receipt"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["received_at"], name="complaint_received"),
            models.Index(fields=["due_at"], name="complaint_due"),
            models.Index(
                fields=["alarm_at"], condition=models.Q(alarm_at__isnull=False), name="complaint_alarm"
            ),
        ]

    def is_overdue(self, now: datetime) -> bool:
        return self.state in lifecycle.UNANSWERED and self.answered_at is None and self.due_at < now

    @property
    def headline(self) -> str:
        """The title; of one about a person words that give nothing away, in the reader's language."""
        return gettext("Complaint about a person") if self.is_confidential else self.title

    @property
    def said_by(self) -> str:
        """Who said it: a name without an account, or the requester."""
        return self.complainant or self.requester.name


class StaffMatter(models.Model):
    """Whom a complaint is about, and what was said. Immutable; read by managers and who handles it."""

    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="matter")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("person"),
        help_text=_("Empty: a customer said it and cannot know the account; the finding names the person."),
    )  # fmt: skip
    words = models.TextField(_("what was said"))

    class Meta:
        verbose_name = _("complaint about a person")
        verbose_name_plural = _("complaints about people")
        triggers: ClassVar = immutable("staffmatter")

    def __str__(self) -> str:
        return str(self.complaint_id)

    def is_about(self, user_id: int) -> bool:
        """Whether it is about this person, as far as is known."""
        return self.person_id == user_id or self.findings.filter(person=user_id).exists()


class StaffFinding(models.Model):
    """What was found about a person and what followed from it; the newest counts. Immutable."""

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Rejected")

    matter = models.ForeignKey(StaffMatter, models.PROTECT, related_name="findings")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    verdict = models.CharField(_("finding"), max_length=10, choices=Verdict)
    reason = models.TextField(_("reason"))
    consequence = models.TextField(_("consequence"), blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("finding about a person")
        verbose_name_plural = _("findings about people")
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = immutable("stafffinding")

    def __str__(self) -> str:
        return self.get_verdict_display()


@pghistory.track()
class AnswerTerm(models.Model):
    """In how many days what customers say is answered: by an agreement, or by default."""

    agreement = models.OneToOneField(
        Agreement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agreement"),
        help_text=_("Empty: for all agreements without a term of their own."),
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(
        _("days to the answer"), validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    is_working = models.BooleanField(
        _("working days"), default=False, help_text=_("Of the agreement's calendar; else every day counts.")
    )

    class Meta:
        verbose_name = _("answer to complaints")
        verbose_name_plural = _("answers to complaints")
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(agreement=None), name="answer_term_one_default"
            ),
            models.CheckConstraint(condition=models.Q(days__range=(1, 366)), name="answer_term_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement or '–'}: {self.days}"


@pghistory.track()
class Duty(models.Model):
    """Who is told of complaints: the specialist at once, the leader of major ones; of a customer, or all."""

    class Part(models.TextChoices):
        SPECIALIST = "specialist", _("O&M management specialist")
        LEADER = "leader", _("Responsible leader")

    part = models.CharField(_("part"), max_length=12, choices=Part)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: for all customers without somebody of their own."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("person told of complaints")
        verbose_name_plural = _("people told of complaints")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["part", "customer"], nulls_distinct=False, name="complaint_duty_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()}: {self.user}"
