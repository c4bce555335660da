"""When: calendars, agreements, their immutable versions, and the clocks measured by them.

Versions and events are never changed: database triggers refuse it. A clock's columns are a cache that
replaying its events must reproduce.
"""

from datetime import datetime
from typing import Any, ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Organisation, Team, User
from accounts.triggers import immutable as immutable  # noqa: PLC0414
from catalog.models import Service
from sla import calendar as working_time
from sla import target
from sla.breach_models import Breach as Breach  # noqa: PLC0414 - found here by Django, as those below
from sla.breach_models import Exclusion as Exclusion  # noqa: PLC0414
from sla.holding_models import Holding as Holding  # noqa: PLC0414
from sla.keys import key_of
from sla.measured_models import MeasuredTarget as MeasuredTarget  # noqa: PLC0414
from sla.package_models import ServicePackage as ServicePackage  # noqa: PLC0414
from sla.retiming_models import Retiming as Retiming  # noqa: PLC0414
from suppliers.models import Supplier


class Metric(models.TextChoices):
    """What is promised. The words say what the person has to do."""

    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_UPDATE = "next_update", _("Progress update")
    ON_SITE = "on_site", _("Arrival on site")
    RESTORATION = "restoration", _("Restoration")
    RESOLUTION = "resolution", _("Resolution")
    CLOSURE = "closure", _("Closure")


class Calendar(Named):
    """Working hours under a name; what they are is in its versions."""

    code = models.SlugField(_("code"), max_length=50, unique=True)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering: ClassVar = ["name_en"]


class CalendarVersion(models.Model):
    """One edition of a calendar, in force from a date on. Immutable."""

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    effective_from = models.DateTimeField(_("in force from"))
    definition = models.JSONField(_("definition"))
    # what a date with hours of its own is called: {"2026-10-01": {"en", "zh"}}
    day_names = models.JSONField(_("names of days"), default=dict, blank=True)
    holidays_known_until = models.DateField(_("holidays known until"), null=True, blank=True)
    note = models.CharField(_("reason"), max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("calendar version")
        verbose_name_plural = _("calendar versions")
        ordering: ClassVar = ["calendar", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_once"),
        ]
        triggers: ClassVar = immutable("calendarversion")

    def __str__(self) -> str:
        return f"{self.calendar} v{self.number}"

    @property
    def hours(self) -> working_time.Calendar:
        """The working time of this version, ready to compute with."""
        return working_time.Calendar.parse(self.definition)


def check_calendar(calendar: Calendar, field: str | None, goal: target.Target | None = None) -> None:
    """Refuse a calendar without a version, or on which ``goal`` comes to no number of seconds (D-6)."""
    version = calendar.versions.order_by("-number").first()
    if version is None:
        words = gettext("This calendar has no version yet; give it working hours first.")
        raise ValidationError({field or NON_FIELD_ERRORS: words})
    try:
        if goal:
            target.resolve(goal, version.hours, timezone.now())
    except target.TargetError as refused:
        raise ValidationError({"amount": f"{refused.field}: {refused.detail}"}) from None


@pghistory.track()
class Agreement(Named):
    """A promise to a customer (SLA), of one of our teams (OLA), or of a supplier (UC); see its versions.

    An SLA without a customer is the default service commitment.
    """

    class Kind(models.TextChoices):
        SLA = "sla", _("Service level agreement")
        OLA = "ola", _("Operational level agreement")
        UC = "uc", _("Underpinning contract")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SLA)
    customer = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("customer"),
        help_text=_("Empty: the default commitment to every customer without an agreement."),
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"),
        help_text=_("Who promises, in an operational level agreement."),
    )  # fmt: skip
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="agreements",
        verbose_name=_("supplier"), help_text=_("Who promises, in an underpinning contract."),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children",
        verbose_name=_("layer above"),
        help_text=_("The agreement it refines; what it does not state itself it inherits."),
    )  # fmt: skip
    people = models.ManyToManyField(
        User, blank=True, related_name="+", verbose_name=_("people it is for"),
        help_text=_("A unit of the customer. Empty: all its people."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering: ClassVar = ["name_en"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind="sla", team=None, supplier=None)
                | models.Q(kind="ola", team__isnull=False, supplier=None, customer=None)
                | models.Q(kind="uc", supplier__isnull=False, team=None, customer=None),
                name="agreement_has_the_parties_of_its_kind",
            ),
        ]


class AgreementVersionQuerySet(models.QuerySet["AgreementVersion"]):
    def in_force(self, at: "datetime | models.OuterRef") -> "AgreementVersionQuerySet":
        """Those whose span holds ``at``, of agreements that have not ended by then; as policy.in_force."""
        return self.filter(
            models.Q(effective_until=None) | models.Q(effective_until__gt=at),
            models.Q(agreement__ended_at=None) | models.Q(agreement__ended_at__gt=at),
            effective_from__lte=at,
        )

    def current(self, at: datetime) -> "AgreementVersionQuerySet":
        """Of each agreement the one that counts at ``at``: of two in force the later one."""
        newest = self.in_force(at).order_by("agreement_id", "-effective_from", "-number")
        return newest.distinct("agreement_id")


class AgreementVersion(models.Model):
    """The terms of an agreement in force over a span of time. Immutable; tickets stay pinned to it."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    effective_from = models.DateTimeField(_("in force from"))
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+", verbose_name=_("calendar"))
    # {"<impact><urgency>": priority}, all nine pairs
    matrix = models.JSONField(_("impact and urgency guide"))
    pausing_reasons = ArrayField(models.CharField(max_length=40), verbose_name=_("reasons that pause"))
    # percent of the target, ascending
    warn_at = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("warn at percent"))
    reopen_starts_new_cycle = models.BooleanField(_("reopening starts a new cycle"), default=False)
    # the whole of what was signed, as sla.terms reads it; {} for versions of before there were documents
    terms = models.JSONField(_("terms"), default=dict, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = AgreementVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement version")
        verbose_name_plural = _("agreement versions")
        ordering: ClassVar = ["agreement", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
            models.CheckConstraint(
                condition=models.Q(effective_until=None)
                | models.Q(effective_until__gt=models.F("effective_from")),
                name="agreement_version_has_a_span",
            ),
        ]
        triggers: ClassVar = immutable("agreementversion")

    def __str__(self) -> str:
        return f"{self.agreement} v{self.number}"


class TicketKind(models.TextChoices):
    """The kinds of tickets a target may be for (REQ-01); as `records.kinds` names them."""

    INCIDENT = "incident", _("incidents")
    REQUEST = "request", _("service requests")


class Target(models.Model):
    """One promised figure of an agreement version. Empty service, priority or kind: for all. Immutable."""

    class Kind(models.TextChoices):
        BUSINESS_SECONDS = "business_seconds", _("working seconds")
        WORKING_DAYS = "working_days", _("working days")
        CALENDAR_DAYS = "calendar_days", _("calendar days")

    class Opens(models.TextChoices):
        CREATION = "creation", _("when the ticket is opened")
        FIRST_REPLY = "first_reply", _("with the first reply")
        OCCURRENCE = "occurrence", _("when it happened, where monitoring saw it; else when it is opened")

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="targets")
    metric = models.CharField(_("metric"), max_length=20, choices=Metric)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), null=True, blank=True)
    ticket_kind = models.CharField(
        _("kind of ticket"), max_length=10, choices=TicketKind, blank=True, help_text=_("Empty: for all.")
    )
    kind = models.CharField(_("unit"), max_length=20, choices=Kind, default=Kind.BUSINESS_SECONDS)
    amount = models.PositiveIntegerField(_("amount"))
    until = models.CharField(_("until"), max_length=10, blank=True)
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("own calendar")
    )
    opens = models.CharField(_("starts"), max_length=20, choices=Opens, default=Opens.CREATION)
    goal_percent = models.DecimalField(_("attainment goal"), max_digits=5, decimal_places=2, default=95)
    escalates = models.BooleanField(_("escalates to second line at the limit"), default=False)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering: ClassVar = ["version", "metric", "priority", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "metric", "service", "priority", "ticket_kind"],
                nulls_distinct=False,
                name="target_once_per_metric_and_scope",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="target_is_positive"),
        ]
        triggers: ClassVar = immutable("target")

    def __str__(self) -> str:
        return f"{self.get_metric_display()}: {self.amount} {self.get_kind_display()}"

    def clean(self) -> None:
        """Refuse what no clock could be started with: tickets must not fail over a mistyped promise."""
        if not self.amount or not self.kind:
            return  # their own fields say so
        try:
            goal = target.Target.parse(self.promise)
        except target.TargetError as refused:
            field = "until" if refused.field == "until" else "amount"
            raise ValidationError({field: f"{refused.field}: {refused.detail}"}) from None
        shared = getattr(self.version, "calendar", None) if hasattr(self, "version") else None
        if calendar := self.calendar or shared:
            check_calendar(calendar, "calendar" if self.calendar else None, goal)

    @property
    def key(self) -> str:
        """What the target is called within its agreement; its service is read."""
        service = self.service.code if self.service else None
        return key_of(self.metric, service, self.priority, self.ticket_kind)

    @property
    def promise(self) -> dict[str, Any]:
        """The target as the case format writes it, and as a clock copies it."""
        if self.kind == self.Kind.BUSINESS_SECONDS:
            return {"kind": self.kind, "seconds": self.amount}
        return {"kind": self.kind, "days": self.amount, "until": self.until or "same_time"}


class Underpinning(models.Model):
    """A target of an OLA or UC behind a target of a version. Immutable; keys as in sla.terms.

    Those of one stage run side by side, stages one after another.
    """

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="underpinnings")
    target_key = models.CharField(max_length=120)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="underpins")
    supporting_key = models.CharField(max_length=120)
    stage = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "target_key", "agreement", "supporting_key", "stage"],
                name="underpinning_once",
            ),
        ]
        triggers: ClassVar = immutable("underpinning")

    def __str__(self) -> str:
        return f"{self.target_key} rests on {self.supporting_key} of {self.agreement_id}"


class ClockManager(models.Manager["Clock"]):
    def get_queryset(self) -> models.QuerySet["Clock"]:
        return super().get_queryset().filter(support=None)


class Clock(models.Model):
    """One target running on one record: the measured facts, cached from its events.

    ``spent`` and ``target_seconds`` are working seconds; all instants are UTC.
    A further cycle (next update, reopening with a new cycle) is a row of its own.

    ``support`` is the OLA or UC whose promise is measured while its party has the record in hand; None: what
    was promised to the customer. ``objects`` are the clocks of customers alone, so that no figure about an
    SLA counts what a team or a supplier promised us; who wants all says ``every``.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")
        CANCELLED = "cancelled", _("cancelled")

    record = models.ForeignKey("records.Record", models.PROTECT, related_name="clocks")
    support = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="+")
    metric = models.CharField(_("metric"), max_length=20, choices=Metric)
    cycle = models.PositiveIntegerField(default=1)
    # its index is clock_of_agreement
    agreement_version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="+", db_index=False)
    calendar_version = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="+")
    target = models.ForeignKey(Target, models.PROTECT, related_name="+")
    # as at the start of the cycle; later changes are events
    promise = models.JSONField()
    started_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    target_seconds = models.PositiveBigIntegerField(null=True)
    spent = models.PositiveBigIntegerField(default=0)
    running_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # what was promised before any pause or change, to show beside the present due time
    first_due_at = models.DateTimeField(null=True)
    # the agreed instant by which somebody has to be there, while there is one
    appointed_at = models.DateTimeField(null=True)
    alarm_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    waived_at = models.DateTimeField(null=True)
    # when the verdict was given: the breach, or the stop in time
    decided_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)

    objects = ClockManager()
    every = models.Manager["Clock"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record", "support", "metric", "cycle"],
                nulls_distinct=False,
                name="clock_cycle_once",
            ),
            models.UniqueConstraint(
                fields=["record", "support", "metric"],
                nulls_distinct=False,
                condition=models.Q(stopped_at=None),
                name="clock_one_open_per_metric",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["alarm_at", "id"],
                condition=models.Q(alarm_at__isnull=False),
                name="clock_next_alarm",
            ),
            # with what attainment is counted from, so that a month is read from the index alone
            models.Index(
                fields=["decided_at"],
                include=["metric", "breached_at", "waived_at", "target", "agreement_version"],
                condition=models.Q(decided_at__isnull=False, support=None),
                name="clock_decided",
            ),
            # the same of one agreement, with whose clock it is: a report of a month reads nothing else
            models.Index(
                fields=["agreement_version", "decided_at"],
                include=["metric", "breached_at", "waived_at", "target", "record", "support"],
                name="clock_of_agreement",
            ),
            models.Index(
                fields=["support", "decided_at"],
                condition=models.Q(decided_at__isnull=False, support__isnull=False),
                name="clock_decided_of_support",
            ),
            models.Index(
                fields=["due_at"], condition=models.Q(stopped_at=None, support=None), name="clock_open_due"
            ),
            # whether an open record has a target past its due time, asked of many records at once
            models.Index(
                fields=["record"],
                include=["due_at", "metric", "target"],
                condition=models.Q(stopped_at=None, support=None),
                name="clock_open_of_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.record_id}"

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None


class ClockEvent(models.Model):
    """What happened to a clock, in order. Append-only."""

    class Type(models.TextChoices):
        PAUSE = "pause"
        RESUME = "resume"
        STOP = "stop"
        CANCEL = "cancel"
        REOPEN = "reopen"
        RETARGET = "retarget"
        CALENDAR = "calendar"
        APPOINT = "appoint"
        RELEASE = "release"

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    type = models.CharField(max_length=10, choices=Type)
    reason = models.CharField(max_length=40, blank=True)
    # for a retarget: {"target": promise, "target_id": id, "calendar_version": id}
    # for an appointment: {"due": instant}
    data = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["clock", "at", "pk"]
        indexes: ClassVar = [models.Index(fields=["clock", "at"])]
        triggers: ClassVar = immutable("clockevent")

    def __str__(self) -> str:
        return f"{self.type} at {self.at:%Y-%m-%d %H:%M:%S}"


class Alarm(models.Model):
    """The fact that a clock reached a step; its row is unique, so it is raised once.

    ``at`` is the instant it became true, ``noticed_at`` the instant a worker saw it. Append-only.
    """

    BREACH = "breach"

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="alarms")
    step = models.CharField(max_length=20)
    at = models.DateTimeField()
    noticed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clock", "step", "at"], name="alarm_once"),
        ]
        triggers: ClassVar = immutable("alarm")

    def __str__(self) -> str:
        return f"{self.step} of clock {self.clock_id}"
