"""Shifts: patterns, who is on duty when, swaps, hand-overs, checklists and the daily log."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, Team, User, in_reader_language, validate_time_zone
from accounts.triggers import immutable
from records.models import Priority, Record

DEFAULT_ZONE = "Asia/Shanghai"


@pghistory.track()
class ShiftPattern(Named):
    """A kind of shift in wall time; an end that is not after the start is on the next day."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    starts = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"), help_text=_("Not after the beginning: on the next day."))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering: ClassVar = ["starts", "code"]

    def __str__(self) -> str:
        return f"{self.name} {self.hours}"

    @property
    def hours(self) -> str:
        plus = "" if self.ends > self.starts else "+1"
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}{plus}"


@pghistory.track()
class DutyRules(models.Model):
    """What a team's roster goes by: its zone, and the rules everybody can read."""

    team = models.OneToOneField(Team, models.PROTECT, related_name="duty_rules", verbose_name=_("team"))
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=DEFAULT_ZONE, validators=[validate_time_zone]
    )
    text_en = models.TextField(_("duty rules (English)"), blank=True)
    text_zh = models.TextField(_("duty rules (Chinese)"), blank=True)

    class Meta:
        verbose_name = _("duty rules")
        verbose_name_plural = _("duty rules")

    def __str__(self) -> str:
        return str(self.team)

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)


@pghistory.track()
class MinimumSeats(models.Model):
    """At least so many people of a team, from one wall time to another (occupancy.Rule)."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    team = models.ForeignKey(Team, models.CASCADE, related_name="minimum_seats", verbose_name=_("team"))
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday, null=True, blank=True, help_text=_("Empty: every day.")
    )
    starts = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"), help_text=_("Not after the beginning: on the next day."))
    seats = models.PositiveSmallIntegerField(_("at least"), validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("minimum occupancy")
        verbose_name_plural = _("minimum occupancies")
        ordering: ClassVar = ["team", "weekday", "starts"]

    def __str__(self) -> str:
        return f"{self.team} {self.starts:%H:%M}–{self.ends:%H:%M}: {self.seats}"


@pghistory.track()
class Duty(models.Model):
    """Somebody on duty for a team on a day. The instants are those of the pattern in the team's zone."""

    class Kind(models.TextChoices):
        SEAT = "seat", _("At a seat")
        ON_CALL = "on_call", _("On call")

    team = models.ForeignKey(Team, models.PROTECT, related_name="duties", verbose_name=_("team"))
    person = models.ForeignKey(User, models.PROTECT, related_name="duties", verbose_name=_("person"))
    pattern = models.ForeignKey(ShiftPattern, models.PROTECT, related_name="duties", verbose_name=_("shift"))
    date = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SEAT)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "person", "pattern", "date", "kind"], name="duty_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_has_a_span"),
            # nobody sits on two chairs; being on call goes beside anything
            ExclusionConstraint(
                name="duty_one_seat_at_a_time",
                expressions=[
                    (
                        Func(F("person"), F("person"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("starts_at"), F("ends_at"), function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(kind="seat"),
                # looked at after the statement, so that two people can change places
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["team", "ends_at", "starts_at"], name="duty_of_team"),
            models.Index(fields=["person", "starts_at"], name="duty_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.date} {self.pattern}"


class Swap(models.Model):
    """A wish to give a duty to a colleague, perhaps against one of the colleague's own."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for the colleague")
        CONSENTED = "consented", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined by the colleague")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN: ClassVar = ("asked", "consented")

    # a duty may be taken off the roster later; what was swapped is said by team, day and shift
    duty = models.ForeignKey(Duty, models.SET_NULL, null=True, related_name="swaps")
    in_return = models.ForeignKey(Duty, models.SET_NULL, null=True, blank=True, related_name="returns")
    team = models.ForeignKey(Team, models.PROTECT, related_name="+")
    pattern = models.ForeignKey(ShiftPattern, models.PROTECT, related_name="+")
    date = models.DateField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="swaps_asked")
    colleague = models.ForeignKey(User, models.PROTECT, related_name="swaps_wanted")
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("shift swap")
        verbose_name_plural = _("shift swaps")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["duty"], condition=Q(state__in=["asked", "consented"]), name="swap_one_open_per_duty"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "-id"], name="swap_of_team")]

    def __str__(self) -> str:
        return f"{self.team} {self.date} {self.asked_by} → {self.colleague}"


class Handover(models.Model):
    """What one shift hands to the next: the team's open tickets at that instant, with words to each."""

    class State(models.TextChoices):
        GIVEN = "given", _("Not accepted yet")
        ASKED_BACK = "asked_back", _("Asked back")
        ACCEPTED = "accepted", _("Accepted")

    team = models.ForeignKey(Team, models.PROTECT, related_name="handovers", verbose_name=_("team"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.GIVEN)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("handed over by"))
    given_at = models.DateTimeField(_("handed over"))
    note = models.TextField(_("general notes"), blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    # what the form carried, so that a form sent twice hands over once
    key = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False, accepted_by__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at=None, accepted_by=None)),
                name="handover_accepted_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["team", "-given_at", "-id"], name="handover_of_team"),
            models.Index(fields=["team"], condition=~Q(state="accepted"), name="handover_open"),
        ]

    def __str__(self) -> str:
        return f"{self.team} {self.given_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("shifts:handover", args=[self.pk])


class HandoverLine(models.Model):
    """A ticket as it was when it was handed over; never changed."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="lines")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    record_state = models.CharField(max_length=20)
    priority = models.PositiveSmallIntegerField(choices=Priority)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    next_due_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "record"], name="handover_line_once"),
        ]
        triggers: ClassVar = immutable("handover_line")

    def __str__(self) -> str:
        return f"{self.handover_id} {self.number}"


class HandoverRemark(models.Model):
    """A question to who handed over, or an answer; never changed."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="remarks")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.CharField(max_length=1000)

    class Meta:
        triggers: ClassVar = immutable("handover_remark")

    def __str__(self) -> str:
        return self.text


@pghistory.track()
class ChecklistItem(models.Model):
    """What is looked after before a shift of a team begins."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="checklist", verbose_name=_("team"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    text_en = models.CharField(_("text (English)"), max_length=200)
    text_zh = models.CharField(_("text (Chinese)"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("item of the checklist")
        verbose_name_plural = _("items of the checklist")
        ordering: ClassVar = ["team", "position", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)


class ChecklistTick(models.Model):
    """Somebody looked after one thing, for a shift of a team on a day; never changed."""

    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="ticks")
    pattern = models.ForeignKey(ShiftPattern, models.PROTECT, related_name="+")
    date = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "pattern", "date", "by"], name="tick_once"),
        ]
        triggers: ClassVar = immutable("checklist_tick")

    def __str__(self) -> str:
        return f"{self.item_id} {self.date}"


class LogEntry(models.Model):
    """A line of a team's daily log; never changed: who erred adds a line."""

    class Sort(models.TextChoices):
        NOTE = "note", _("Note")
        HANDOVER = "handover", _("Hand-over")
        CHECKLIST = "checklist", _("Checklist")
        ROSTER = "roster", _("Roster")

    team = models.ForeignKey(Team, models.PROTECT, related_name="daily_log", verbose_name=_("team"))
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    sort = models.CharField(_("kind"), max_length=12, choices=Sort, default=Sort.NOTE)
    text = models.CharField(_("text"), max_length=1000, blank=True)
    record = models.ForeignKey(Record, models.PROTECT, null=True, blank=True, related_name="+")
    handover = models.ForeignKey(Handover, models.PROTECT, null=True, blank=True, related_name="+")
    # a form that is sent twice writes one line
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("entry of the daily log")
        verbose_name_plural = _("daily log")
        indexes: ClassVar = [models.Index(fields=["team", "day", "at", "id"], name="log_of_day")]
        triggers: ClassVar = immutable("daily_log")

    def __str__(self) -> str:
        return self.text


def zone_of(team: Team) -> ZoneInfo:
    """The zone a team's shifts are written in."""
    rules = DutyRules.objects.filter(team=team).first()
    return ZoneInfo(rules.time_zone if rules else DEFAULT_ZONE)


def day_of(team: Team, at: datetime) -> "datetime":
    """The instant in the team's wall time."""
    return at.astimezone(zone_of(team))
