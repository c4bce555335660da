"""What was missed, and what by decision does not count."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User


class Breach(models.Model):
    """A missed target: who held the ticket then, why it was missed, and which agreement answers for it.

    ``agreement`` is the OLA or UC that was broken and made the target fail; None: no such one, or not said
    yet, while ``reason`` is empty. ``no_action`` says why nothing needs to be corrected.
    """

    class Reason(models.TextChoices):
        WORKLOAD = "workload", _("Too much work at once")
        SKILL = "skill", _("Knowledge or skill missing")
        ASSIGNMENT = "assignment", _("Wrong team or late assignment")
        CUSTOMER = "customer", _("Waiting for the customer")
        SUPPLIER = "supplier", _("Waiting for a supplier")
        PARTS = "parts", _("Parts or access missing")
        TARGET = "target", _("Target not attainable")
        FORGOTTEN = "forgotten", _("Overlooked")
        OTHER = "other", _("Other")

    clock = models.OneToOneField("sla.Clock", models.PROTECT, related_name="breach")
    at = models.DateTimeField(db_index=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    tier = models.CharField(max_length=10, choices=Team.Tier, blank=True)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    note = models.TextField(_("explanation"), blank=True)
    agreement = models.ForeignKey(
        "sla.Agreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="breaches",
        verbose_name=_("accountable agreement"),
    )
    no_action = models.CharField(_("why no corrective action is needed"), max_length=300, blank=True)
    explained_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    explained_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("breach")
        verbose_name_plural = _("breaches")

    def __str__(self) -> str:
        return f"breach of clock {self.clock_id}"


@pghistory.track()
class Exclusion(models.Model):
    """A clock that does not count, by request with evidence and a second person's decision (SLM-32).

    Only an approved one takes the clock out of net attainment (``Clock.waived_at``); gross keeps it.
    """

    class Reason(models.TextChoices):
        PLANNED = "planned", _("Planned or agreed interruption")
        CUSTOMER = "customer", _("Caused by the customer")
        FORCE_MAJEURE = "force_majeure", _("Force majeure")
        AGREED = "agreed", _("Exception agreed in the SLA")
        MEASUREMENT = "measurement", _("Wrongly measured")

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        REVOKED = "revoked", _("revoked")

    clock = models.ForeignKey("sla.Clock", models.PROTECT, related_name="exclusions")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    evidence = models.TextField(_("evidence"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    decision_note = models.TextField(_("words of the decision"), blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clock"],
                condition=models.Q(decision__in=["", "approved"]),
                name="exclusion_one_per_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by=None, decided_at=None)
                | (~models.Q(decision="") & models.Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="exclusion_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("asked_by")), name="exclusion_four_eyes"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["asked_at"], condition=models.Q(decision=""), name="exclusion_to_be_decided"
            ),
        ]

    def __str__(self) -> str:
        return f"exclusion of clock {self.clock_id}"
