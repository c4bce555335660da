"""Changes that were found and that nobody had approved (CHG-10)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from changes.models.change import Change
from cmdb.models import Item
from records.models import Record


class UnauthorisedQuerySet(models.QuerySet["UnauthorisedChange"]):
    def visible_to(self, actor: Actor) -> "UnauthorisedQuerySet":
        """Of the items the actor may know of; it is the provider's own affair."""
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(item__in=Item.objects.visible_to(actor))

    def shown_to(self, actor: Actor) -> "UnauthorisedQuerySet":
        """The same with what a page shows of each; cause and change only where the actor may see them."""
        rows = self.visible_to(actor).select_related("item", "found_by")
        return rows.prefetch_related(
            models.Prefetch("cause", Record.objects.visible_to(actor)),
            models.Prefetch("change", Change.objects.visible_to(actor)),
        )

    def open(self) -> "UnauthorisedQuerySet":
        return self.filter(state=UnauthorisedChange.State.OPEN)


class UnauthorisedChange(models.Model):
    """Something an item was found to be that no change explains; made a regular change, or taken back."""

    class State(models.TextChoices):
        OPEN = "open", _("To be settled")
        REGULAR = "regular", _("Made a regular change")
        BACKED_OUT = "backed_out", _("Backed out")

    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    found = models.TextField(_("what was found"))
    cause = models.ForeignKey(
        Record, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("found by")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    change = models.ForeignKey(
        Change, models.PROTECT, null=True, blank=True, related_name="unauthorised", verbose_name=_("change")
    )
    words = models.TextField(_("what was done about it"), blank=True)
    found_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reported by"))
    found_at = models.DateTimeField(_("found"))
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = UnauthorisedQuerySet.as_manager()

    class Meta:
        verbose_name = _("unauthorised change")
        verbose_name_plural = _("unauthorised changes")
        ordering: ClassVar = ["-found_at", "-pk"]
        constraints: ClassVar = [
            # an audit that is run again reports the same finding once
            models.UniqueConstraint(
                fields=["item", "cause"], condition=Q(cause__isnull=False), name="unauthorised_once_per_cause"
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="unauthorised_settled_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-found_at"], name="unauthorised_found")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.found[:50]}"
