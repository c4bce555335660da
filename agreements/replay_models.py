"""What-if replays of past tickets under the terms of an edition, and the tickets that flip in them."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ReplayRun(models.Model):
    """One replay. ``tally`` and ``cursor`` say how far it came; ``result`` is written once, at the end."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting to start")
        RUNNING = "running", _("in progress")
        DONE = "done", _("finished")
        FAILED = "failed", _("stopped with an error")

    UNFINISHED: ClassVar = (State.QUEUED, State.RUNNING)

    edition = models.ForeignKey("agreements.Edition", models.PROTECT, related_name="replays")
    # as they were when it was asked for; the draft may change meanwhile
    terms = models.JSONField()
    digest = models.CharField(max_length=64)
    period_start = models.DateTimeField(_("from"))
    # not included
    period_end = models.DateTimeField(_("to"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    tally = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    error = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked for by"))
    # also the instant as of which open tickets are judged
    asked_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(null=True)
    # who works on it, and until when nobody else may begin; attempts since it last came on
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("what-if replay")
        verbose_name_plural = _("what-if replays")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["edition", "period_start", "period_end", "digest"],
                condition=models.Q(state__in=["queued", "running"]),
                name="replay_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(period_end__gt=models.F("period_start")), name="replay_has_a_period"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["queued", "running"]),
                name="replay_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"replay {self.pk} of {self.edition_id}"

    def get_absolute_url(self) -> str:
        return reverse("agreements:replay", args=[self.edition.number, self.pk])


class ReplayFlip(models.Model):
    """A ticket that misses a target under one of the terms and not under the other."""

    class Direction(models.TextChoices):
        NOW_MISSED = "now_missed", _("would be missed")
        NOW_MET = "now_met", _("would no longer be missed")

    run = models.ForeignKey(ReplayRun, models.CASCADE, related_name="flips")
    record = models.ForeignKey("records.Record", models.PROTECT, related_name="+")
    target_key = models.CharField(max_length=120)
    direction = models.CharField(max_length=10, choices=Direction)
    # when it is missed, under the terms that miss it
    at = models.DateTimeField(null=True)
    # by so many working seconds; empty where it is not over yet
    seconds = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "record", "target_key"], name="replay_flip_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "direction", "id"], name="replay_flips"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.record_id}"
