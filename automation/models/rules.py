"""Rules: when, if, then; what they were tried on, what set them off, and what each run did."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, User
from accounts.triggers import immutable
from records.models import Activity, Record


class When(models.TextChoices):
    """What sets a rule off."""

    OPENED = "opened", _("a ticket was opened")
    CHANGED = "changed", _("a ticket was changed or changed hands")
    ASKED = "asked", _("the customer wrote")
    MOVED = "moved", _("a ticket came into a state")
    WARNED = "warned", _("a target is about to be missed")
    MISSED = "missed", _("a target was missed")
    WAITED = "waited", _("a ticket has been in a state for some time")


@pghistory.track(
    fields=["name_en", "name_zh", "position", "keeper", "active", "paused_reason"],
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Rule(Named):
    """A rule. What it says is in its editions; ``active`` is the one in force, None while it is off.

    ``keeper`` switched it on: it does nothing that person may not do. ``verbs`` are the verbs of the log that
    set it off while it is on; the log's trigger reads them (see the migrations).
    """

    position = models.PositiveSmallIntegerField(_("place in the order"), default=100)
    active = models.ForeignKey(
        "RuleEdition", models.PROTECT, null=True, related_name="+", verbose_name=_("edition in force")
    )
    keeper = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("switched on by")
    )
    verbs = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    paused_reason = models.CharField(_("why it was paused"), max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("automation rule")
        verbose_name_plural = _("automation rules")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("automation:rule", args=[self.pk])


class RuleEdition(models.Model):
    """What a rule says, once and for all: an edit makes a new edition.

    ``into``: states as "incident:on_hold"; ``conditions``: groups, one of which must hold
    (automation.conditions); ``steps``: [{"change", "value"}]; ``stops``: later rules are not asked after it.
    """

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(_("edition"))
    when = models.CharField(_("when"), max_length=10, choices=When)
    into = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    hours = models.PositiveSmallIntegerField(_("after hours"), null=True)
    conditions = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    stops = models.BooleanField(_("stop after this rule"), default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("edition of a rule")
        verbose_name_plural = _("editions of rules")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_edition_once"),
        ]
        triggers: ClassVar = immutable("rule_edition")

    def __str__(self) -> str:
        return f"{self.rule_id} ({self.number})"


class Switch(models.Model):
    """That a rule was switched on or off, by whom; without a try-out, why. Immutable."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="switches")
    edition = models.ForeignKey(RuleEdition, models.PROTECT, related_name="+")
    is_on = models.BooleanField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        triggers: ClassVar = immutable("rule_switch")

    def __str__(self) -> str:
        return f"{self.rule_id} {'on' if self.is_on else 'off'}"


class TryOut(models.Model):
    """An edition run over existing tickets without writing anything."""

    edition = models.ForeignKey(RuleEdition, models.PROTECT, related_name="tries")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    days = models.PositiveSmallIntegerField(_("tickets of the last days"))
    looked = models.PositiveIntegerField(_("tickets looked at"))
    matched = models.PositiveIntegerField(_("tickets that match"))
    is_whole = models.BooleanField(_("all of them were looked at"))

    class Meta:
        indexes: ClassVar = [models.Index(fields=["edition", "-id"])]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.matched}/{self.looked}"


class TryOutRow(models.Model):
    """A ticket that would have matched; ``lines`` are what each step would do (automation.telling)."""

    tryout = models.ForeignKey(TryOut, models.CASCADE, related_name="rows")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    lines = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tryout", "id"])]

    def __str__(self) -> str:
        return f"{self.tryout_id}: {self.record_id}"


class Happening(models.Model):
    """An entry of the log that a rule waits for: the outbox, written by a trigger with the entry itself."""

    activity = models.OneToOneField(Activity, models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField()
    is_dead = models.BooleanField(default=False)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["available_at", "id"], condition=Q(is_dead=False), name="happening_pending"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.activity_id)


class Wait(models.Model):
    """A ticket came into a state at ``activity``; at ``due_at`` the rule looks whether it is still there."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="waits")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "activity"], name="rule_waits_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["due_at", "id"])]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.due_at}"


class Run(models.Model):
    """What an edition did because of one entry of the log. Unique: so nothing is done twice."""

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        PARTLY = "partly", _("partly done")
        NOTHING = "nothing", _("nothing to change")
        REFUSED = "refused", _("nothing could be done")
        FAILED = "failed", _("failed")
        LOOP = "loop", _("stopped: it had set itself off")
        DEPTH = "depth", _("stopped: too many rules in a row")

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="runs")
    edition = models.ForeignKey(RuleEdition, models.PROTECT, related_name="runs")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="+")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    lines = models.JSONField(default=list)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("run of a rule")
        verbose_name_plural = _("runs of rules")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "activity"], name="rule_run_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["rule", "-id"]), models.Index(fields=["record", "-id"])]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.activity_id} {self.outcome}"
