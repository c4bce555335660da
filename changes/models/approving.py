"""Who has to agree to a change, what they decided on which conditions, and what was let pass by name."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from catalog.models import Service
from changes import lifecycle
from changes.archive import archived
from changes.models.change import Change
from records.models import Record


class ChangeApprovalQuerySet(models.QuerySet["Approval"]):
    def present(self) -> "ChangeApprovalQuerySet":
        """Those of the round that counts."""
        return self.filter(round=F("change__round"))

    def waiting(self) -> "ChangeApprovalQuerySet":
        return self.present().filter(result="", change__state=lifecycle.APPROVING)


class Approval(models.Model):
    """One decision that a round asks for; ``person``: of this one, otherwise of whoever the party is.

    ``handed_by`` was asked, and lets ``person`` decide in his place (the first one, where it went on).
    """

    class Party(models.TextChoices):
        SERVICE_OWNER = "service_owner", _("Service owner")
        CHANGE_MANAGER = "change_manager", _("Change manager")
        MANAGEMENT = "management", _("Management")
        BOARD = "board", _("Change advisory board")
        LEADER = "leader", _("Leader on duty")

    class Result(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("change", "Approved")
        REJECTED = "rejected", pgettext_lazy("change", "Rejected")
        VOID = "void", _("No longer needed")

    change = models.ForeignKey(Change, models.PROTECT, related_name="approvals")
    round = models.PositiveSmallIntegerField(_("round of approval"))
    party = models.CharField(_("who decides"), max_length=20, choices=Party)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person asked")
    )
    content_hash = models.CharField(max_length=64)
    result = models.CharField(_("decision"), max_length=10, choices=Result, blank=True)
    words = models.TextField(_("in words"), blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    by_board = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("meeting")
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    handed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in place of")
    )
    handed_at = models.DateTimeField(_("decision handed over"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)

    objects = ChangeApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval of a change")
        verbose_name_plural = _("approvals of changes")
        ordering: ClassVar = ["round", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change", "round", "party", "service"], nulls_distinct=False,
                name="change_approval_once",
            ),
            # each level is another person's; only the board's word is brought by who may have spoken too
            models.UniqueConstraint(
                fields=["change", "round", "decided_by"],
                condition=Q(by_board=None) & ~Q(result="void"),
                name="change_approval_by_different_people",
            ),
            models.CheckConstraint(
                condition=Q(result__in=("", "void"), decided_by=None) | Q(decided_by__isnull=False),
                name="change_approval_decided_by_somebody",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(result=""), name="change_approval_waiting"),
        ]
        triggers: ClassVar = [
            *archived("approval"),
            pgtrigger.Protect(
                name="approval_decided_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=~pgtrigger.Q(old__result=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_id}/{self.round}: {self.party}"


class Condition(models.Model):
    """Something an approval was given on; it has to be met before the change is implemented."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="conditions")
    approval = models.ForeignKey(Approval, models.PROTECT, related_name="conditions")
    text = models.CharField(_("condition"), max_length=500)
    met_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    met_at = models.DateTimeField(_("met"), null=True, blank=True)
    met_words = models.CharField(_("how it was met"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering: ClassVar = ["pk"]
        triggers: ClassVar = archived("condition")

    def __str__(self) -> str:
        return self.text


class Exemption(models.Model):
    """A guard that somebody let a change pass, by name and with a reason, in one round of approval."""

    class Guard(models.TextChoices):
        PLAN = "plan", _("written plan")
        TEST = "test", _("passed test of the plan")
        FREEZE = "freeze", _("freeze")
        WINDOW = "window", _("maintenance window")
        COLLISION = "collision", _("collision with other changes")

    change = models.ForeignKey(Change, models.PROTECT, related_name="exemptions")
    guard = models.CharField(_("exemption from"), max_length=10, choices=Guard)
    round = models.PositiveSmallIntegerField()
    reason = models.CharField(_("reason"), max_length=1000)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("given by"))
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("exemption")
        verbose_name_plural = _("exemptions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "guard", "round"], name="change_exemption_once"),
        ]
        triggers: ClassVar = archived("exemption")

    def __str__(self) -> str:
        return f"{self.change_id}: {self.guard}"
