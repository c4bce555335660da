"""What ties planned changes to what was promised: their announced interruptions, and the notice agreed on."""

from typing import ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from changes.models import Change
from sla.models import Agreement


@pghistory.track()
class AgreedNotice(models.Model):
    """So long before a planned interruption the customer of an agreement is to be told."""

    agreement = models.OneToOneField(
        Agreement, models.PROTECT, related_name="agreed_notice", verbose_name=_("agreement")
    )
    hours = models.PositiveSmallIntegerField(
        _("hours before it begins"), validators=[MinValueValidator(1), MaxValueValidator(2160)]
    )

    class Meta:
        verbose_name = _("agreed notice")
        verbose_name_plural = _("agreed notices")

    def __str__(self) -> str:
        return f"{self.agreement}: {self.hours} h"


class ChangeInterruption(models.Model):
    """A planned interruption that was announced for a change; the one that stands is not cancelled."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="announced_interruptions")
    interruption = models.OneToOneField(
        "levels.PlannedInterruption", models.PROTECT, related_name="for_change"
    )

    class Meta:
        verbose_name = _("interruption of a change")
        verbose_name_plural = _("interruptions of changes")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.interruption_id}"
