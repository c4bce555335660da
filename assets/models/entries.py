"""The log of this app: who did what to an asset, a licence, a plan or a site, and when."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.triggers import immutable
from assets.models.licences import Licence
from assets.models.register import Asset
from assets.models.sites import ServiceSite
from assets.models.upkeep import MaintenancePlan

SUBJECTS = ("asset", "licence", "plan", "site")


class Entry(models.Model):
    """One fact about one thing; rows are only added. ``data`` holds the words of the verb's sentence,
    and under "changes" field -> [before, after]."""

    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="entries")
    licence = models.ForeignKey(Licence, models.PROTECT, null=True, related_name="entries")
    plan = models.ForeignKey(MaintenancePlan, models.PROTECT, null=True, related_name="entries")
    site = models.ForeignKey(ServiceSite, models.PROTECT, null=True, related_name="entries")
    verb = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=10)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(asset__isnull=False, licence=None, plan=None, site=None)
                | Q(asset=None, licence__isnull=False, plan=None, site=None)
                | Q(asset=None, licence=None, plan__isnull=False, site=None)
                | Q(asset=None, licence=None, plan=None, site__isnull=False),
                name="entry_is_about_one_thing",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asset", "-id"], name="entry_of_asset"),
        ]
        triggers: ClassVar = immutable("entry")

    def __str__(self) -> str:
        return f"{self.verb} at {self.at:%Y-%m-%d %H:%M:%S}"
