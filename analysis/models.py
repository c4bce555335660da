"""What is kept of analysis: comparisons that belong to an improvement, rules that warn, and warnings."""

from typing import ClassVar

import pghistory
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from actions.models import Action, ImprovementPlan
from records import span_words


class Better(models.IntegerChoices):
    MORE = 1, _("More is better")
    LESS = -1, _("Less is better")


class Cause(models.TextChoices):
    FORECAST = "forecast", _("Its goal will be missed if it goes on like this")
    ROW = "row", _("Worse several times in a row")
    LIMITS = "limits", _("Outside its usual limits")


class Chosen(models.Model):
    """One figure through spans of a kind, of all customers together or of one."""

    kpi = models.CharField(_("indicator"), max_length=20)
    part = models.PositiveSmallIntegerField(_("which of its figures"), default=0)
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    span_kind = models.CharField(_("span of time"), max_length=10, choices=span_words.CHOICES)

    class Meta:
        abstract = True


class BeforeAfter(Chosen):
    """A comparison before and after a day, kept with the improvement it judges.

    The figures themselves are those measured (kpis.measuring): what is over does not change any more.
    """

    improvement = models.ForeignKey(
        ImprovementPlan, models.PROTECT, related_name="comparisons", verbose_name=_("improvement plan")
    )
    day = models.DateField(_("improved on"))
    count = models.PositiveSmallIntegerField(
        _("spans on each side"), default=12, validators=[MaxValueValidator(60)]
    )
    kept_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name = _("comparison before and after")
        verbose_name_plural = _("comparisons before and after")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["improvement", "kpi", "part", "customer", "span_kind", "day"], nulls_distinct=False,
                name="analysis_compared_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kpi} {self.day}"


@pghistory.track()
class Rule(Chosen):
    """Which indicator is watched, and what is a reason to warn. One for each figure, customer and span.

    ``row``: so many figures in a row each worse than the one before; 0 does not warn of it.
    ``responsible`` null: the service level manager of the customer.
    """

    better = models.SmallIntegerField(_("which way is better"), choices=Better)
    forecast = models.BooleanField(_("when its goal will be missed"), default=True)
    row = models.PositiveSmallIntegerField(
        _("after so many worse figures in a row"), default=3, validators=[MaxValueValidator(12)]
    )
    limits = models.BooleanField(_("when it leaves its usual limits"), default=True)
    responsible = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("rule of early warning")
        verbose_name_plural = _("rules of early warning")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kpi", "part", "customer", "span_kind"], nulls_distinct=False,
                name="analysis_watched_once",
            ),
            models.CheckConstraint(
                condition=models.Q(row=0) | models.Q(row__gte=2), name="analysis_a_row_is_two"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kpi} {self.span_kind}"


class Warned(models.Model):
    """An early warning: raised once, there until what it warns of is over (RPT-08).

    ``first`` is the first day of the span that gave the reason; ``facts`` the numbers of that moment, as
    text. ``action`` is the follow-up work that told who is responsible.
    """

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="warnings")
    cause = models.CharField(_("reason"), max_length=10, choices=Cause)
    first = models.DateField(_("first day"))
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField(_("warned"))
    ended_at = models.DateTimeField(_("over since"), null=True)
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "cause"], condition=models.Q(ended_at=None), name="analysis_warned_once"
            ),
            models.UniqueConstraint(
                fields=["rule", "cause", "first"], name="analysis_warned_once_of_a_span"
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["-raised_at", "-id"], name="analysis_newest_warnings")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.cause} {self.first}"
