"""What agents need to work side by side: who has a ticket open, and changes made to many tickets at once."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Origin
from accounts.models import User
from records.models import Record


class Presence(models.Model):
    """Somebody of the desk has the page of a record open. Forgotten soon after the last sign of life."""

    class Writing(models.TextChoices):
        NOTHING = "", _("reads")
        REPLY = "reply", _("writes a reply")
        NOTE = "note", _("writes an internal note")

    record = models.ForeignKey(Record, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    writing = models.CharField(max_length=10, choices=Writing, blank=True, default=Writing.NOTHING)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "user"], name="presence_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["seen_at"], name="presence_seen")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.record_id}"


class BulkEdit(models.Model):
    """One or several changes to be made to many tickets: who asked, when, what, and how far it is.

    ``changes`` holds [{"name", "value"}] of records.changes; ``forecast`` what the preview found.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Preview")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Finished")
        CANCELLED = "cancelled", _("Stopped")

    UNFINISHED = (State.WAITING, State.RUNNING)

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    changes = models.JSONField()
    forecast = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=2000, blank=True)  # the queue it came from, as its address asks
    origin = models.CharField(max_length=10, choices=[(o.value, o.value) for o in Origin])
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()  # by whoever works on it: long ago, and it is offered again

    class Meta:
        verbose_name = _("bulk edit")
        verbose_name_plural = _("bulk edits")
        indexes: ClassVar = [
            models.Index(fields=["asked_by", "-id"], name="bulk_edit_of"),
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=["draft", "waiting", "running"]),
                name="bulk_edit_open",
            ),
        ]

    def __str__(self) -> str:
        return f"bulk edit {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("workspace:bulk", args=[self.pk])

    @property
    def is_working(self) -> bool:
        return self.state in self.UNFINISHED


class BulkItem(models.Model):
    """One ticket of a bulk edit, as it was when it was previewed, and what became of it.

    ``effects`` holds [{"label", "before", "after"}] and ``reason`` why nothing is done, in the words of who
    asked; before the edit is confirmed both say what is expected.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Changed")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Not begun")

    edit = models.ForeignKey(BulkEdit, models.CASCADE, related_name="items")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    effects = models.JSONField(default=list)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edit", "record"], name="bulk_item_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["edit", "state", "attempts", "position"], name="bulk_item_next"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} of {self.edit_id}"
