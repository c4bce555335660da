"""What people keep about their own queue: saved views, and how they like to work."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User, in_reader_language


class SavedView(models.Model):
    """A queue somebody keeps: a base view narrowed by filters, in an order, with chosen columns.

    Without a team it is its owner's own; with one it is that team's, and ``owner`` is who wrote it last.
    ``filters`` holds lists of texts by filter name and ``columns`` names, both as records.saved checked them;
    they are read tolerantly, because what they name may have gone since.
    """

    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("owner"))
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60, blank=True)
    base = models.CharField(_("begins with"), max_length=20)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    sort = models.CharField(_("order"), max_length=20, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.F("owner"),
                Lower("name_en"),
                condition=models.Q(team=None) & ~models.Q(name_en=""),
                name="saved_view_own_name_en",
            ),
            models.UniqueConstraint(
                models.F("owner"),
                Lower("name_zh"),
                condition=models.Q(team=None) & ~models.Q(name_zh=""),
                name="saved_view_own_name_zh",
            ),
            models.UniqueConstraint(
                models.F("team"), Lower("name_en"), condition=~models.Q(name_en=""),
                name="saved_view_team_name_en",
            ),
            models.UniqueConstraint(
                models.F("team"), Lower("name_zh"), condition=~models.Q(name_zh=""),
                name="saved_view_team_name_zh",
            ),
            models.CheckConstraint(
                condition=~models.Q(name_en="", name_zh=""), name="saved_view_has_a_name"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)

    @property
    def key(self) -> str:
        """How an address names it among the views."""
        return f"v{self.pk}"


class DeskSetting(models.Model):
    """How one person likes the queue. A person without a row has the defaults."""

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    class After(models.TextChoices):
        """Where to go when a ticket opened from a list was answered, assigned or solved."""

        STAY = "stay", _("Stay on the ticket")
        NEXT = "next", _("Go to the next ticket of the list")
        BACK = "back", _("Go back to the list")

    user = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="+")
    columns = models.JSONField(_("columns"), default=list, blank=True)
    density = models.CharField(
        _("height of rows"), max_length=12, choices=Density, default=Density.COMFORTABLE
    )
    after = models.CharField(_("after sending"), max_length=5, choices=After, default=After.STAY)
    start = models.CharField(_("start view"), max_length=20, blank=True)
    order = models.JSONField(_("order of views"), default=list, blank=True)

    class Meta:
        verbose_name = _("queue setting")
        verbose_name_plural = _("queue settings")

    def __str__(self) -> str:
        return str(self.user_id)
