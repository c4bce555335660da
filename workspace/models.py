"""What agents need to work side by side: who has a ticket open, and changes made to many tickets at once."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

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
