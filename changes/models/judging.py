"""What is judged before a decision: risk, effects in general, and effects on what was promised."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.triggers import immutable
from changes.archive import archived
from changes.models.change import Change
from sla.models import Agreement


class RiskEdition(models.Model):
    """The questions about risk with their weights, and who has to approve what: one edition, never changed.

    ``definition`` is read by :mod:`changes.risk`. A change keeps the edition it was answered with.
    """

    number = models.PositiveIntegerField(_("edition"), unique=True)
    definition = models.JSONField()
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("edition of the risk questions")
        verbose_name_plural = _("editions of the risk questions")
        ordering: ClassVar = ["-number"]
        triggers: ClassVar = immutable("riskedition")

    def __str__(self) -> str:
        return str(self.number)


class Assessment(models.Model):
    """What a change does to one aspect, judged by somebody, in words (CHG-03)."""

    class Aspect(models.TextChoices):
        PERFORMANCE = "performance", _("Performance")
        RELIABILITY = "reliability", _("Reliability")
        SECURITY = "security", _("Security")
        USERS = "users", _("Users and business processes")
        RESOURCES = "resources", _("Resources and cost")

    class Judgement(models.TextChoices):
        BETTER = "better", _("Gets better")
        NONE = "none", _("No effect")
        SLIGHT = "slight", _("Slightly worse")
        SERIOUS = "serious", _("Considerably worse")

    change = models.ForeignKey(Change, models.PROTECT, related_name="assessments")
    aspect = models.CharField(_("aspect"), max_length=12, choices=Aspect)
    judgement = models.CharField(_("judgement"), max_length=10, choices=Judgement)
    words = models.TextField(_("in words"))
    judged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    judged_at = models.DateTimeField()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "aspect"], name="assessment_once_per_aspect"),
        ]
        triggers: ClassVar = archived("assessment")

    def __str__(self) -> str:
        return f"{self.change_id}: {self.aspect}"


class TargetEffect(models.Model):
    """What a change does to one promised figure of an agreement (CHG-04); its name as it was then."""

    class Effect(models.TextChoices):
        NONE = "none", _("No effect")
        AT_RISK = "at_risk", _("At risk")
        MISSED = "missed", _("Will be missed")
        IMPROVES = "improves", _("Improves")

    change = models.ForeignKey(Change, models.PROTECT, related_name="target_effects")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+", verbose_name=_("agreement"))
    target_key = models.CharField(_("target"), max_length=200)
    name_en = models.CharField(max_length=300)
    name_zh = models.CharField(max_length=300)
    effect = models.CharField(_("effect"), max_length=10, choices=Effect)
    words = models.TextField(_("in words"), blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    judged_at = models.DateTimeField()

    class Meta:
        verbose_name = _("effect on a target")
        verbose_name_plural = _("effects on targets")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change", "agreement", "target_key"], name="effect_once_per_target"
            ),
        ]
        triggers: ClassVar = archived("targeteffect")

    def __str__(self) -> str:
        return f"{self.change_id}: {self.target_key}"
