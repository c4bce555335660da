"""Follow-up work, and the plans for improvement it may belong to."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, in_reader_language
from actions import lifecycle
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from sla.models import Agreement


class ActionState(models.TextChoices):
    OPEN = lifecycle.OPEN, _("Open")
    IN_PROGRESS = lifecycle.IN_PROGRESS, _("In progress")
    DONE = lifecycle.DONE, _("Done, effect to be judged")
    EFFECTIVE = lifecycle.EFFECTIVE, _("Effect confirmed")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class PlanState(models.TextChoices):
    PROPOSED = lifecycle.PROPOSED, _("Proposed")
    APPROVED = lifecycle.APPROVED, _("Approved")
    RUNNING = lifecycle.RUNNING, _("Being carried out")
    CLOSED = lifecycle.CLOSED, _("Closed")
    WITHDRAWN = lifecycle.WITHDRAWN, _("Withdrawn")


class ActionQuerySet(ProcessQuerySet):
    def unfinished(self) -> "ActionQuerySet":
        return self.filter(state__in=lifecycle.UNFINISHED)

    def overdue(self, today: date) -> "ActionQuerySet":
        """Those whose day has passed without their being done."""
        return self.unfinished().filter(due_on__lt=today)


class ActionManager(models.Manager.from_queryset(ActionQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ActionQuerySet:
        rows: ActionQuerySet = super().get_queryset().filter(kind=Kind.ACTION)
        return rows


class PlanManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.IMPROVEMENT)
        return rows


class ImprovementPlan(Record):
    """A service improvement plan (SLM-43): who, with what, from when to when, measured by which figure.

    ``title`` and ``title_zh`` are its name in both languages; ``assignee`` is who answers for it.
    """

    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="improvement_plans",
        verbose_name=_("agreement"),
    )  # fmt: skip
    people = models.TextField(_("people"), blank=True)
    resources = models.TextField(_("resources"), blank=True)
    starts_on = models.DateField(_("begins on"))
    ends_on = models.DateField(_("ends on"))
    indicator = models.CharField(_("indicator"), max_length=200)
    value_before = models.CharField(_("value before"), max_length=100)
    value_wanted = models.CharField(_("value aimed at"), max_length=100)
    value_after = models.CharField(_("value after"), max_length=100, blank=True)
    result = models.TextField(_("result"), blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PlanManager()

    class Meta:
        verbose_name = _("improvement plan")
        verbose_name_plural = _("improvement plans")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="plan_ends_after_it_starts"
            ),
        ]

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)


class Action(Record):
    """One piece of follow-up work: corrective action, review action, improvement, correction.

    ``assignee`` is responsible, the record it is linked to by "was caused by" is its reason. ``key`` names
    what a job that runs again must not open twice.
    """

    class Source(models.TextChoices):
        BREACH = "breach", _("Missed target")
        REVIEW = "review", _("Review meeting")
        IMPROVEMENT = "improvement", _("Improvement plan")
        SELF_CHECK = "self_check", _("Self-check")
        SUPPLIER = "supplier", _("Supplier")
        AUDIT = "audit", _("Audit")
        OTHER = "other", _("Other")

    source = models.CharField(_("source"), max_length=20, choices=Source)
    due_on = models.DateField(_("due"))
    resources = models.TextField(_("resources"), blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    effect_check_on = models.DateField(_("effect to be judged on"), null=True, blank=True)
    effect = models.TextField(_("effect"), blank=True)
    effective = models.BooleanField(_("effective"), null=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("agreement")
    )
    plan = models.ForeignKey(
        ImprovementPlan, models.PROTECT, null=True, blank=True, related_name="actions",
        verbose_name=_("improvement plan"),
    )  # fmt: skip
    key = models.CharField(max_length=200, blank=True)
    reminded_on = models.DateField(null=True)

    objects: ClassVar[Any] = ActionManager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="action_once_per_key"),
        ]
        indexes: ClassVar = [models.Index(fields=["due_on"], name="action_due")]

    def is_overdue(self, today: date) -> bool:
        return self.state in lifecycle.UNFINISHED and self.due_on < today
