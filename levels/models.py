"""What services were measured at beside tickets: outages, planned interruptions, values, credits and rewards.

Outages and interruptions keep a history; measured values and the ledger are never changed, as the versions of
agreements: a correction is a further row.
"""

from datetime import datetime
from typing import Any, ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, User, in_reader_language
from accounts.triggers import immutable
from catalog.models import Service
from levels.change_models import AgreedNotice, ChangeInterruption  # noqa: F401 - tables of this app
from records.models import Record
from sla.models import Agreement, AgreementVersion, Exclusion, MeasuredTarget


class Source(models.TextChoices):
    """Where an outage or a value comes from; codes as in the terms of agreements."""

    TICKETS = "tickets", _("tickets")
    MONITORING = "monitoring", _("monitoring")
    CALLS = "calls", _("telephone system")
    SURVEY = "survey", _("survey")
    MANUAL = "manual", _("entered by hand")


class OfCustomers(models.QuerySet[Any]):
    """Rows about one customer or, without one, about all."""

    def visible_to(self, actor: Actor) -> "OfCustomers":
        """For the desk's side only: those about the customers the actor covers, and about everybody."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self.all()
        return self.filter(Q(customer=None) | Q(customer__in=actor.scope))

    def overlapping(self, start: datetime, end: datetime) -> "OfCustomers":
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=start), started_at__lt=end)


class Interruptions(models.QuerySet["PlannedInterruption"]):
    """Planned interruptions of some customers or, without any, of all."""

    def visible_to(self, actor: Actor) -> "Interruptions":
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self.all()
        everybody = ~models.Exists(PlannedInterruption.customers.through.objects.filter(
            plannedinterruption=models.OuterRef("pk")
        ))  # fmt: skip
        covered = models.Exists(PlannedInterruption.customers.through.objects.filter(
            plannedinterruption=models.OuterRef("pk"), organisation__in=actor.scope
        ))  # fmt: skip
        return self.filter(everybody | covered)

    def overlapping(self, start: datetime, end: datetime) -> "Interruptions":
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class PlannedInterruption(models.Model):
    """An interruption announced beforehand (SLM-32). Without customers: for all of them.

    Only one that was agreed, announced before it began, and not cancelled is taken out of availability. What
    is planned is not edited: it is cancelled and announced anew (levels.services.move).
    """

    services = models.ManyToManyField(Service, related_name="+", verbose_name=_("services"))
    customers = models.ManyToManyField(
        Organisation, related_name="+", blank=True, verbose_name=_("customers"),
        help_text=_("Empty: all customers."),
    )  # fmt: skip
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    reason_en = models.CharField(_("reason (English)"), max_length=300)
    reason_zh = models.CharField(_("reason (Chinese)"), max_length=300)
    agreed_with = models.CharField(
        _("agreed with"), max_length=200, blank=True,
        help_text=_("Who agreed for the customers. Empty: announced only; it counts as an outage."),
    )  # fmt: skip
    announced_at = models.DateTimeField(_("announced"))
    announced_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    cancel_reason = models.CharField(_("reason for cancelling"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = Interruptions.as_manager()

    class Meta:
        verbose_name = _("planned interruption")
        verbose_name_plural = _("planned interruptions")
        ordering: ClassVar = ["-starts_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="interruption_has_a_span"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(cancelled_at__lte=F("starts_at")),
                name="interruption_cancelled_before_it_began",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["starts_at", "ends_at"], name="interruption_when")]

    def __str__(self) -> str:
        return self.reason

    @property
    def reason(self) -> str:
        return in_reader_language(self.reason_en, self.reason_zh)

    @property
    def is_taken_out(self) -> bool:
        """Whether it does not count as an outage."""
        return bool(self.agreed_with and not self.cancelled_at and self.announced_at < self.starts_at)


@pghistory.track()
class Outage(models.Model):
    """A service that was not to be had. Without a customer: for all of them.

    It counts until ``told_at``, when users were told that the service is back; without that until
    ``ended_at``; without an end it goes on. ``withdrawn_at``: it was recorded by mistake.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("service"))
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: all customers."),
    )  # fmt: skip
    started_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    told_at = models.DateTimeField(_("users told it is back"), null=True, blank=True)
    record = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ticket")
    )
    source = models.CharField(_("source"), max_length=20, choices=Source, default=Source.MANUAL)
    reference = models.CharField(_("reference of the source"), max_length=100, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField(_("reason for withdrawing"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    # set by the verb that has just recorded it, for those who must tell it from one that was there
    is_new = False

    objects: ClassVar[Any] = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering: ClassVar = ["-started_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gt=F("started_at")), name="outage_has_a_span"
            ),
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(ended_at__isnull=False, told_at__gte=F("ended_at")),
                name="outage_told_after_its_end",
            ),
            models.UniqueConstraint(
                fields=["service", "customer"],
                condition=Q(ended_at=None, withdrawn_at=None),
                nulls_distinct=False,
                name="outage_one_open_per_service",
            ),
            models.UniqueConstraint(
                fields=["source", "reference"], condition=~Q(reference=""), name="outage_once_per_reference"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["service", "started_at"], name="outage_of_service")]

    def __str__(self) -> str:
        return f"{self.service} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def felt_until(self) -> datetime | None:
        """When it was over for the users; None while it goes on."""
        return self.told_at or self.ended_at


@pghistory.track()
class OutageExclusion(models.Model):
    """An outage that does not count, by request with evidence and a second person's decision (SLM-32)."""

    outage = models.ForeignKey(Outage, models.PROTECT, related_name="exclusions")
    reason = models.CharField(_("reason"), max_length=20, choices=Exclusion.Reason)
    evidence = models.TextField(_("evidence"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    decision = models.CharField(_("decision"), max_length=10, choices=Exclusion.Decision, blank=True)
    decision_note = models.TextField(_("words of the decision"), blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("exclusion of an outage")
        verbose_name_plural = _("exclusions of outages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["outage"], condition=Q(decision__in=["", "approved"]), name="outage_exclusion_one"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="outage_exclusion_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="outage_exclusion_four_eyes"),
        ]

    def __str__(self) -> str:
        return f"exclusion of outage {self.outage_id}"


class MeasuredValue(models.Model):
    """One measured figure of a service over a slice of time. Immutable; the highest revision counts.

    Numerator and denominator where the figure is a share or a mean (answered and offered calls, seconds and
    transactions), else the value. Units are those of the promise.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="+", verbose_name=_("service"))
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    measure = models.CharField(_("measure"), max_length=20, choices=MeasuredTarget.Measure)
    started_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("until"))
    numerator = models.DecimalField(_("numerator"), max_digits=20, decimal_places=6, null=True)
    denominator = models.DecimalField(_("denominator"), max_digits=20, decimal_places=6, null=True)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6, null=True)
    source = models.CharField(_("source"), max_length=20, choices=Source)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    note = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    objects: ClassVar[Any] = OfCustomers.as_manager()

    class Meta:
        verbose_name = _("measured value")
        verbose_name_plural = _("measured values")
        ordering: ClassVar = ["-started_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "customer", "measure", "source", "started_at", "ended_at", "revision"],
                nulls_distinct=False,
                name="measured_value_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gt=F("started_at")), name="measured_value_has_a_span"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False, numerator=None, denominator=None)
                | Q(value=None, numerator__isnull=False, denominator__isnull=False, denominator__gte=0),
                name="measured_value_has_a_figure",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["service", "measure", "started_at"], name="measured_value_of_service")
        ]
        triggers: ClassVar = immutable("measuredvalue")

    def __str__(self) -> str:
        return f"{self.measure} of {self.service_id} from {self.started_at:%Y-%m-%d %H:%M}"


class CreditEntry(models.Model):
    """A line of the ledger: what a closed month costs, or earns, by the rules of the agreement. Immutable.

    One closing line per agreement, month and side, also where nothing is due; a side without rules has none.
    Corrections are lines of their own with the difference. ``version`` is the one in force at the month's
    end, whose rules and charge count.
    """

    class Side(models.TextChoices):
        """For whom: the customer gets a credit, the provider a reward. Both are counted as positive."""

        CREDIT = "credit", _("credit")
        REWARD = "reward", _("reward")

    class Kind(models.TextChoices):
        CLOSING = "closing", _("closing of the month")
        CORRECTION = "correction", _("correction")

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="credits", verbose_name=_("agreement")
    )
    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="+")
    # the first day of the month, in the zone of the agreement's calendar
    month = models.DateField(_("month"))
    side = models.CharField(_("side"), max_length=10, choices=Side, default=Side.CREDIT)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CLOSING)
    # the rules that are fulfilled: [{"target", "percent", "below", "credit"}]; of rewards "above", "reward"
    rules = models.JSONField(_("rules"))
    # of the month's charge; of a correction the difference
    percent = models.DecimalField(_("percent"), max_digits=6, decimal_places=2)
    # None: the agreement names no charge by the month
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("entered"))

    class Meta:
        verbose_name = _("line of the ledger")
        verbose_name_plural = _("lines of the ledger")
        ordering: ClassVar = ["-month", "agreement", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agreement", "month", "side"],
                condition=Q(kind="closing"),
                name="ledger_month_closed_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="closing") | ~Q(reason=""), name="credit_correction_says_why"
            ),
        ]
        triggers: ClassVar = immutable("creditentry")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} of {self.agreement_id}"
