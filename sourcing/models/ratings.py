"""Scores of suppliers by a rule, with their parts, kept over time (SUP-03, SUP-07, SUP-12)."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.triggers import immutable
from reviews.models import Review


class RatingRule(models.Model):
    """How a score is proposed, and when a run of bad ones opens an action. Each change is a row of its own.

    Weights are shares of 100 in all. ``mark``: below it a review counts as bad; ``in_a_row``: how many.
    """

    attainment = models.PositiveSmallIntegerField(_("attainment of its contracts"), default=50)
    misses = models.PositiveSmallIntegerField(_("customers' targets missed because of it"), default=20)
    reports = models.PositiveSmallIntegerField(_("reports in time"), default=15)
    quality = models.PositiveSmallIntegerField(_("quality of what it delivered"), default=15)
    mark = models.PositiveSmallIntegerField(
        _("mark to reach"), default=60, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    in_a_row = models.PositiveSmallIntegerField(
        _("reviews in a row below it that open an action"), default=2, validators=[MinValueValidator(1)]
    )
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rule of scores")
        verbose_name_plural = _("rules of scores")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    attainment=100 - models.F("misses") - models.F("reports") - models.F("quality")
                ),
                name="rating_weights_are_a_hundred",
            ),
            models.CheckConstraint(
                condition=models.Q(mark__range=(1, 100), in_a_row__range=(1, 12)),
                name="rating_run_makes_sense",
            ),
        ]
        triggers: ClassVar = immutable("rating_rule")

    def __str__(self) -> str:
        return f"rule {self.pk}"


class Rating(models.Model):
    """The score a review gave, beside the one that was proposed. A later grading adds a row; the last counts.

    ``parts`` are those of ``sourcing.scoring`` as they were; ``reason``: why the score is another one.
    """

    review = models.ForeignKey(Review, models.PROTECT, related_name="ratings")
    proposed = models.PositiveSmallIntegerField(_("proposed score"), null=True)
    score = models.PositiveSmallIntegerField(_("score"), validators=[MaxValueValidator(100)])
    reason = models.TextField(_("reason for another score"), blank=True)
    parts = models.JSONField(default=list)
    rated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("rated by"))
    rated_at = models.DateTimeField(_("rated"))

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(score=models.F("proposed")) | ~models.Q(reason=""),
                name="rating_deviates_with_a_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["review", "-id"], name="rating_newest")]
        triggers: ClassVar = immutable("rating")

    def __str__(self) -> str:
        return f"{self.score} for review {self.review_id}"
