"""Rights granted by access requests (REQ-10), and quantities planned for what is ordered (REQ-19)."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from fulfilment.models.offering import Offering
from fulfilment.models.request import ServiceRequest


class AccessRightQuerySet(models.QuerySet["AccessRight"]):
    def visible_to(self, actor: Actor) -> "AccessRightQuerySet":
        """Of the customers the desk side covers; the provider's own affair."""
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(request__customer__in=actor.scope)

    def in_force(self, day: date) -> "AccessRightQuerySet":
        rows = self.filter(granted_at__isnull=False, withdrawn_at=None, valid_from__lte=day)
        return rows.filter(Q(valid_until=None) | Q(valid_until__gte=day))

    def to_withdraw(self, day: date) -> "AccessRightQuerySet":
        """Run out by ``day`` and not withdrawn."""
        return self.filter(granted_at__isnull=False, withdrawn_at=None, valid_until__lt=day)


class AccessRight(models.Model):
    """The identity check, the authorisation, the right and its period, of one access request."""

    request = models.OneToOneField(ServiceRequest, models.PROTECT, related_name="right")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("holder"))
    identity_how = models.CharField(_("how the identity was checked"), max_length=300)
    identity_at = models.DateTimeField(_("identity checked"))
    identity_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    authorised_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("authorised by")
    )
    authorised_at = models.DateTimeField(_("authorised"), null=True)
    right = models.CharField(_("right"), max_length=300, blank=True)
    valid_from = models.DateField(_("from"), null=True)
    valid_until = models.DateField(_("until"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted"), null=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawal_reason = models.CharField(_("why withdrawn"), max_length=300, blank=True)

    objects = AccessRightQuerySet.as_manager()

    class Meta:
        verbose_name = _("access right")
        verbose_name_plural = _("access rights")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="access_right_ends_after_it_begins",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["valid_until"], condition=Q(withdrawn_at=None, granted_at__isnull=False),
                name="access_right_running_out",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.right} of {self.person_id}"


class PlannedQuantity(models.Model):
    """How much of an entry is planned for a month; ``month`` is its first day."""

    offering = models.ForeignKey(Offering, models.PROTECT, related_name="plans")
    month = models.DateField(_("month"))
    quantity = models.PositiveIntegerField(_("planned"))

    class Meta:
        verbose_name = _("planned quantity")
        verbose_name_plural = _("planned quantities")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offering", "month"], name="planned_quantity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.offering_id} {self.month:%Y-%m}: {self.quantity}"
