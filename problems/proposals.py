"""What the system finds by itself: clusters that may be problems, and incidents that come again."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, User
from catalog.models import Service
from cmdb.models import Item
from records.models import Record


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def visible_to(self, actor: Actor) -> Self:
        """Of one customer: who works for it; of several: who works for all."""
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(customer__in=actor.scope)


class Candidate(models.Model):
    """A cluster of similar incidents, proposed as a problem until somebody decides (PRB-10).

    Of one item, or of one service with the same words. ``count`` are all incidents it ever had, in
    CandidateIncident; ``judged_count`` how many it had when it was dismissed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a decision")
        ACCEPTED = "accepted", _("Became a problem")
        JOINED = "joined", _("Joined to a problem")
        DISMISSED = "dismissed", _("Dismissed")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, related_name="+", verbose_name=_("configuration item")
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, related_name="+", verbose_name=_("service")
    )
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: the incidents are of several customers."),
    )  # fmt: skip
    words = models.JSONField(_("words"), default=list)
    title = models.CharField(_("title"), max_length=200)
    count = models.PositiveIntegerField(_("incidents"))
    last_at = models.DateTimeField(_("latest incident"))
    found_at = models.DateTimeField(_("found"))
    problem = models.ForeignKey(
        "problems.Problem", models.PROTECT, null=True, related_name="candidates", verbose_name=_("problem")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.TextField(_("reason"), blank=True)
    judged_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed problem")
        verbose_name_plural = _("proposed problems")
        ordering: ClassVar = ["-last_at", "-pk"]
        constraints: ClassVar = [
            # one undecided proposal of an item; of a service there may be several, by their words
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(item__isnull=False, state__in=["waiting", "dismissed"]),
                name="candidate_once_per_item",
            ),
            models.CheckConstraint(
                condition=models.Q(item__isnull=False) | models.Q(service__isnull=False),
                name="candidate_is_about_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="dismissed") | ~models.Q(reason=""),
                name="candidate_dismissed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["accepted", "joined"]) | models.Q(problem__isnull=False),
                name="candidate_taken_up_by_a_problem",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [models.Index(fields=["state", "-last_at"], name="candidate_by_state")]

    def __str__(self) -> str:
        return self.title


class CandidateIncident(models.Model):
    """An incident that belongs to a proposal."""

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="members")
    incident = models.ForeignKey(Record, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "incident"], name="candidate_incident_once"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} in {self.candidate_id}"


class Recurrence(models.Model):
    """A new incident of the kind of a closed problem: its row is the fact that it was noticed (PRB-09)."""

    class State(models.TextChoices):
        OPEN = "open", _("To be judged")
        CONFIRMED = "confirmed", _("It came again")
        DISMISSED = "dismissed", _("Something else")

    problem = models.ForeignKey("problems.Problem", models.PROTECT, related_name="recurrences")
    incident = models.ForeignKey(Record, models.PROTECT, related_name="+", verbose_name=_("incident"))
    found_at = models.DateTimeField(_("noticed"))
    by_item = models.BooleanField(_("same item"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(_("judged"), null=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("judged by")
    )
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("recurrence")
        verbose_name_plural = _("recurrences")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["problem", "incident"], name="recurrence_once"),
            models.CheckConstraint(
                condition=~models.Q(state="dismissed") | ~models.Q(reason=""),
                name="recurrence_dismissed_with_a_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["found_at"], name="recurrence_found")]

    def __str__(self) -> str:
        return f"{self.incident_id} of {self.problem_id}"


class Watermark(models.Model):
    """How far a task has read: everything up to ``through`` is done with."""

    name = models.CharField(max_length=40, unique=True)
    through = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} through {self.through}"
