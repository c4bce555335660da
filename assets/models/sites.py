"""Service sites: where our people are found, opened and closed by an approved application (CMDB-14)."""

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Named, Team, User, in_reader_language
from assets import lifecycle
from sla.models import Calendar


class SiteState(models.TextChoices):
    PLANNED = lifecycle.PLANNED, pgettext_lazy("service site", "planned")
    OPEN = lifecycle.OPEN, pgettext_lazy("service site", "open")
    CLOSED = lifecycle.CLOSED, pgettext_lazy("service site", "closed")


@pghistory.track()
class ServiceSite(Named):
    """An outlet of the provider. ``calendar`` are its opening hours."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    address_en = models.CharField(_("address (English)"), max_length=300)
    address_zh = models.CharField(_("address (Chinese)"), max_length=300, blank=True)
    phone = models.CharField(_("telephone"), max_length=50, blank=True)
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, related_name="service_sites", verbose_name=_("opening hours")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="service_sites", verbose_name=_("team")
    )
    keeper = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("responsible person")
    )
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=SiteState, default=SiteState.PLANNED)
    opened_on = models.DateField(_("opened on"), null=True)
    closed_on = models.DateField(_("closed on"), null=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("service site")
        verbose_name_plural = _("service sites")
        ordering: ClassVar = ["name_en", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="open") | Q(opened_on__isnull=False), name="site_open_since_a_day"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("assets:site", args=[self.code])

    @property
    def address(self) -> str:
        return in_reader_language(self.address_en, self.address_zh)
