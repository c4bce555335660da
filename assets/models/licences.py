"""What software may be used, and what was found that may not (CMDB-09)."""

from typing import Any, ClassVar, Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organisation, User
from actions.models import Action
from assets import licensing
from assets.models.register import Asset, Covered
from cmdb.models import Item
from suppliers.models import Supplier


class LicenceRows(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The licences of the software the actor sees."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        return self.filter(Q(software__customer=None) | Q(software__customer__in=actor.scope))


@pghistory.track()
class Licence(models.Model):
    """The right to use a software item: how often, counted in what, and how long."""

    class Metric(models.TextChoices):
        DEVICE = licensing.Metric.DEVICE.value, _("per device")
        USER = licensing.Metric.USER.value, _("per user")
        SITE = licensing.Metric.SITE.value, _("per site")

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    software = models.ForeignKey(Item, models.PROTECT, related_name="licences", verbose_name=_("software"))
    metric = models.CharField(_("counted"), max_length=10, choices=Metric, default=Metric.DEVICE)
    quantity = models.PositiveIntegerField(
        _("quantity"), null=True, blank=True, help_text=_("Empty: as many as one likes.")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day; empty: without end.")
    )
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="licences", verbose_name=_("supplier")
    )
    reference = models.CharField(_("contract or order"), max_length=100, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    note = models.TextField(_("note"), blank=True)
    is_ended = models.BooleanField(_("given up"), default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LicenceRows.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="licence_has_a_span",
            ),
            models.CheckConstraint(condition=Q(quantity=None) | Q(quantity__gt=0), name="licence_quantity"),
        ]
        indexes: ClassVar = [models.Index(fields=["valid_until"], name="licence_end")]

    def __str__(self) -> str:
        return f"{self.number} {self.software}"

    def get_absolute_url(self) -> str:
        return reverse("assets:licence", args=[self.number])

    @property
    def customer(self) -> Organisation | None:
        """Whose software it is."""
        return self.software.customer

    @property
    def right(self) -> licensing.Right:
        return licensing.Right(self.quantity, self.valid_from, self.valid_until)


class LicenceDocument(models.Model):
    """A file that proves a licence; as attachments are kept. ``removed_at``: no longer handed out."""

    licence = models.ForeignKey(Licence, models.PROTECT, related_name="documents")
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name


class SoftwareFinding(models.Model):
    """Software found where it may not be: on a device, by a day. It becomes an action (``action``)."""

    software = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("software")
    )
    name = models.CharField(_("name of the software"), max_length=200)
    asset = models.ForeignKey(
        Asset, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("asset")
    )
    device = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("device")
    )
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    found_on = models.DateField(_("found on"))
    note = models.TextField(_("what was found"), blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded"))
    action = models.OneToOneField(
        Action, models.PROTECT, null=True, related_name="software_finding", verbose_name=_("task")
    )

    objects = Covered.as_manager()

    class Meta:
        verbose_name = _("unauthorised software")
        verbose_name_plural = _("unauthorised software")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "asset", "device", "found_on"], nulls_distinct=False,
                name="software_finding_once",
            ),
            models.CheckConstraint(
                condition=Q(asset__isnull=False) | Q(device__isnull=False), name="software_found_somewhere"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """Where it was found."""
        return str(self.asset or self.device)
