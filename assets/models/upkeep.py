"""Maintenance plans of device classes, and the checks that follow from them (CMDB-08)."""

from datetime import date
from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Named, Team, User, in_reader_language
from actions.models import Action
from assets.models.register import Asset
from cmdb.models import ItemType
from records.recurrence import later


@pghistory.track()
class MaintenancePlan(Named):
    """What is looked at on every device of a class, and how often. ``checklist``: [{"en", "zh"}]."""

    class Unit(models.TextChoices):
        DAYS = "days", _("days")
        MONTHS = "months", _("months")

    device_class = models.ForeignKey(
        ItemType, models.PROTECT, related_name="maintenance_plans", verbose_name=_("device class")
    )
    checklist = models.JSONField(_("what is looked at"), default=list)
    every = models.PositiveSmallIntegerField(_("interval"))
    unit = models.CharField(_("unit"), max_length=10, choices=Unit, default=Unit.MONTHS)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible team")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible person"),
        help_text=_("Empty: who leads the team."),
    )  # fmt: skip
    lead_days = models.PositiveSmallIntegerField(_("becomes a task so many days before"), default=7)
    starts_on = models.DateField(_("no check before"))
    is_active = models.BooleanField(_("in force"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("maintenance plan")
        verbose_name_plural = _("maintenance plans")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["device_class"], condition=Q(is_active=True), name="plan_one_per_device_class"
            ),
            models.CheckConstraint(condition=Q(every__gt=0), name="plan_has_an_interval"),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(person__isnull=False), name="plan_has_a_responsible"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("assets:plan", args=[self.pk])

    @property
    def lines(self) -> list[str]:
        """The checklist in the reader's language."""
        return [in_reader_language(line["en"], line.get("zh", "")) for line in self.checklist]

    def after(self, day: date) -> date:
        """The day one interval later."""
        return later(day, **{self.unit: self.every})

    def first(self, asset: Asset) -> date:
        """The day of an asset's first check: an interval after it came, and not before the plan begins."""
        came = asset.received_on or asset.purchased_on
        return max(self.starts_on, self.after(came)) if came else self.starts_on


class CheckRows(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The checks of the assets the actor sees."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        return self.filter(Q(asset__customer=None) | Q(asset__customer__in=actor.scope))


class Check(models.Model):
    """One check of one asset. While it is open it is the next one; done, it says what was found.

    ``results``: [{"en", "zh", "is_ok", "note"}], the plan's checklist as it was on the day.
    """

    class State(models.TextChoices):
        OPEN = "open", _("to be done")
        DONE = "done", pgettext_lazy("check", "done")
        SKIPPED = "skipped", _("left out")

    plan = models.ForeignKey(
        MaintenancePlan, models.PROTECT, related_name="checks", verbose_name=_("maintenance plan")
    )
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="checks", verbose_name=_("asset"))
    due_on = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    action = models.OneToOneField(
        Action, models.PROTECT, null=True, related_name="asset_check", verbose_name=_("task")
    )
    results = models.JSONField(_("results"), default=list)
    has_findings = models.BooleanField(_("something was found"), default=False)
    conclusion = models.TextField(_("conclusion"), blank=True)
    done_on = models.DateField(_("done on"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("done by"))
    next_on = models.DateField(_("next due"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CheckRows.as_manager()

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "asset", "due_on"], name="check_once_per_due_date"),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state="open"), name="check_one_open_per_asset"
            ),
            models.CheckConstraint(
                condition=Q(state="open", done_on=None, done_by=None)
                | (~Q(state="open") & Q(done_on__isnull=False, done_by__isnull=False)),
                name="check_done_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="check_open_due"),
            models.Index(fields=["asset", "-due_on"], name="check_of_asset"),
            models.Index(fields=["-done_on", "-id"], condition=Q(state="done"), name="check_done"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.asset_id} {self.due_on}"

    def get_absolute_url(self) -> str:
        return reverse("assets:check", args=[self.pk])

    def is_overdue(self, today: date) -> bool:
        return self.state == self.State.OPEN and self.due_on < today

    @property
    def wanted(self) -> list[str]:
        """What is to be looked at, in the reader's language."""
        return self.plan.lines

    @property
    def lines(self) -> list[dict[str, object]]:
        """What was looked at, in the reader's language, with what was found."""
        return [{"text": in_reader_language(line["en"], line.get("zh", "")), **line} for line in self.results]
