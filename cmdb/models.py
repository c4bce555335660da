"""What services run on: configuration items, their types and attributes, and how they hang together.

A number is given by the database itself, so that an item has one however it was made; it never changes.
What was done to an item, and what was refused, stands in :class:`Alteration`, which only grows.
"""

from collections.abc import Collection
from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Named, Organisation, User, in_reader_language
from accounts.triggers import immutable
from catalog.models import Service
from cmdb import triggers

prefix_shape = RegexValidator(r"\A[A-Z]{2,4}\Z", _("Two to four capital letters."))
attribute_code_shape = RegexValidator(
    r"\A[a-z][a-z0-9_]{0,39}\Z", _("Small letters, digits and underscores; a letter first.")
)


@pghistory.track()
class ItemType(Named):
    """A kind of configuration item: server, printer, application ... Its attributes are rows, not code."""

    class Category(models.TextChoices):
        HARDWARE = "hardware", _("Hardware")
        SOFTWARE = "software", _("Software")
        DOCUMENT = "document", _("Document")
        USER = "user", _("User")
        PROCESS = "process", _("Process")
        SERVICE = "service", _("Service component")
        SITE = "site", _("Site")
        OTHER = "other", _("Other")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    category = models.CharField(_("category"), max_length=20, choices=Category, default=Category.OTHER)
    prefix = models.CharField(
        _("prefix of the numbers"), max_length=4, blank=True, default="", validators=[prefix_shape],
        help_text=_("Two to four capital letters; empty: the category's."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("item type")
        verbose_name_plural = _("item types")
        ordering: ClassVar = ["name_en"]
        triggers: ClassVar = [triggers.prefix_with_its_counter()]


@pghistory.track()
class ItemAttribute(Named):
    """One thing that is known of every item of a type. Its values are in :attr:`Item.attributes` by code."""

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("configuration", "Text")
        NUMBER = "number", pgettext_lazy("configuration", "Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        FLAG = "flag", _("Yes or no")

    type = models.ForeignKey(ItemType, models.PROTECT, related_name="attributes", verbose_name=_("type"))
    code = models.CharField(_("code"), max_length=40, validators=[attribute_code_shape])
    kind = models.CharField(_("kind of value"), max_length=10, choices=Kind, default=Kind.TEXT)
    choices: Any = models.JSONField(_("choices"), default=list, blank=True)
    """For a choice: [{"code", "en", "zh"}, ...] in their order."""
    is_required = models.BooleanField(_("required"), default=False)
    is_controlled = models.BooleanField(
        _("under control"), default=False, help_text=_("Altered only through an approved change.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("item attribute")
        verbose_name_plural = _("item attributes")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["type", "code"], name="item_attribute_once_per_type")
        ]

    def words(self, value: Any) -> str:
        """A stored value as the reader reads a choice; other kinds as they are kept."""
        for choice in self.choices if self.kind == self.Kind.CHOICE else ():
            if choice["code"] == value:
                return in_reader_language(choice["en"], choice["zh"])
        return str(value)


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

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("configuration", "Planned")
        IN_USE = "in_use", pgettext_lazy("configuration", "In use")
        MAINTENANCE = "maintenance", _("In maintenance")
        RETIRED = "retired", pgettext_lazy("configuration", "Retired")

    number = models.CharField(_("number"), max_length=20, unique=True, blank=True, db_default="")
    name = models.CharField(pgettext_lazy("configuration", "name"), max_length=200)
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
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.IN_USE)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="owned_items",
        verbose_name=_("item owner"),
    )  # fmt: skip
    revision = models.CharField(
        _("revision"), max_length=100, blank=True, default="", help_text=_("The item's own, such as 2.4.1.")
    )
    attributes: Any = models.JSONField(_("attributes"), default=dict, blank=True)
    is_important = models.BooleanField(
        _("important"), default=False, help_text=_("Its relations are under control as well.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    """False for what is retired, and only then: a trigger and a constraint keep it so."""
    version = models.PositiveIntegerField(default=1)
    """Counts the alterations; for those who write at the same time."""

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("configuration item")
        verbose_name_plural = _("configuration items")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "name"], nulls_distinct=False, name="item_name_once_per_customer"
            ),
            models.CheckConstraint(
                condition=Q(is_active=True, state__in=("planned", "in_use", "maintenance"))
                | Q(is_active=False, state="retired"),
                name="item_active_until_retired",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="item_by_name"),
            models.Index(fields=["type", "name", "id"], name="item_by_type_and_name"),
            models.Index(fields=["state", "name", "id"], name="item_by_state_and_name"),
            # for "has this value of this attribute" (@>), whichever attributes types have; not for words
            GinIndex(fields=["attributes"], opclasses=["jsonb_path_ops"], name="item_by_attribute"),
        ]
        triggers: ClassVar = [
            triggers.number_of_an_item(),
            pgtrigger.ReadOnly(name="number_is_kept", fields=["number"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("configuration:item", args=[self.number])

    @property
    def label(self) -> dict[str, object]:
        return {"id": self.pk, "en": self.name, "zh": self.name}


class RelationType(Named):
    """How one item hangs on another: read forward by its name, and backward by its reverse."""

    class Impact(models.TextChoices):
        FORWARD = "forward", _("A failing source hits the target")
        BACKWARD = "backward", _("A failing target hits the source")
        NONE = "none", _("A failure hits neither")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    reverse_en = models.CharField(_("read backward (English)"), max_length=200)
    reverse_zh = models.CharField(_("read backward (Chinese)"), max_length=200, blank=True)
    impact = models.CharField(_("impact"), max_length=10, choices=Impact, default=Impact.NONE)
    is_acyclic = models.BooleanField(_("may not go in a circle"), default=False)

    class Meta:
        verbose_name = _("relation type")
        verbose_name_plural = _("relation types")
        ordering: ClassVar = ["code"]

    @property
    def reverse(self) -> str:
        return in_reader_language(self.reverse_en, self.reverse_zh)


class Relation(models.Model):
    """Source -> target. Written by :mod:`cmdb.relating`, which keeps acyclic types so."""

    source = models.ForeignKey(Item, models.PROTECT, related_name="relations_out", verbose_name=_("item"))
    target = models.ForeignKey(
        Item, models.PROTECT, related_name="relations_in", db_index=False, verbose_name=_("other item")
    )
    type = models.ForeignKey(
        RelationType, models.PROTECT, related_name="relations", verbose_name=_("relation")
    )

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target", "type"], name="relation_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="relation_not_to_itself"),
        ]
        indexes: ClassVar = [models.Index(fields=["target", "type"], name="relation_by_target")]

    def __str__(self) -> str:
        return f"{self.source} · {self.type} · {self.target}"


class ItemService(models.Model):
    """What a service runs on."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="item_services", verbose_name=_("item"))
    service = models.ForeignKey(
        Service, models.PROTECT, related_name="item_services", verbose_name=_("service")
    )

    class Meta:
        verbose_name = _("service of an item")
        verbose_name_plural = _("services of items")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "service"], name="item_service_once")
        ]

    def __str__(self) -> str:
        return f"{self.service} · {self.item}"


class AlterationQuerySet(models.QuerySet["Alteration"]):
    def of(self, items: Collection[int]) -> "AlterationQuerySet":
        return self.filter(item__in=items).select_related("actor").order_by("-at", "-pk")

    def visible_to(self, actor: Actor) -> "AlterationQuerySet":
        """For the desk: what happened to the items the actor sees."""
        if not actor.is_desk_side:
            return self.none()
        if actor.scope is None:
            return self
        return self.filter(Q(item__customer=None) | Q(item__customer__in=actor.scope))


class Alteration(models.Model):
    """One thing done to an item, or tried and refused. Never changed."""

    class Act(models.TextChoices):
        ADDED = "added", _("Added")
        ALTERED = "altered", _("Altered")
        RELATED = "related", pgettext_lazy("configuration", "Related")
        UNRELATED = "unrelated", _("Relation removed")
        SERVICE_NAMED = "service_named", _("Service named")
        SERVICE_REMOVED = "service_removed", _("Service removed")

    class Refusal(models.TextChoices):
        NO_CHANGE = "no_change", _("No change was named")
        NOT_APPROVED = "not_approved", _("The change is not approved")
        NOT_NAMED = "not_named", _("The change does not name this item")
        NOT_PERMITTED = "not_permitted", _("The account may not do that")

    item = models.ForeignKey(Item, models.PROTECT, related_name="alterations", verbose_name=_("item"))
    act = models.CharField(_("act"), max_length=20, choices=Act)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    origin = models.CharField(max_length=10, blank=True)
    authority = models.CharField(_("change"), max_length=30, blank=True)
    before: Any = models.JSONField(_("before"), default=dict)
    """What was altered by name of the fact; people, services and items as labels {"id", "en", "zh"}."""
    after: Any = models.JSONField(_("after"), default=dict)
    is_refused = models.BooleanField(_("refused"), default=False)
    refusal = models.CharField(_("why refused"), max_length=20, choices=Refusal, blank=True)

    objects = AlterationQuerySet.as_manager()

    class Meta:
        verbose_name = _("alteration")
        verbose_name_plural = _("alterations")
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["item", "-at"], name="alteration_by_item"),
            models.Index(fields=["is_refused", "-at"], name="alteration_by_refusal"),
            models.Index(fields=["authority"], name="alteration_by_change", condition=~Q(authority="")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_refused=False, refusal="") | (Q(is_refused=True) & ~Q(refusal="")),
                name="alteration_says_why_refused",
            )
        ]
        triggers: ClassVar = immutable("alterations")

    def __str__(self) -> str:
        return f"{self.item} · {self.get_act_display()}"
