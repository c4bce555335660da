"""What was published of the figures: it stays as it was said."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.triggers import immutable


class WorkloadStatement(models.Model):
    """The workload of a period as it was counted when it was published; never changed (SD-18)."""

    first = models.DateField(_("from"))
    last = models.DateField(_("until"))
    zone = models.CharField(max_length=64)
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published"))
    # rows of {person, tier, accepted, solved, escalated, missed, numbers: {figure: [ticket numbers]}}
    rows = models.JSONField()
    key = models.UUIDField(unique=True)  # of the form: sent twice is published once

    class Meta:
        verbose_name = _("workload statement")
        verbose_name_plural = _("workload statements")
        triggers: ClassVar = immutable("workload_statement")

    def __str__(self) -> str:
        return f"{self.first} – {self.last}"

    def get_absolute_url(self) -> str:
        return reverse("reports:workload-statement", args=[self.pk])
