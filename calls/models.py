"""Telephone: the numbers customers call, the branches of their menus, and each call."""

from typing import Any, ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Named, Organisation, Team, User
from calls.numbers import key_of
from catalog.models import Service
from records.models import Record


@pghistory.track()
class Hotline(Named):
    """A number customers call, with what a ticket from it usually is about."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    number = models.CharField(_("number"), max_length=50)
    key = models.CharField(max_length=20, unique=True, editable=False)  # numbers.key_of(number)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("usual service")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("usual team"),
        help_text=_("Empty: first support of the service."),
    )  # fmt: skip
    goal = models.PositiveSmallIntegerField(
        _("goal of the answer rate, percent"), default=90,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("hotline")
        verbose_name_plural = _("hotlines")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(goal__gte=1, goal__lte=100), name="hotline_goal_is_percent"),
            models.CheckConstraint(condition=~Q(key=""), name="hotline_has_a_number"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = key_of(self.number)
        super().save(*args, **kwargs)


@pghistory.track()
class Branch(Named):
    """What a caller chose in the menu of a hotline, and what a ticket from there usually is about."""

    hotline = models.ForeignKey(Hotline, models.PROTECT, related_name="branches", verbose_name=_("hotline"))
    code = models.CharField(_("key of the menu"), max_length=20)
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("usual service"),
        help_text=_("Empty: that of the hotline."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("usual team"),
        help_text=_("Empty: that of the hotline."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("menu branch")
        verbose_name_plural = _("menu branches")
        ordering: ClassVar = ["hotline", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hotline", "code"], name="branch_once_per_hotline"),
        ]


class CallQuerySet(models.QuerySet["CallRecord"]):
    def visible_to(self, actor: Actor) -> "CallQuerySet":
        """For the desk's side: of covered customers; of nobody known: who stored or took it."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        own = Q(customer=None) & (Q(stored_by=actor.user_id) | Q(agent=actor.user_id))
        return self.filter(Q(customer__in=actor.scope) | own)


@pghistory.track(obj_field=pghistory.ObjForeignKey(related_name="history"))
class CallRecord(models.Model):
    """One call. Neither answered nor abandoned: it rings, or its end was never reported.

    ``customer`` follows from the ticket, else from the person; it decides who may see the call.
    """

    class Direction(models.TextChoices):
        IN = "in", _("Incoming")
        OUT = "out", _("Outgoing")

    hotline = models.ForeignKey(Hotline, models.PROTECT, related_name="calls", verbose_name=_("hotline"))
    branch = models.ForeignKey(
        Branch, models.PROTECT, null=True, related_name="+", verbose_name=_("menu branch")
    )
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.IN)
    number = models.CharField(_("number of the other side"), max_length=50, blank=True)
    key = models.CharField(max_length=20, blank=True)  # numbers.key_of(number)
    offered_at = models.DateTimeField(_("offered"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    abandoned_at = models.DateTimeField(_("abandoned"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    agent = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("agent"))
    recording = models.CharField(_("recording"), max_length=500, blank=True)
    ticket = models.ForeignKey(
        Record, models.PROTECT, null=True, related_name="calls", verbose_name=_("ticket")
    )
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("person"))
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    stored_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("stored by"))
    stored_at = models.DateTimeField(_("stored"))
    reference = models.CharField(_("external reference"), max_length=100, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stored_by", "reference"], condition=~Q(reference=""), name="call_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(abandoned_at=None), name="call_answered_or_abandoned"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("offered_at")),
                name="call_answered_after_offered",
            ),
            models.CheckConstraint(
                condition=Q(abandoned_at=None) | Q(abandoned_at__gte=F("offered_at")),
                name="call_abandoned_after_offered",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(answered_at__isnull=False, ended_at__gte=F("answered_at"))
                | Q(abandoned_at__isnull=False, ended_at__gte=F("abandoned_at")),
                name="call_ended_after_its_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-offered_at", "-id"], name="call_offered"),
            models.Index(fields=["hotline", "-offered_at"], name="call_of_hotline"),
            models.Index(fields=["agent", "-offered_at"], name="call_of_agent"),
            models.Index(fields=["customer", "-offered_at"], name="call_of_customer"),
            models.Index(fields=["key", "-offered_at"], name="call_of_number"),
            models.Index(fields=["ticket", "-offered_at"], name="call_of_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.number or '–'} {self.offered_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("calls:detail", args=[self.pk])

    @property
    def outcome(self) -> str:
        """answered, abandoned or open."""
        return "answered" if self.answered_at else "abandoned" if self.abandoned_at else "open"
