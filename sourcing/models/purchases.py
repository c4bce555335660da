"""Buying: a request, its approval, the choice of a supplier, the order, the check of what came (SUP-06)."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Role
from accounts.models import User, in_reader_language
from accounts.triggers import immutable
from cmdb.models import Item
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from sla.models import Agreement
from sourcing import purchase_lifecycle as lifecycle
from sourcing.models.papers import Document
from suppliers.models import Supplier

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "validators": [MinValueValidator(0)]}


class State(models.TextChoices):
    DRAFT = lifecycle.DRAFT, _("Draft")
    APPROVING = lifecycle.APPROVING, _("To be approved")
    SELECTING = lifecycle.SELECTING, _("Supplier being chosen")
    ORDERED = lifecycle.ORDERED, _("Ordered")
    DISPUTED = lifecycle.DISPUTED, _("Rejected goods to be settled")
    RECEIVED = lifecycle.RECEIVED, _("Received")
    SETTLED = lifecycle.SETTLED, _("Rejected goods settled")
    REFUSED = lifecycle.REFUSED, _("Not approved")
    DROPPED = lifecycle.DROPPED, _("Given up")


class PurchaseManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.PROCUREMENT)
        return rows


class ApprovalBand(models.Model):
    """Up to which amount how many approve, and of which role one of them must be. No limit: above all."""

    class Level(models.TextChoices):
        ANY = "", _("any manager")
        MANAGER = Role.MANAGER.value, _("Manager")
        ADMINISTRATOR = Role.ADMINISTRATOR.value, _("Administrator")

    up_to = models.DecimalField(
        _("up to"), max_digits=14, decimal_places=2, null=True, blank=True, unique=True
    )
    needed = models.PositiveSmallIntegerField(
        _("approvals needed"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    role = models.CharField(_("one of them is"), max_length=40, choices=Level, blank=True, default=Level.ANY)

    class Meta:
        verbose_name = _("approval by amount")
        verbose_name_plural = _("approvals by amount")
        ordering: ClassVar = [models.F("up_to").asc(nulls_last=True)]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["up_to"], nulls_distinct=False, name="approval_band_once"),
            models.CheckConstraint(condition=models.Q(needed__range=(1, 5)), name="approval_band_needs_some"),
        ]

    def __str__(self) -> str:
        return f"{self.up_to or '–'}: {self.needed}"


class Purchase(Record):
    """A procurement. ``requester`` asks, ``assignee`` buys; ``description`` is why.

    ``round`` counts how often its approval began; ``approvals_needed`` and ``approver_role`` are those of its
    amount when it was asked for.
    """

    class Method(models.TextChoices):
        DIRECT = "direct", _("Direct choice")
        TENDER = "tender", _("Tender among a shortlist")

    class Settlement(models.TextChoices):
        RETURN = "return", _("Return")
        REPLACEMENT = "replacement", _("Replacement")
        DISCOUNT = "discount", _("Discount")

    amount = models.DecimalField(_("amount"), **MONEY)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    needed_on = models.DateField(_("needed on the day"), null=True, blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="purchases",
        verbose_name=_("for agreement"),
    )  # fmt: skip
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="purchases", verbose_name=_("for item")
    )
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approver_role = models.CharField(max_length=40, blank=True)
    round = models.PositiveSmallIntegerField(default=0)
    method = models.CharField(_("choice of the supplier"), max_length=10, choices=Method, blank=True)
    offers_until = models.DateField(_("offers until"), null=True, blank=True)
    supplier = models.ForeignKey(
        Supplier, models.PROTECT, null=True, blank=True, related_name="purchases", verbose_name=_("supplier")
    )
    selection_reason = models.TextField(_("why this supplier"), blank=True)
    selected_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("chosen by")
    )
    selected_at = models.DateTimeField(_("chosen"), null=True)
    contract = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contract (UC)")
    )
    no_contract_reason = models.TextField(_("why no contract is needed"), blank=True)
    order_number = models.CharField(_("order number"), max_length=100, blank=True)
    ordered_on = models.DateField(_("ordered on"), null=True, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)

    objects: ClassVar[Any] = PurchaseManager()

    class Meta:
        verbose_name = _("procurement")
        verbose_name_plural = _("procurements")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="purchase_amount_not_negative"),
        ]
        indexes: ClassVar = [models.Index(fields=["supplier"], name="purchase_of_supplier")]


class Approval(models.Model):
    """One approver's word in one round; never by who asked, and once by each."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="approvals")
    round = models.PositiveSmallIntegerField()
    is_granted = models.BooleanField(_("approved"))
    comment = models.TextField(_("comment"), blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purchase", "round", "decided_by"], name="purchase_approval_once"
            ),
        ]
        triggers: ClassVar = immutable("purchase_approval")

    def __str__(self) -> str:
        return f"{self.decided_by_id} on {self.purchase_id}"


class Criterion(models.Model):
    """By what offers are compared. ``weight``: its share of 100."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    name_en = models.CharField(_("name (English)"), max_length=200)
    name_zh = models.CharField(_("name (Chinese)"), max_length=200, blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), validators=[MinValueValidator(1)])

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purchase", "position"], name="criterion_position_once"),
            models.CheckConstraint(condition=models.Q(weight__range=(1, 100)), name="criterion_weighs"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)


class Offer(models.Model):
    """An invited supplier, and what it offered; ``price`` None: nothing came."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="offers")
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="+", verbose_name=_("supplier"))
    price = models.DecimalField(_("price"), null=True, blank=True, **MONEY)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purchase", "supplier"], name="offer_once_per_supplier"),
        ]

    def __str__(self) -> str:
        return f"offer of {self.supplier_id} for {self.purchase_id}"


class Mark(models.Model):
    """How an offer fulfils a criterion, 0 to 100."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="marks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "criterion"], name="mark_once"),
            models.CheckConstraint(condition=models.Q(points__lte=100), name="mark_of_a_hundred"),
        ]

    def __str__(self) -> str:
        return f"{self.points} for {self.offer_id}"


class Delivery(models.Model):
    """What came and how it was found; rejected goods until they are settled."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="goods_checks")
    is_accepted = models.BooleanField(_("accepted"))
    note = models.TextField(_("finding"), blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    checked_at = models.DateTimeField(_("checked"))
    settlement = models.CharField(_("settled by"), max_length=12, choices=Purchase.Settlement, blank=True)
    settle_by = models.DateField(_("to be settled by"), null=True, blank=True)
    settled_note = models.TextField(_("how it was settled"), blank=True)
    discount = models.DecimalField(_("discount"), max_digits=14, decimal_places=2, null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(_("settled"), null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("goods check")
        verbose_name_plural = _("goods checks")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(is_accepted=True, settlement="") | ~models.Q(is_accepted=True),
                name="only_rejected_goods_are_settled",
            ),
            models.CheckConstraint(
                condition=models.Q(is_accepted=True) | ~models.Q(note=""), name="goods_rejected_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"goods of {self.purchase_id}"
