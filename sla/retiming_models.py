"""Open clocks on their way to a new edition of their calendar; Django finds it through sla.models."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Retiming(models.Model):
    """Somebody's decision that open clocks follow an edition of their calendar, and how far that has come.

    Without one, an edition is for clocks that start under it. ``cursor`` is the last record done; each batch
    moves it in the transaction that moves the clocks, so a killed worker leaves nothing half done.
    """

    version = models.OneToOneField("sla.CalendarVersion", models.PROTECT, related_name="retiming")
    starts_at = models.DateTimeField(_("from"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    cursor = models.PositiveBigIntegerField(default=0)
    clocks = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(moved__lte=models.F("clocks")), name="retiming_moves_what_it_takes"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["starts_at"], condition=models.Q(finished_at=None), name="retiming_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"clocks to {self.version_id}"
