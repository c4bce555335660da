"""What is kept with an agreement besides its editions: its papers, the people who look after it, its end."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.triggers import immutable
from records.models import Attachment
from sla.models import Agreement


class Paper(models.Model):
    """A document or decision kept with an edition, such as its contract or a review. Immutable."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("Contract it is part of")
        CONTRACT_REVIEW = "contract_review", _("Contract review")
        AVAILABILITY_REVIEW = "availability_review", _("Initial availability review")
        COST = "cost", _("Justification of the cost")
        OTHER = "other", _("Other paper")

    edition = models.ForeignKey("agreements.Edition", models.PROTECT, related_name="papers")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    number = models.CharField(_("number"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=200)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True)
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("paper of an agreement")
        verbose_name_plural = _("papers of agreements")
        triggers: ClassVar = immutable("paper")

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Keeper(models.Model):
    """Who has which part in an agreement, or in all of them, since when and until when (SLM-48).

    Nothing is overwritten: who gives a part up keeps the days of it.
    """

    class Part(models.TextChoices):
        PROCESS_OWNER = "process_owner", _("Process owner")
        MANAGER = "manager", _("Service level manager")
        COMMITTEE = "committee", _("Member of the service level committee")
        OWNER = "owner", _("Service level owner")
        MAINTAINER = "maintainer", _("Maintainer of the agreement")
        CUSTOMER_PROJECT_MANAGER = "customer_pm", _("Project manager of the customer")
        PROVIDING_DEPARTMENT = "providing", _("Manager of the department that promises")
        RECEIVING_DEPARTMENT = "receiving", _("Manager of the department that relies on it")

    # none: of all agreements together
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="keepers")
    part = models.CharField(_("part"), max_length=20, choices=Part)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("part in an agreement")
        verbose_name_plural = _("parts in agreements")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agreement", "part", "person"], condition=models.Q(until=None),
                nulls_distinct=False, name="keeper_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id} {self.part}"


@pghistory.track()
class Ending(models.Model):
    """The end of an agreement as it was asked for: why, when, what was open then, and what became of it."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="endings")
    edition = models.ForeignKey("agreements.Edition", models.PROTECT, related_name="endings")
    reason = models.TextField(_("reason"))
    ends_at = models.DateTimeField(_("Ends at"))
    # [{"kind", "number", "words": {"en", "zh"}}] of what was open when it was asked for
    duties = models.JSONField(_("open duties"), default=list)
    # [{"service": code, "falls_to": code of an agreement, or ""}]
    offers = models.JSONField(_("offers that lose their agreement"), default=list)
    told = models.PositiveIntegerField(_("people told"), default=0)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    called_off_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    called_off_at = models.DateTimeField(null=True)
    called_off_reason = models.TextField(_("why it was called off"), blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("end of an agreement")
        verbose_name_plural = _("ends of agreements")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agreement"], condition=models.Q(called_off_at=None), name="ending_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"end of {self.agreement_id}"
