"""What monitoring told us: sources, the alarms they raised, and the rules that make tickets of them."""

import zoneinfo
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, Team, User, validate_time_zone
from catalog.models import Service
from cmdb.models import Item
from incidents.models import Incident
from monitoring import matching
from records.models import Level


@pghistory.track()
class Source(models.Model):
    """A monitoring system, as one integration account delivers it; made by its first delivery."""

    class Kind(models.TextChoices):
        ALERTMANAGER = "alertmanager", "Prometheus Alertmanager"
        ZABBIX = "zabbix", "Zabbix"
        JSON = "json", _("plain JSON")

    class OnRecovery(models.TextChoices):
        PROPOSE = "propose", _("tell who holds the ticket, who then resolves it")
        RESOLVE = "resolve", _("resolve it where nobody has worked on it; else tell who holds it")

    account = models.ForeignKey(
        User, models.PROTECT, related_name="alert_sources", verbose_name=_("integration account")
    )
    code = models.SlugField(_("code"), max_length=50)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    on_recovery = models.CharField(
        _("when all alerts of a ticket are over"),
        max_length=10,
        choices=OnRecovery,
        default=OnRecovery.PROPOSE,
    )
    grace_minutes = models.PositiveIntegerField(
        _("grace period in minutes"),
        default=60,
        validators=[MaxValueValidator(60 * 24 * 30)],
        help_text=_("An alert that comes back within it goes on with its ticket, also a resolved one."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Asia/Shanghai",
        validators=[validate_time_zone],
        help_text=_("Of times that come without one, as Zabbix sends them."),
    )

    class Meta:
        verbose_name = _("source of alerts")
        verbose_name_plural = _("sources of alerts")
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "code"], name="alert_source_once_per_account"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitoring:source", args=[self.pk])

    def shown(self, at: datetime) -> str:
        """An instant as texts of the log name it: in the zone of the source, which is named."""
        local = at.astimezone(zoneinfo.ZoneInfo(self.time_zone))
        return f"{local:%Y-%m-%d %H:%M} {self.time_zone}"

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)


@pghistory.track()
class Rule(models.Model):
    """What to do with alerts of a source whose labels match; the first active one by position decides."""

    class Action(models.TextChoices):
        TICKET = "ticket", _("open a ticket")
        IGNORE = "ignore", _("keep the alert, open nothing")

    source = models.ForeignKey(Source, models.PROTECT, related_name="rules", verbose_name=_("source"))
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    name = models.CharField(_("name"), max_length=100)
    conditions = models.TextField(
        _("conditions"),
        blank=True,
        max_length=2000,
        help_text=_(
            "One per line, all must hold: label = value, label != value, label ~ pattern with * and ?. "
            "Empty: every alert."
        ),
    )
    action = models.CharField(_("what to do"), max_length=10, choices=Action, default=Action.TICKET)
    is_active = models.BooleanField(_("switched on"), default=False)
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: the customer of the configuration item."),
    )  # fmt: skip
    requester = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("affected user"),
        help_text=_("Empty: a contact of the customer."),
    )  # fmt: skip
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("service")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"),
        help_text=_("Empty: first support of the service."),
    )  # fmt: skip
    item_label = models.CharField(
        _("label that names the item"), max_length=100, blank=True,
        help_text=_("Empty: the item the alert names itself."),
    )  # fmt: skip
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Level, default=Level.MEDIUM)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Level, default=Level.MEDIUM)
    group_by = models.CharField(
        _("one ticket for the same"), max_length=300, blank=True,
        help_text=_("Labels, separated by commas. Empty: a ticket for each alert; * for one of them all."),
    )  # fmt: skip
    most_tickets = models.PositiveSmallIntegerField(
        _("tickets in ten minutes, at most"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("In a storm further alerts join the newest ticket of the rule."),
    )

    class Meta:
        verbose_name = _("rule for alerts")
        verbose_name_plural = _("rules for alerts")
        ordering: ClassVar = ["source", "position", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitoring:rule", args=[self.pk])

    @property
    def matchers(self) -> tuple[matching.Matcher, ...]:
        """The conditions as values; BadCondition for text no form has checked."""
        return matching.parse(self.conditions)

    @property
    def grouping(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.group_by.split(",") if part.strip())


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, actor: Actor) -> "AlertQuerySet":
        """For the desk's side: of covered customers; of no customer for who covers all or delivered it."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        own = Q(customer=None, source__account=actor.user_id)
        return self.filter(Q(customer__in=actor.scope) | own)

    def firing(self) -> "AlertQuerySet":
        return self.filter(status=Alert.Status.FIRING)


class Alert(models.Model):
    """One alarm about one item of one source, from its real start to its end.

    It goes on in the same row while its ticket is open or it comes back within the grace period.
    ``count`` is how often it began, ``heard_count`` how often we were told of it.
    """

    class Status(models.TextChoices):
        FIRING = "firing", _("going on")
        RECOVERED = "recovered", _("recovered")

    class Why(models.TextChoices):
        """Why it has no ticket."""

        NO_RULE = "no_rule", _("no rule fits")
        NO_CUSTOMER = "no_customer", _("the rule finds no customer")
        NO_REQUESTER = "no_requester", _("the customer has no contact")
        REFUSED = "refused", _("the ticket was refused")
        IGNORED = "ignored", _("a rule says so")
        LATE = "late", _("it was over when we heard of it")

    source = models.ForeignKey(Source, models.PROTECT, related_name="alerts")
    alarm = models.CharField(_("alarm"), max_length=200)
    item_name = models.CharField(_("item"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    severity = models.CharField(_("severity"), max_length=50, blank=True)
    labels = models.JSONField(_("labels"), default=dict)
    url = models.CharField(_("address in monitoring"), max_length=2000, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    started_at = models.DateTimeField(_("began"))
    begun_at = models.DateTimeField(_("began last"))
    received_at = models.DateTimeField(_("received"))
    heard_at = models.DateTimeField(_("last heard of"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    count = models.PositiveIntegerField(_("times begun"), default=1)
    heard_count = models.PositiveIntegerField(_("times told"), default=1)
    payload = models.JSONField(_("last payload"), default=dict)
    customer = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="alerts")
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, related_name="alerts")
    group = models.CharField(max_length=64, blank=True)  # hash of what the rule groups by
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, related_name="alerts")
    why = models.CharField(_("why there is no ticket"), max_length=20, choices=Why, blank=True)
    refusal = models.CharField(_("refusal"), max_length=300, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "alarm", "item_name"],
                condition=Q(status="firing"),
                name="alert_firing_once",
            ),
            models.CheckConstraint(
                condition=Q(status="firing", ended_at=None) | Q(status="recovered", ended_at__isnull=False),
                name="alert_ended_goes_with_status",
            ),
            models.CheckConstraint(
                condition=Q(incident__isnull=False, why="") | Q(incident=None) & ~Q(why=""),
                name="alert_has_a_ticket_or_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "alarm", "item_name", "-id"], name="alert_of_alarm"),
            models.Index(fields=["-started_at", "-id"], name="alert_began"),
            models.Index(
                fields=["-started_at", "-id"], condition=Q(status="firing"), name="alert_firing_began"
            ),
            models.Index(fields=["why", "-id"], condition=Q(incident=None), name="alert_without_ticket"),
            models.Index(fields=["rule", "group", "-id"], name="alert_of_group"),
            models.Index(fields=["customer", "-id"], name="alert_of_customer"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("monitoring:detail", args=[self.pk])

    @property
    def label(self) -> dict[str, Any]:
        return {"id": self.pk, "en": self.title, "zh": self.title}

    @property
    def is_flapping(self) -> bool:
        return self.count >= 3
