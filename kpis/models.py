"""How indicators are weighed, who checks them, and what was confirmed for a period."""

from typing import ClassVar

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.triggers import immutable
from records import span_words


@pghistory.track()
class Checker(models.Model):
    """Somebody who fills a role that checks indicators; ``role`` is its English name in the catalogue."""

    role = models.CharField(_("checking role"), max_length=100)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))

    class Meta:
        verbose_name = _("checker")
        verbose_name_plural = _("checkers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["role", "person"], name="kpi_checker_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person_id}"


class Weighing(models.Model):
    """Weight, goal and band of an indicator from a day on. Immutable: what was scored stays explained."""

    kpi = models.CharField(_("indicator"), max_length=20)
    since = models.DateField(_("for periods from"))
    weight = models.DecimalField(
        _("weight"), max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(0)]
    )
    goal = models.DecimalField(_("goal (100 points)"), max_digits=14, decimal_places=2, null=True, blank=True)
    floor = models.DecimalField(
        _("from here on 0 points"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    points = models.DecimalField(
        _("points taken off for each"), max_digits=6, decimal_places=2, default=1,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("weight and goal of an indicator")
        verbose_name_plural = _("weights and goals of indicators")
        indexes: ClassVar = [models.Index(fields=["kpi", "-since", "-id"], name="kpi_weighing_latest")]
        triggers: ClassVar = immutable("kpiweighing")

    def __str__(self) -> str:
        return f"{self.kpi} {self.since}"


class Confirmation(models.Model):
    """An indicator's figures of a period as its checker confirmed them. Immutable (KPI-06).

    The first row closes the period; each further one is a correction with its reason. ``rows`` are the ids
    behind the first figure, packed by zlib as text; ``sha256`` is over figures and ids (kpis.closing).
    """

    kpi = models.CharField(_("indicator"), max_length=20)
    period_from = models.DateField(_("period from"))
    period_until = models.DateField(_("period until"))
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    figures = models.JSONField(_("figures"))
    rows = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    score = models.DecimalField(_("points"), max_digits=6, decimal_places=2, null=True)
    is_by_hand = models.BooleanField(_("scored by the checker"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    evidence = models.TextField(_("evidence"), blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed"))

    class Meta:
        verbose_name = _("confirmed indicator")
        verbose_name_plural = _("confirmed indicators")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kpi", "period_from", "period_until", "customer", "number"], nulls_distinct=False,
                name="kpi_confirmed_once",
            ),
            models.CheckConstraint(
                condition=models.Q(period_until__gte=models.F("period_from")), name="kpi_confirmed_a_period"
            ),
            models.CheckConstraint(
                condition=models.Q(number=1, is_by_hand=False) | ~models.Q(reason=""),
                name="kpi_confirmation_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=-100, score__lte=100),
                name="kpi_points_of_a_hundred",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["period_from", "period_until"], name="kpi_confirmed_in")]
        triggers: ClassVar = immutable("kpiconfirmation")

    def __str__(self) -> str:
        return f"{self.kpi} {self.period_from} ({self.number})"


class Measurement(models.Model):
    """A figure of an indicator in a span of time, counted by the system (kpis.measuring); one row for each.

    ``customer`` null: all customers together. ``number`` null: there was nothing to tell (KPI-05). It is
    counted anew until ``is_final``: counted after the span was over.
    """

    kpi = models.CharField(_("indicator"), max_length=20)
    part = models.PositiveSmallIntegerField(_("which of its figures"), default=0)
    span_kind = models.CharField(_("span of time"), max_length=10, choices=span_words.CHOICES)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    number = models.DecimalField(_("figure"), max_digits=20, decimal_places=4, null=True)
    numerator = models.BigIntegerField(_("numerator"), null=True)
    denominator = models.BigIntegerField(_("denominator"), null=True)
    record_count = models.BigIntegerField(_("rows behind it"))
    counted_at = models.DateTimeField(_("counted"))
    is_final = models.BooleanField(_("counted after the span was over"), default=False)

    class Meta:
        verbose_name = _("measured indicator")
        verbose_name_plural = _("measured indicators")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kpi", "part", "first", "last", "customer"], nulls_distinct=False,
                name="kpi_measured_once",
            ),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="kpi_measured_a_span"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kpi} {self.part} {self.first} {self.last}"


class Reminder(models.Model):
    """That somebody was told of what is to be confirmed of a span: once for each."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    span = models.CharField(_("period"), max_length=10)  # as records.spans writes it
    number = models.PositiveSmallIntegerField(_("number"))
    told_at = models.DateTimeField(_("told"))
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("reminder of indicators")
        verbose_name_plural = _("reminders of indicators")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "span"], name="kpi_reminded_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.span}"
