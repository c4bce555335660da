"""Who had a ticket in hand, and for how long."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from suppliers.models import Supplier


class Holding(models.Model):
    """A span of time in which one party had a record in hand; half open, UTC.

    The spans of a record follow each other without gap or overlap while it is open, so that their sum is the
    time it was open. The last one is open-ended until the record is done.
    """

    class Party(models.TextChoices):
        TEAM = "team", _("our team")
        SUPPLIER = "supplier", _("the supplier")
        CUSTOMER = "customer", _("the customer")
        NOBODY = "nobody", _("nobody")

    record = models.ForeignKey("records.Record", models.PROTECT, related_name="holdings")
    party = models.CharField(max_length=10, choices=Party)
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(until=None), name="holding_one_open_per_record"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="holding_is_a_span"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record", "since", "id"], name="holding_of_record"),
            models.Index(fields=["since", "until"], name="holding_spans"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} in hand of {self.party} since {self.since:%Y-%m-%d %H:%M}"
