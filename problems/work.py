"""What the work on a problem consists of: its whys, its causes, its solutions, and notices on quality."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from suppliers.models import Supplier


class Why(models.Model):
    """One step of the five whys: a question, its answer, and by what one knows."""

    problem = models.ForeignKey("problems.Problem", models.PROTECT, related_name="whys")
    position = models.PositiveSmallIntegerField(_("position"))
    question = models.CharField(_("why?"), max_length=300)
    answer = models.TextField(_("because"))
    evidence = models.TextField(_("evidence"), blank=True)

    class Meta:
        verbose_name = _("why")
        verbose_name_plural = _("whys")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["problem", "position"], name="why_once_per_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.position}. {self.question}"


class Cause(models.Model):
    """A hypothesis in the tree of causes: open, confirmed or ruled out, and how that was checked.

    A confirmed one may be a root cause; there may be several.
    """

    class Category(models.TextChoices):
        PEOPLE = "people", _("People")
        PROCESS = "process", _("Process")
        TECHNOLOGY = "technology", _("Technology")
        SUPPLIER = "supplier", _("Supplier")
        ENVIRONMENT = "environment", _("Environment")
        INFORMATION = "information", _("Information")

    class State(models.TextChoices):
        OPEN = "open", _("Not checked yet")
        CONFIRMED = "confirmed", _("Confirmed")
        RULED_OUT = "ruled_out", _("Ruled out")

    problem = models.ForeignKey("problems.Problem", models.PROTECT, related_name="causes")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("leads to")
    )
    category = models.CharField(_("category"), max_length=20, choices=Category)
    text = models.TextField(_("hypothesis"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    check_words = models.TextField(_("how it was checked"), blank=True)
    checked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked"), null=True)
    is_root = models.BooleanField(_("root cause"), default=False)

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(is_root=False) | models.Q(state="confirmed"),
                name="root_cause_is_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", checked_at=None)
                | ~models.Q(state="open") & ~models.Q(check_words="") & models.Q(checked_at__isnull=False),
                name="cause_judged_by_a_check",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Solution(models.Model):
    """A proposed solution; one of a problem's is chosen, and verified once it has proved itself."""

    problem = models.ForeignKey("problems.Problem", models.PROTECT, related_name="solutions")
    text = models.TextField(_("solution"))
    effort = models.CharField(_("effort and risk"), max_length=300, blank=True)
    is_chosen = models.BooleanField(_("chosen"), default=False)
    verified_at = models.DateTimeField(_("verified"), null=True)
    verified_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("verified by")
    )
    verification = models.TextField(_("how it was verified"), blank=True)

    class Meta:
        verbose_name = _("solution")
        verbose_name_plural = _("solutions")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["problem"], condition=models.Q(is_chosen=True), name="one_solution_chosen"
            ),
            models.CheckConstraint(
                condition=models.Q(verified_at=None)
                | models.Q(is_chosen=True, verified_by__isnull=False) & ~models.Q(verification=""),
                name="chosen_solution_verified_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class QualityNotice(models.Model):
    """A serious quality problem sent to the department or supplier responsible, and the answer (PRB-11)."""

    problem = models.ForeignKey("problems.Problem", models.PROTECT, related_name="notices")
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("supplier")
    )
    text = models.TextField(_("what is wrong, and what is asked for"))
    due_on = models.DateField(_("answer due"))
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("answer recorded by")
    )
    reminded_on = models.DateField(_("reminded"), null=True)

    class Meta:
        verbose_name = _("quality notice")
        verbose_name_plural = _("quality notices")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(team=None, supplier__isnull=False)
                | models.Q(team__isnull=False, supplier=None),
                name="quality_notice_to_one",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answer="")
                | models.Q(answered_at__isnull=False, answered_by__isnull=False) & ~models.Q(answer=""),
                name="quality_notice_answered_with_words",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on"], condition=models.Q(answered_at=None), name="quality_notice_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id} to {self.recipient}"

    @property
    def recipient(self) -> str:
        found = self.team or self.supplier
        return found.name if found else ""

    def is_late(self, today: date) -> bool:
        """Not answered by the day it was due, or answered after it."""
        answered = self.answered_at.date() if self.answered_at else today
        return answered > self.due_on
