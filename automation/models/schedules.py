"""Recurring work: schedules, their runs, and what each run found."""

from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Named, Organisation, Team, User, in_reader_language, validate_time_zone
from catalog.models import Service
from fulfilment.models import Offering
from records.kinds import Kind
from records.models import Record
from records.recurrence import Closed, Every, Pattern
from sla.models import Calendar


class Rhythm(models.TextChoices):
    DAILY = Every.DAILY.value, _("every day")
    ALTERNATE = Every.ALTERNATE.value, _("every other day")
    WEEKLY = Every.WEEKLY.value, _("every week")
    MONTHLY = Every.MONTHLY.value, _("every month")
    HALF_YEARLY = Every.HALF_YEARLY.value, _("twice a year")
    YEARLY = Every.YEARLY.value, _("every year")


class OnClosed(models.TextChoices):
    RUN = Closed.RUN.value, _("it is done all the same")
    SKIP = Closed.SKIP.value, _("it is left out")
    NEXT = Closed.NEXT.value, _("it is done on the next open day")
    PREVIOUS = Closed.PREVIOUS.value, _("it is done on the open day before")


class CatchUp(models.TextChoices):
    ONCE = "once", _("the last one is made up for")
    MARK = "mark", _("all of them are marked as missed")


class ScopedRows(models.QuerySet[Any]):
    """Rows of customers: only of those the actor works for."""

    path = "customer"

    def visible_to(self, actor: Actor) -> "ScopedRows":
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(**{f"{self.path}__in": actor.scope})


class RunRows(ScopedRows):
    path = "schedule__customer"


@pghistory.track(
    exclude=["next_at", "last_day", "failures", "last_error"],
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Schedule(Named):
    """Work that comes again and again. ``last_day`` is the nominal day of the last run there is.

    ``checklist``: [{"en", "zh"}], what a run looks at and has findings about. ``day``: of the month, 0 for
    its last working day.
    """

    class Makes(models.TextChoices):
        REQUEST = Kind.REQUEST.value, _("a service request")
        INCIDENT = Kind.INCIDENT.value, _("an incident")

    makes = models.CharField(_("it opens"), max_length=20, choices=Makes)
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("customer"))
    requester = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("for whom"))
    offering = models.ForeignKey(
        Offering, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("offering")
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    text_en = models.TextField(_("what is to be done (English)"), blank=True)
    text_zh = models.TextField(_("what is to be done (Chinese)"), blank=True)
    checklist = models.JSONField(_("checklist"), default=list)
    every = models.CharField(_("how often"), max_length=12, choices=Rhythm)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    day = models.PositiveSmallIntegerField(_("day of the month"), default=1)
    at = models.TimeField(_("at"))
    zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("working days of")
    )
    on_closed = models.CharField(_("on a closed day"), max_length=10, choices=OnClosed, default=OnClosed.RUN)
    catch_up = models.CharField(
        _("runs that were missed"), max_length=10, choices=CatchUp, default=CatchUp.ONCE
    )
    hours_to_finish = models.PositiveSmallIntegerField(_("to be finished within hours"), default=24)
    keeper = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("kept by"))
    is_active = models.BooleanField(_("in use"), default=True)
    last_day = models.DateField(null=True)
    next_at = models.DateTimeField(_("next run"), null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScopedRows.as_manager()

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(makes="request") | Q(offering__isnull=False),
                name="schedule_request_has_offering",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(is_active=True), name="schedule_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("automation:schedule", args=[self.pk])

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def pattern(self) -> Pattern:
        return Pattern(
            every=Every(self.every), starts=self.starts, at=self.at, zone=self.zone,
            weekdays=tuple(self.weekdays), day=self.day, ends=self.ends, closed=Closed(self.on_closed),
        )  # fmt: skip


class ScheduleRun(models.Model):
    """A run, known by its nominal day for good; an extra one has none, but a reason and who asked for it."""

    class State(models.TextChoices):
        OPEN = "open", _("to be done")
        DONE = "done", _("done")
        MISSED = "missed", _("missed")

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="runs")
    day = models.DateField(_("day"), null=True)
    key = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(_("due"))
    made_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    record = models.OneToOneField(
        Record, models.PROTECT, null=True, related_name="schedule_run", verbose_name=_("ticket")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(_("done at"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    conclusion = models.TextField(_("conclusion"), blank=True)
    has_findings = models.BooleanField(_("something was found"), default=False)
    version = models.PositiveIntegerField(default=1)

    objects = RunRows.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["schedule", "day"], condition=Q(day__isnull=False), name="schedule_run_once"
            ),
            models.UniqueConstraint(
                fields=["schedule", "key"], condition=~Q(key=""), name="schedule_extra_run_once"
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at=None)),
                name="schedule_run_done_has_its_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=Q(state="open"), name="schedule_run_open"),
            models.Index(fields=["-due_at", "-id"], name="schedule_run_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.day or self.key}"

    def get_absolute_url(self) -> str:
        return reverse("automation:run", args=[self.pk])

    @property
    def finish_by(self) -> Any:
        return self.due_at + timedelta(hours=self.schedule.hours_to_finish)

    @property
    def is_extra(self) -> bool:
        return self.day is None


class Finding(models.Model):
    """One line of a run's checklist and what was found; the words are those of the day it was made."""

    class Outcome(models.TextChoices):
        OK = "ok", _("in order")
        FOUND = "found", _("something was found")

    run = models.ForeignKey(ScheduleRun, models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField()
    text_en = models.CharField(max_length=300)
    text_zh = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    note = models.TextField(_("what was found"), blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "position"], name="finding_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)
