"""Freezes and maintenance windows, and the times that work has been given."""

from datetime import datetime
from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Named, User, validate_time_zone
from catalog.models import Service
from cmdb.models import Item
from records.models import Record

DEFAULT_ZONE = "Asia/Shanghai"


class WindowQuerySet(models.QuerySet["Window"]):
    def visible_to(self, actor: Actor) -> "WindowQuerySet":
        """The desk's side knows them all but those that are for items alone none of which it may see."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        seen = Window.items.through.objects.filter(item__in=Item.objects.visible_to(actor))
        return self.filter(
            Q(everything=True)
            | Q(pk__in=Window.services.through.objects.values("window"))
            | Q(pk__in=seen.values("window"))
        )

    def in_force(self, start: datetime, end: datetime) -> "WindowQuerySet":
        """Not cancelled and possibly with a part in [start, end)."""
        return self.filter(is_cancelled=False, starts_at__lt=end).filter(
            Q(ends_at=None) | Q(ends_at__gt=start)
        )


@pghistory.track()
class Window(Named):
    """A freeze (nothing is changed in it) or a maintenance window (changes are made in it).

    Once: from ``starts_at`` to ``ends_at``. Weekly: on a weekday from one wall time to another in its zone,
    an end that is not after the beginning on the next day; ``starts_at`` and ``ends_at`` (or none) say from
    when to when it is in force.
    """

    class Kind(models.TextChoices):
        FREEZE = "freeze", _("Freeze")
        MAINTENANCE = "maintenance", _("Maintenance window")

    class Recurs(models.TextChoices):
        ONCE = "once", _("Once")
        WEEKLY = "weekly", _("Every week")

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    recurs = models.CharField(_("repeated"), max_length=10, choices=Recurs, default=Recurs.ONCE)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday, null=True, blank=True)
    from_time = models.TimeField(_("from"), null=True, blank=True)
    until_time = models.TimeField(
        _("until"), null=True, blank=True, help_text=_("Not after the beginning: on the next day.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=DEFAULT_ZONE, validators=[validate_time_zone]
    )
    everything = models.BooleanField(_("for everything"), default=False)
    services = models.ManyToManyField(Service, related_name="+", blank=True, verbose_name=_("services"))
    items = models.ManyToManyField(Item, related_name="+", blank=True, verbose_name=_("items"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    cancel_reason = models.CharField(_("why cancelled"), max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    created_at = models.DateTimeField(_("entered"))
    version = models.PositiveIntegerField(default=1)

    objects = WindowQuerySet.as_manager()

    class Meta:
        verbose_name = _("window")
        verbose_name_plural = _("windows")
        ordering: ClassVar = ["starts_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="window_has_a_span"
            ),
            models.CheckConstraint(
                condition=Q(
                    recurs="once", ends_at__isnull=False, weekday=None, from_time=None, until_time=None
                )
                | Q(
                    recurs="weekly", weekday__isnull=False, from_time__isnull=False, until_time__isnull=False
                ),
                name="window_once_or_weekly",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["starts_at", "ends_at"], condition=Q(is_cancelled=False), name="window_time")
        ]

    def get_absolute_url(self) -> str:
        return reverse("windows:detail", args=[self.pk])

    @property
    def is_freeze(self) -> bool:
        return self.kind == self.Kind.FREEZE


class Claim(models.Model):
    """The time a record (a change) has been given, with all that it touches then.

    ``items`` and ``services`` are what the work is on; ``reach_items`` and ``reach_services`` these and what
    depended on them when the time was given. Written by windows.booking alone.
    """

    record = models.OneToOneField(Record, models.PROTECT, related_name="claim")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    items = ArrayField(models.BigIntegerField(), default=list)
    services = ArrayField(models.BigIntegerField(), default=list)
    reach_items = ArrayField(models.BigIntegerField(), default=list)
    reach_services = ArrayField(models.BigIntegerField(), default=list)
    # the kinds of conflict (slots.Kind) that were exempted by name; who and why is in the record's log
    exempted = ArrayField(models.CharField(max_length=10), default=list)
    claimed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="claim_has_a_span"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ends_at", "starts_at"], name="claim_time"),
            GinIndex(fields=["reach_items"], name="claim_items"),
            GinIndex(fields=["reach_services"], name="claim_services"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.starts_at}"
