"""The register: what was bought, where it is, who has it, and what became of it (CMDB-07)."""

from typing import Any, ClassVar, Self

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Organisation, User
from assets import lifecycle
from assets.models.sites import ServiceSite
from cmdb.models import Item, ItemType
from suppliers.models import Supplier


class Covered(models.QuerySet[Any]):
    """Rows with a customer, or of the provider's own where it is empty."""

    def visible_to(self, actor: Actor) -> Self:
        """For the desk's side: its customers' and the provider's own. Customers see none."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        return self.filter(Q(customer=None) | Q(customer__in=actor.scope))


class AssetState(models.TextChoices):
    ORDERED = lifecycle.ORDERED, pgettext_lazy("asset", "ordered")
    IN_STOCK = lifecycle.IN_STOCK, _("in stock")
    IN_USE = lifecycle.IN_USE, _("in use")
    IN_REPAIR = lifecycle.IN_REPAIR, _("in repair")
    DISPOSED = lifecycle.DISPOSED, _("disposed of")


class DisposalWay(models.TextChoices):
    SOLD = "sold", _("sold")
    RECYCLED = "recycled", _("recycled")
    SCRAPPED = "scrapped", _("scrapped")
    RETURNED = "returned", _("given back to the supplier")
    DONATED = "donated", _("given away")
    LOST = "lost", _("lost")


@pghistory.track()
class Asset(models.Model):
    """One thing somebody paid for. ``item`` is the configuration item it is, if it is one.

    Without a customer it is the provider's own. ``warranty_told_for``: the end of warranty that was
    announced; it is announced again only for another date.
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    tag = models.CharField(_("asset tag"), max_length=50)
    name = models.CharField(pgettext_lazy("asset", "name"), max_length=200)
    device_class = models.ForeignKey(
        ItemType, models.PROTECT, related_name="assets", verbose_name=_("device class")
    )
    item = models.OneToOneField(
        Item, models.PROTECT, null=True, blank=True, related_name="asset",
        verbose_name=_("configuration item"),
    )  # fmt: skip
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="assets",
        verbose_name=_("customer"), help_text=_("Empty: our own."),
    )  # fmt: skip
    make = models.CharField(_("make and model"), max_length=200, blank=True)
    serial = models.CharField(_("serial number"), max_length=100, blank=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="assets", verbose_name=_("supplier")
    )
    purchased_on = models.DateField(_("purchased on"), null=True, blank=True)
    order_reference = models.CharField(_("order reference"), max_length=100, blank=True)
    cost = models.DecimalField(
        _("cost"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    residual = models.DecimalField(
        _("residual value"), max_digits=14, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )  # fmt: skip
    life_months = models.PositiveSmallIntegerField(_("useful life in months"), default=36)
    location = models.CharField(_("location"), max_length=200, blank=True)
    site = models.ForeignKey(
        ServiceSite, models.PROTECT, null=True, blank=True, related_name="assets",
        verbose_name=_("service site"),
    )  # fmt: skip
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="assets", verbose_name=_("used by")
    )
    keeper = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible person"),
        help_text=_("Who is told of the end of its warranty; empty: the service level manager."),
    )  # fmt: skip
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    warranty_told_for = models.DateField(null=True, editable=False)
    is_important = models.BooleanField(_("important"), default=False)
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=20, choices=AssetState, default=AssetState.ORDERED)
    received_on = models.DateField(_("received on"), null=True)
    disposed_on = models.DateField(_("disposed of on"), null=True)
    disposal_way = models.CharField(_("way of disposal"), max_length=20, choices=DisposalWay, blank=True)
    disposal_approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("disposal approved by")
    )
    data_wiped = models.BooleanField(_("data wiped"), null=True)
    data_note = models.CharField(_("how the data were wiped, or why not"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = Covered.as_manager()

    class Meta:
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(Upper("tag"), name="asset_tag_once"),
            models.CheckConstraint(condition=~Q(tag=""), name="asset_has_a_tag"),
            models.CheckConstraint(
                condition=Q(cost=None, residual=0) | Q(cost__gte=F("residual"), residual__gte=0),
                name="asset_residual_within_cost",
            ),
            models.CheckConstraint(
                condition=Q(state="disposed", disposed_on__isnull=False, disposal_approved_by__isnull=False)
                | (~Q(state="disposed") & Q(disposed_on=None, disposal_approved_by=None)),
                name="asset_disposed_with_approval",
            ),
            models.CheckConstraint(
                condition=Q(user=None) | Q(state__in=("in_use", "in_repair")), name="asset_user_while_out"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="asset_state"),
            models.Index(fields=["customer", "-id"], name="asset_customer"),
            models.Index(fields=["device_class", "state"], name="asset_class"),
            models.Index(fields=["warranty_until"], condition=~Q(state="disposed"), name="asset_warranty"),
            models.Index(fields=["-id"], condition=Q(is_important=True), name="asset_important"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("assets:detail", args=[self.number])

    @property
    def label(self) -> dict[str, object]:
        return {"id": self.pk, "en": str(self), "zh": str(self)}
