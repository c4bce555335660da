"""Callbacks: after which closed tickets customers are called, who calls, and what came of every attempt."""

from datetime import datetime
from typing import ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, User
from catalog.models import Service
from records.models import Priority, Record
from sla.models import immutable


@pghistory.track()
class CallbackRule(models.Model):
    """After which closed tickets somebody calls. Of several that fit the most exact one counts."""

    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: all customers."),
    )  # fmt: skip
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service"),
        help_text=_("Empty: all services."),
    )  # fmt: skip
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, null=True, blank=True, help_text=_("Empty: all priorities.")
    )
    percent = models.PositiveSmallIntegerField(
        _("percent of the tickets"), default=100, validators=[MaxValueValidator(100)]
    )
    due_days = models.PositiveSmallIntegerField(
        _("days to call"), default=3, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    goal_percent = models.PositiveSmallIntegerField(
        _("goal of the callback rate in percent"), default=100, validators=[MaxValueValidator(100)]
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("callback rule")
        verbose_name_plural = _("callback rules")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "service", "priority"], nulls_distinct=False, name="callback_rule_once"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100, due_days__gte=1), name="callback_rule_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.customer or '*'} · {self.service or '*'} · {self.priority or '*'}"


class CallbackQuerySet(models.QuerySet["Callback"]):
    def visible_to(self, actor: Actor) -> "CallbackQuerySet":
        """The desk's side, of the customers it covers; customers see none."""
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(customer__in=actor.scope)

    def waiting(self) -> "CallbackQuerySet":
        return self.filter(state=Callback.State.WAITING)

    def overdue(self, now: datetime) -> "CallbackQuerySet":
        return self.waiting().filter(due_at__lt=now)


class Callback(models.Model):
    """One call to make about a closed ticket, by somebody who did not solve it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("To be called")
        DONE = "done", _("Called")
        GIVEN_UP = "given_up", _("Not reached")

    ticket = models.OneToOneField(Record, models.PROTECT, related_name="callback")
    customer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name=_("customer"))
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    closed_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due"))
    next_at = models.DateTimeField(_("next attempt"))
    goal_percent = models.PositiveSmallIntegerField(default=100)
    claimed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("called by")
    )
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", done_at=None) | (~Q(state="waiting") & Q(done_at__isnull=False)),
                name="callback_done_with_time",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="callback_claimed_with_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at", "id"], condition=Q(state="waiting"), name="callback_waiting"),
            models.Index(fields=["customer", "closed_at"], name="callback_customer"),
            models.Index(fields=["closed_at"], name="callback_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.state}"


class CallbackTry(models.Model):
    """One attempt and what came of it. Immutable."""

    class Content(models.TextChoices):
        YES = "yes", _("Satisfied")
        PARTLY = "partly", _("Partly satisfied")
        NO = "no", _("Not satisfied")

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="tries")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    is_reached = models.BooleanField(_("reached"))
    content = models.CharField(_("satisfied"), max_length=10, choices=Content, blank=True)
    words = models.TextField(_("what was said"), blank=True)

    class Meta:
        verbose_name = _("attempt to call")
        verbose_name_plural = _("attempts to call")
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_reached=True) | Q(content=""), name="callback_try_content_only_if_reached"
            ),
        ]
        triggers: ClassVar = immutable("callbacktry")

    def __str__(self) -> str:
        return f"{self.callback_id} {self.at}"
