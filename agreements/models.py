"""An edition of an agreement on its way from draft to end, and what people decide on the way."""

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.triggers import immutable
from agreements import lifecycle
from agreements.life_models import Ending as Ending  # noqa: PLC0414 - found here by Django, as those below
from agreements.life_models import Keeper as Keeper  # noqa: PLC0414
from agreements.life_models import Paper as Paper  # noqa: PLC0414
from agreements.replay_models import ReplayFlip as ReplayFlip  # noqa: PLC0414 - found here by Django
from agreements.replay_models import ReplayRun as ReplayRun  # noqa: PLC0414 - found here by Django
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from sla.models import Agreement, AgreementVersion


class State(models.TextChoices):
    DRAFT = lifecycle.DRAFT, _("Draft")
    INTERNAL_REVIEW = lifecycle.INTERNAL_REVIEW, _("Internal review")
    PARTY_REVIEW = lifecycle.PARTY_REVIEW, _("Offered to the other party")
    TO_SIGN = lifecycle.TO_SIGN, _("To be signed")
    IN_FORCE = lifecycle.IN_FORCE, _("In force")
    SUPERSEDED = lifecycle.SUPERSEDED, _("Superseded")
    EXPIRED = lifecycle.EXPIRED, _("Expired")
    TERMINATED = lifecycle.TERMINATED, _("Terminated")
    WITHDRAWN = lifecycle.WITHDRAWN, _("Withdrawn")


class WaitingFor(models.TextChoices):
    COUNTERPARTY = "counterparty", _("the other party")


class EditionManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.AGREEMENT)
        return rows


class Edition(Record):
    """One edition of an agreement. Its terms may be changed while it is a draft, and never after."""

    class Legality(models.TextChoices):
        PASSED = "passed", _("breaks no law")
        FAILED = "failed", _("breaks a law or regulation")

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="editions", verbose_name=_("agreement")
    )
    edition_number = models.PositiveIntegerField(_("edition"))
    terms = models.JSONField(_("terms"))
    effective_from = models.DateTimeField(_("in force from"))
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    change_reason = models.CharField(_("reason for the change"), max_length=300, blank=True)
    legality = models.CharField(_("legality check"), max_length=10, choices=Legality, blank=True)
    legality_note = models.TextField(_("note on the legality check"), blank=True)
    legality_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    legality_at = models.DateTimeField(null=True)
    signed_version = models.OneToOneField(AgreementVersion, models.PROTECT, null=True, related_name="edition")

    objects: ClassVar[Any] = EditionManager()

    class Meta:
        verbose_name = _("edition of an agreement")
        verbose_name_plural = _("editions of agreements")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "edition_number"], name="edition_once"),
        ]


@pghistory.track()
class Countersignature(models.Model):
    """A department's review of an edition (SLM-17). Asked anew after the edition went back to draft."""

    class Result(models.TextChoices):
        APPROVED = "approved", _("approved")
        OBJECTED = "objected", _("objected")

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="countersignatures")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reviewer"))
    result = models.CharField(_("result"), max_length=10, choices=Result, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("countersignature")
        verbose_name_plural = _("countersignatures")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "reviewer"], name="countersignature_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.edition_id}"


@pghistory.track()
class Signature(models.Model):
    """Who signed an edition for which party, in which role, when, and under which document (SLM-18)."""

    class Party(models.TextChoices):
        PROVIDER = "provider", _("the provider")
        COUNTERPARTY = "counterparty", _("the other party")

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="signatures")
    party = models.CharField(_("party"), max_length=20, choices=Party)
    person = models.CharField(_("signed by"), max_length=150)
    role = models.CharField(_("role"), max_length=150)
    signed_on = models.DateField(_("date"))
    document = models.CharField(_("document"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "party"], name="signature_once_per_party"),
        ]

    def __str__(self) -> str:
        return f"{self.party} of {self.edition_id}"


class UnderpinningException(models.Model):
    """A named person's decision to sign although a target is carried by a looser one. Kept for good."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="exceptions")
    target_key = models.CharField(_("target"), max_length=120)
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name = _("exception from underpinning")
        verbose_name_plural = _("exceptions from underpinning")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "target_key"], name="underpinning_exception_once"),
        ]
        triggers: ClassVar = immutable("underpinningexception")

    def __str__(self) -> str:
        return f"{self.target_key} of {self.edition_id}"


@pghistory.track()
class FollowUp(models.Model):
    """What an amended or ended agreement asks of an OLA or UC behind it (requirements 5.1.2)."""

    class Kind(models.TextChoices):
        AMEND = "amend", _("check and amend")
        END = "end", _("end")

    class Outcome(models.TextChoices):
        AMENDED = "amended", _("amended")
        TERMINATED = "terminated", _("terminated")
        UNAFFECTED = "unaffected", _("not affected")
        CALLED_OFF = "called_off", _("called off")

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="follow_ups")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=10, choices=Kind)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("responsible"))
    due_on = models.DateField(_("due"))
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    finished_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "agreement", "kind"], name="follow_up_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.agreement_id} after {self.edition_id}"
