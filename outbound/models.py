"""Who outside is told what: subscriptions, the messages to them, and each attempt to send one."""

import hashlib
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team, User
from outbound import chat
from records.models import Activity


@pghistory.track(
    exclude=["secret", "url", "paused_until", "failures"],
    obj_field=pghistory.ObjForeignKey(related_name="history"),
)
class Subscription(models.Model):
    """A webhook, or a chat robot of a team. A trigger of the log plans its messages (see the migrations)."""

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        WECOM = "wecom", _("WeCom robot")
        DINGTALK = "dingtalk", _("DingTalk robot")
        FEISHU = "feishu", _("Feishu robot")

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.WEBHOOK)
    url = models.CharField(_("address"), max_length=1000)
    secret = models.CharField(_("secret"), max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=40), verbose_name=_("events"), size=50)
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: of all customers."),
    )  # fmt: skip
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"),
        help_text=_("Empty: whichever team holds the ticket."),
    )  # fmt: skip
    public_only = models.BooleanField(
        _("only what customers may read"), default=True,
        help_text=_("Leave it on for receivers outside the provider."),
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    keeper = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("who looks after it"),
        help_text=_("Is told when it had to be switched off."),
    )  # fmt: skip
    is_active = models.BooleanField(_("switched on"), default=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    paused_until = models.DateTimeField(null=True)
    disabled_reason = models.CharField(_("why it was switched off"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(is_active=True), name="subscription_active"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("outbound:detail", args=[self.pk])

    @property
    def is_chat(self) -> bool:
        return self.kind != self.Kind.WEBHOOK

    def is_failing(self, now: datetime) -> bool:
        """Kept waiting because its receiver did not take a message; a robot is also spaced (chat.GAP)."""
        if self.paused_until is None:
            return False
        return not self.is_chat or self.paused_until > now + timedelta(seconds=chat.GAP[self.kind])

    @property
    def place(self) -> str:
        """The host alone: the rest of a robot's address is its key."""
        return urlsplit(self.url).netloc


class Message(models.Model):
    """One event for one subscription: the outbox. Written in the transaction of the Activity itself.

    Sent at least once, always under the same key; a test has no activity.
    """

    class State(models.TextChoices):
        NEW = "new", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="messages")
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "activity"], name="outbound_message_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["available_at", "id"],
                condition=Q(state__in=["new", "sending"]),
                name="outbound_message_pending",
            ),
            models.Index(fields=["subscription", "-id"], name="outbound_message_log"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.activity_id}"

    @property
    def key(self) -> str:
        """The same on every attempt and when it is sent again, so that a receiver takes it once."""
        about = f"outbound:{self.subscription_id}:{self.activity_id or f'test-{self.pk}'}"
        return f"msg_{hashlib.sha256(about.encode()).hexdigest()[:32]}"


class Attempt(models.Model):
    """One try to send a message, and what came back."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="tries")
    at = models.DateTimeField(_("at"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField(_("took"), null=True)
    address = models.CharField(max_length=45, blank=True)
    response = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes: ClassVar = [models.Index(fields=["message", "-id"])]

    def __str__(self) -> str:
        return f"{self.message_id} {self.status or self.error}"
