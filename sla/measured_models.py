"""What is promised of a service over a period, not of one ticket."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.triggers import immutable
from catalog.models import Service


class MeasuredTarget(models.Model):
    """A promise about a service over a period, such as availability. Immutable. Empty service: for all."""

    class Measure(models.TextChoices):
        AVAILABILITY = "availability", _("Availability")
        FAILURES = "failures", _("Number of failures")
        OUTAGE_DURATION = "outage_duration", _("Longest outage")
        MTBF = "mtbf", _("Mean time between failures")
        THROUGHPUT = "throughput", _("Throughput")
        TRANSACTION_TIME = "transaction_time", _("Transaction response time")
        ANSWER_RATE = "answer_rate", _("Telephone answer rate")
        REPLY_RATE = "reply_rate", _("Reply rate")
        CALLBACK_RATE = "callback_rate", _("Callback rate")
        REPEAT_FAULTS = "repeat_faults", _("Repeated faults")
        WORKLOAD = "workload", _("Workload limit")
        PUBLICATION = "publication", _("Publication interval")

    class Operator(models.TextChoices):
        AT_LEAST = ">=", _("at least")
        AT_MOST = "<=", _("at most")

    version = models.ForeignKey("sla.AgreementVersion", models.PROTECT, related_name="measures")
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    operator = models.CharField(_("operator"), max_length=2, choices=Operator)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=20)
    source = models.CharField(_("data source"), max_length=20)
    period = models.CharField(_("period"), max_length=20)
    goal_percent = models.DecimalField(_("attainment goal"), max_digits=5, decimal_places=2, null=True)

    class Meta:
        verbose_name = _("measured target")
        verbose_name_plural = _("measured targets")
        ordering: ClassVar = ["version", "measure", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "measure", "service"], nulls_distinct=False, name="measured_target_once"
            ),
        ]
        triggers: ClassVar = immutable("measuredtarget")

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.operator} {self.value:g}"
