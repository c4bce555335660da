"""Problems behind incidents: what is known of their cause, how they end, and the known errors they leave."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Organisation, User, in_reader_language
from cmdb.models import Item
from problems import lifecycle
from problems.proposals import Candidate, CandidateIncident, Recurrence, Watermark
from problems.work import Cause, QualityNotice, Solution, Why
from records.kinds import Kind
from records.models import ProcessQuerySet, Record

__all__ = [
    "Candidate", "CandidateIncident", "Cause", "KnownError", "KnownState", "Outcome", "Problem",
    "QualityNotice", "Recurrence", "Severity", "Solution", "Source", "State", "Watermark", "Why",
]  # fmt: skip


class State(models.TextChoices):
    RAISED = lifecycle.RAISED, _("Raised")
    ANALYSING = lifecycle.ANALYSING, _("Being analysed")
    SOLVING = lifecycle.SOLVING, _("Being solved")
    CLOSED = lifecycle.CLOSED, _("Closed")
    REJECTED = lifecycle.REJECTED, pgettext_lazy("problem", "Rejected")


class KnownState(models.TextChoices):
    VALID = lifecycle.VALID, _("Valid")
    PAST = lifecycle.PAST, _("Past")
    DROPPED = lifecycle.DROPPED, _("No known error")


class Source(models.TextChoices):
    """Who or what raised a problem (PRB-01)."""

    SECOND_LINE = "second_line", _("Second line")
    INCIDENT_MANAGER = "incident_manager", _("Incident manager")
    MONITORING = "monitoring", _("Monitoring")
    FEEDBACK = "feedback", _("User feedback")
    AUDIT = "audit", _("Internal audit")
    SYSTEM = "system", _("Proposed by the system")


class Severity(models.TextChoices):
    MINOR = "minor", _("Minor")
    MODERATE = "moderate", _("Moderate")
    SERIOUS = "serious", _("Serious")
    CRITICAL = "critical", _("Critical")


class Outcome(models.TextChoices):
    """How a problem ended: exactly one (PRB-04)."""

    SOLVED = "solved", _("Permanently solved")
    WORKAROUND = "workaround", _("Settled by workaround")
    DIRECT = "direct", _("Closed directly")


class ProblemManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.PROBLEM.value)
        return rows


class Problem(Record):
    """The cause, still unknown or known, of one or more incidents.

    ``assignee`` is the expert who looks for the cause, ``owner`` the problem manager who accepted it,
    ``requester`` who raised it. ``impact`` and ``urgency`` stay as they are: a problem has no clocks.
    """

    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=20, choices=Source)
    items = models.ManyToManyField(
        Item, blank=True, related_name="problems", verbose_name=_("configuration items")
    )
    decided_at = models.DateTimeField(_("accepted or rejected"), null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted or rejected by")
    )
    expert_since = models.DateTimeField(_("expert assigned"), null=True)
    scope = models.TextField(_("scope"), blank=True)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    outcome_reason = models.TextField(_("reason of the outcome"), blank=True)
    summary = models.TextField(_("closing summary"), blank=True)
    prevention = models.TextField(_("why no preventive measure is needed"), blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    objects: ClassVar[Any] = ProblemManager()

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(outcome="") | ~models.Q(summary="") & models.Q(closed_by__isnull=False),
                name="problem_ends_with_a_summary",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="direct") | ~models.Q(outcome_reason=""),
                name="problem_closed_directly_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at=None, decided_by=None)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="problem_decided_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["decided_at"], name="problem_decided")]

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)


class KnownErrorQuerySet(ProcessQuerySet):
    def readable_by(self, actor: Actor) -> Self:
        """What is known is the provider's own: all at the desk read it, of one customer who works for it."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        provider = models.Q(customer__kind=Organisation.Kind.PROVIDER)
        return self.filter(provider | models.Q(customer__in=actor.scope))

    def valid(self) -> Self:
        return self.filter(state=lifecycle.VALID)


class KnownErrorManager(models.Manager.from_queryset(KnownErrorQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> KnownErrorQuerySet:
        rows: KnownErrorQuerySet = super().get_queryset().filter(kind=Kind.KNOWN_ERROR.value)
        return rows


class KnownError(Record):
    """A fault that is known, and what to do until it is gone (PRB-07).

    ``title`` and ``description`` (the symptom) and ``workaround`` are English, their twins Chinese; one of
    each pair may be missing and is then flagged. ``words`` is what it is found by at triage.
    """

    of_problem = models.ForeignKey(
        Problem, models.PROTECT, null=True, blank=True, related_name="known_errors",
        verbose_name=_("problem"),
    )  # fmt: skip
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    symptom_zh = models.TextField(_("symptom (Chinese)"), blank=True)
    workaround = models.TextField(_("workaround (English)"), blank=True)
    workaround_zh = models.TextField(_("workaround (Chinese)"), blank=True)
    items = models.ManyToManyField(
        Item, blank=True, related_name="known_errors", verbose_name=_("configuration items")
    )
    words = SearchVectorField(null=True)

    objects: ClassVar[Any] = KnownErrorManager()

    class Meta:
        verbose_name = _("known error")
        verbose_name_plural = _("known errors")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(workaround="") | ~models.Q(workaround_zh=""),
                name="known_error_has_a_workaround",
            ),
        ]
        indexes: ClassVar = [GinIndex(fields=["words"], name="known_error_words")]

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)

    @property
    def symptom(self) -> str:
        return in_reader_language(self.description, self.symptom_zh)

    @property
    def way_round(self) -> str:
        """The workaround in the reader's language; the other one where it is missing."""
        return in_reader_language(self.workaround, self.workaround_zh)

    @property
    def lacks(self) -> list[str]:
        """The languages in which the workaround is missing."""
        return [code for code, text in (("en", self.workaround), ("zh", self.workaround_zh)) if not text]
