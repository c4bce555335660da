"""What services run on: configuration items, as far as tickets name them."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Named, Organisation


@pghistory.track()
class ItemType(Named):
    """A kind of configuration item: server, printer, application ..."""

    code = models.SlugField(_("code"), max_length=50, unique=True)

    class Meta:
        verbose_name = _("item type")
        verbose_name_plural = _("item types")
        ordering: ClassVar = ["name_en"]


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, actor: Actor) -> "ItemQuerySet":
        """Shared items and those of the organisations the actor covers."""
        if actor.is_desk_side:
            if actor.scope is None:
                return self
            return self.filter(models.Q(customer=None) | models.Q(customer__in=actor.scope))
        return self.filter(customer=actor.organisation_id)


@pghistory.track()
class Item(models.Model):
    """A configuration item. Without a customer it is shared infrastructure of the provider."""

    name = models.CharField(_("name"), max_length=200)
    type = models.ForeignKey(ItemType, models.PROTECT, related_name="items", verbose_name=_("type"))
    customer = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("customer"),
        help_text=_("Empty: shared by all customers."),
    )
    site = models.CharField(_("site"), max_length=200, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("configuration item")
        verbose_name_plural = _("configuration items")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "name"], nulls_distinct=False, name="item_name_once_per_customer"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> dict[str, object]:
        return {"id": self.pk, "en": self.name, "zh": self.name}
