"""Major incidents: led by a coordinator, told about at intervals, reviewed at the end (INC-06, INC-27)."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User, in_reader_language
from announcements.models import Announcement
from catalog.models import Service
from incidents.models import Incident
from majors import lifecycle
from records.kinds import Kind
from records.models import ProcessQuerySet, Record


class State(models.TextChoices):
    DECLARED = lifecycle.DECLARED, _("Under way")
    DOWNGRADED = lifecycle.DOWNGRADED, _("Downgraded")
    REVIEW = lifecycle.REVIEW, _("Over, to be reviewed")
    CLOSED = lifecycle.CLOSED, _("Closed")


class MajorManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset()
        return rows.filter(kind=Kind.MAJOR.value)


class Major(Record):
    """What is led beside an incident. ``assignee`` is the coordinator; watchers are those involved.

    ``update_minutes`` is the promised interval of updates. Customers do not see it: they are told by its
    announcement.
    """

    class Severity(models.IntegerChoices):
        CRITICAL = 1, _("Critical: business stands still")
        SEVERE = 2, _("Severe: business is badly hampered")
        NOTABLE = 3, _("Notable: much attention is needed")

    cause = models.ForeignKey(Incident, models.PROTECT, related_name="majors", verbose_name=_("incident"))
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.SEVERE)
    reason = models.TextField(_("reason"))
    update_minutes = models.PositiveSmallIntegerField(_("minutes between updates"), default=30)
    services = models.ManyToManyField(Service, related_name="+", blank=True, verbose_name=_("services"))
    customers = models.ManyToManyField(
        Organisation, related_name="+", blank=True, verbose_name=_("affected customers")
    )
    notice = models.ForeignKey(
        Announcement, models.PROTECT, null=True, blank=True, related_name="majors",
        verbose_name=_("announcement"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended"), null=True)
    # the review: none of it may be missing when the major incident is closed
    causes = models.TextField(_("causes"), blank=True)
    course = models.TextField(_("time line"), blank=True)
    lessons = models.TextField(_("lessons"), blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = MajorManager()

    class Meta:
        verbose_name = _("major incident")
        verbose_name_plural = _("major incidents")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(update_minutes__gte=5), name="major_updates_have_an_interval"
            ),
        ]

    @property
    def is_reviewed(self) -> bool:
        return self.reviewed_at is not None


class Update(models.Model):
    """What was told: to us, and where ``is_public`` to the affected customers."""

    major = models.ForeignKey(Major, models.PROTECT, related_name="updates")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    internal = models.TextField(_("for us"), blank=True)
    text_en = models.TextField(_("for customers (English)"), blank=True)
    text_zh = models.TextField(_("for customers (Chinese)"), blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text or self.internal[:60]

    @property
    def text(self) -> str:
        return in_reader_language(self.text_en, self.text_zh)

    @property
    def is_public(self) -> bool:
        return bool(self.text_en)


class Deadline(models.Model):
    """The next update is due; whether it came in time is kept for good. One open row at a time.

    ``warned_at`` and ``missed_at`` are written once each, by the sweep or by the act that comes too late.
    """

    major = models.ForeignKey(Major, models.PROTECT, related_name="deadlines")
    cycle = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    was_met = models.BooleanField(null=True)

    class Meta:
        ordering: ClassVar = ["major", "cycle"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["major", "cycle"], name="major_deadline_once"),
            models.UniqueConstraint(
                fields=["major"], condition=models.Q(ended_at=None), name="major_one_open_deadline"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["warn_at"],
                condition=models.Q(ended_at=None, missed_at=None),
                name="major_deadline_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.major_id} #{self.cycle}"
