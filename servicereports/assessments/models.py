"""The desk's self-assessment of a period against its indicators, and the body it is submitted to (SD-21)."""

from datetime import date
from typing import Any, ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, User
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from servicereports.assessments import lifecycle


class Indicator(models.TextChoices):
    """What the desk is measured by; how each is computed stands in servicereports.assessments.indicators."""

    ANSWER_RATE = "answer_rate", _("Telephone answer rate")
    FIRST_RESPONSE = "first_response", _("First responses in time")
    RESOLUTION = "resolution", _("Resolutions in time")
    FIRST_LINE = "first_line", _("Incidents solved by the first line")
    SATISFACTION = "satisfaction", _("Satisfaction of those who answered")
    COMPLAINTS = "complaints", _("Complaints answered in time")
    CALLBACKS = "callbacks", _("Callback rate")
    HANDOVERS = "handovers", _("Hand-overs accepted")
    SLIPS = "slips", _("Findings of the desk checks")


class Verdict(models.TextChoices):
    """The desk's own judgement."""

    MET = "met", _("met")
    PARTLY = "partly", _("partly met")
    NOT_MET = "not_met", _("not met")
    NONE = "none", _("cannot be judged")


class State(models.TextChoices):
    DRAFT = lifecycle.DRAFT, _("Draft")
    SUBMITTED = lifecycle.SUBMITTED, _("Submitted")
    RETURNED = lifecycle.RETURNED, _("Returned")
    ACCEPTED = lifecycle.ACCEPTED, _("Accepted")


class Span(models.TextChoices):
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")


@pghistory.track()
class SupervisoryBody(Named):
    """Whom the desk answers to: an organisation or a part of one, and who reads for it."""

    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person who answers"),
        help_text=_("Told of each self-assessment. Empty: somebody outside; a manager records the answer."),
    )  # fmt: skip
    address = models.CharField(
        _("address"), max_length=200, blank=True, help_text=_("Where the printed page or the mail goes.")
    )
    every = models.CharField(_("asked for every"), max_length=10, choices=Span, default=Span.MONTH)
    lead = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("desk lead"),
        help_text=_("Who writes what falls due; empty: nothing is opened by itself."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("supervisory body")
        verbose_name_plural = _("supervisory bodies")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name_en"], name="supervisory_body_once"),
        ]


@pghistory.track()
class IndicatorGoal(models.Model):
    """Another goal for an indicator than the usual one, or that it is left out."""

    indicator = models.CharField(_("indicator"), max_length=20, choices=Indicator, unique=True)
    goal = models.DecimalField(_("goal"), max_digits=7, decimal_places=2)
    is_active = models.BooleanField(_("used"), default=True)

    class Meta:
        verbose_name = _("goal of an indicator")
        verbose_name_plural = _("goals of indicators")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(goal__gte=0), name="indicator_goal_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_indicator_display()}: {self.goal}"


class AssessmentManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.ASSESSMENT)
        return rows


class Assessment(Record):
    """One period, both days included; ``assignee`` is the desk lead who writes it."""

    body = models.ForeignKey(
        SupervisoryBody, models.PROTECT, related_name="assessments", verbose_name=_("supervisory body")
    )
    period = models.CharField(_("period"), max_length=10, choices=Span)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    summary = models.TextField(_("summary"), blank=True)
    computed_at = models.DateTimeField(_("figures of"))
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("submitted by")
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    sent_how = models.CharField(_("way of submission"), max_length=200, blank=True)
    opinion = models.TextField(_("opinion"), blank=True)
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    # whether somebody else wrote down what the body said
    answer_recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = AssessmentManager()

    class Meta:
        verbose_name = _("self-assessment")
        verbose_name_plural = _("self-assessments")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["body", "period_from", "period_until"], name="assessment_once_per_period"
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")), name="assessment_has_a_period"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-period_until"], name="assessment_until")]

    @property
    def span(self) -> tuple[date, date]:
        return self.period_from, self.period_until


class Judgement(models.Model):
    """One indicator of a self-assessment: the figure, its goal, the desk's own judgement and remarks.

    ``figure`` is a decimal number as text, empty where nothing was to be measured; ``hits`` of ``total``
    things count. Figures follow the records until the assessment is submitted.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="judgements")
    indicator = models.CharField(_("indicator"), max_length=20, choices=Indicator)
    figure = models.CharField(_("figure"), max_length=20, blank=True)
    hits = models.PositiveIntegerField(null=True)
    total = models.PositiveIntegerField(default=0)
    goal = models.DecimalField(_("goal"), max_digits=7, decimal_places=2)
    verdict = models.CharField(_("own judgement"), max_length=10, choices=Verdict, blank=True)
    remarks = models.TextField(_("remarks"), blank=True)

    class Meta:
        verbose_name = _("judgement of an indicator")
        verbose_name_plural = _("judgements of indicators")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessment", "indicator"], name="judgement_once"),
        ]

    def __str__(self) -> str:
        return self.get_indicator_display()
