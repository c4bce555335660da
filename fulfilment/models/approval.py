"""Who has to approve a request before it is worked on, stage by stage, and what they decided."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Named, User
from fulfilment import lifecycle
from fulfilment.blueprint import ALL, ANY
from fulfilment.models.request import ServiceRequest


class ApprovalStage(Named):
    """One stage of a request's approval; the next one opens when it is approved."""

    class Rule(models.TextChoices):
        ALL = ALL, _("all of them must approve")
        ANY = ANY, _("one of them is enough")

    class State(models.TextChoices):
        PENDING = "pending", _("Later")
        OPEN = "open", _("Waiting")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="stages")
    position = models.PositiveSmallIntegerField()
    rule = models.CharField(_("rule"), max_length=5, choices=Rule, default=Rule.ALL)
    parties = models.JSONField(default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("approval stage")
        verbose_name_plural = _("approval stages")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "position"], name="approval_stage_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at"], condition=Q(state="open"), name="approval_stage_open"),
        ]


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def waiting(self) -> "ApprovalQuerySet":
        """Asked and not answered, of requests that still wait for it."""
        return self.filter(
            result="", stage__state=ApprovalStage.State.OPEN, stage__request__state=lifecycle.APPROVAL
        )

    def of(self, actor: Actor) -> "ApprovalQuerySet":
        """Those asked of the actor."""
        return self.filter(person=actor.user_id)


class Approval(models.Model):
    """One person asked in one stage, and the answer; the row itself is the right to decide."""

    class Result(models.TextChoices):
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        HANDED_OVER = "handed_over", _("Handed over")

    stage = models.ForeignKey(ApprovalStage, models.PROTECT, related_name="approvals")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    result = models.CharField(_("decision"), max_length=12, choices=Result, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    is_by_link = models.BooleanField(_("by the link in the mail"), default=False)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stage", "person"], name="approval_once_per_person"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(result=""), name="approval_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.result or '–'}"


class UsedLink(models.Model):
    """A link of a mail by which somebody decided; its key is unique, so that it works once."""

    key = models.CharField(max_length=64, unique=True)
    approval = models.ForeignKey(Approval, models.PROTECT, related_name="used_links")
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"link of {self.approval_id}"
