"""An incident: what a record needs besides, when something has failed."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from cmdb.models import Item
from incidents import lifecycle
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from suppliers.models import Supplier


class State(models.TextChoices):
    NEW = lifecycle.NEW, pgettext_lazy("state", "New")
    IN_PROGRESS = lifecycle.IN_PROGRESS, _("In progress")
    ON_HOLD = lifecycle.ON_HOLD, _("On hold")
    RESOLVED = lifecycle.RESOLVED, _("Resolved")
    CLOSED = lifecycle.CLOSED, _("Closed")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class WaitingFor(models.TextChoices):
    """Named reasons for a hold. Which of them pause the clocks is said by the agreement."""

    CUSTOMER = "customer", _("the customer")
    APPOINTMENT = "appointment", _("an agreed appointment")
    PLANNED_INTERRUPTION = "planned_interruption", _("a planned interruption")
    SUPPLIER = "supplier", _("a supplier")
    PROBLEM = "problem", _("the solution of a problem")
    CHANGE = "change", _("a change")
    EVIDENCE = "evidence", _("evidence")
    PARTS = "parts", _("spare parts")


class ContactType(models.TextChoices):
    """What kind of contact it was (SD-03)."""

    FAULT = "fault", _("Fault")
    CONSULTATION = "consultation", _("Usage consultation")
    DATA_CHANGE = "data_change", _("Application support: data change")
    PERMISSION_CHANGE = "permission_change", _("Application support: permission change")
    GUIDANCE = "guidance", _("Application support: operation guidance")
    SUGGESTION = "suggestion", _("Suggestion")
    COMPLAINT = "complaint", _("Complaint")


class ResolutionCode(models.TextChoices):
    SOLVED = "solved", _("Solved")
    WORKAROUND = "workaround", _("Solved by a workaround")
    SOLVED_BY_CUSTOMER = "solved_by_customer", _("Solved by the customer")
    NOT_REPRODUCIBLE = "not_reproducible", _("Not reproducible")
    NOT_SOLVED = "not_solved", _("Not solvable")
    IMPORTED = "imported", _("As in the imported record")


class IncidentManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        # the kind in the parent's index makes an incident's own list as quick as a table of its own
        rows: ProcessQuerySet = super().get_queryset()
        return rows.filter(kind=Kind.INCIDENT.value)


class Incident(Record):
    """An unplanned interruption or loss of quality of a service."""

    contact_type = models.CharField(
        _("contact type"), max_length=30, choices=ContactType, default=ContactType.FAULT
    )
    category = models.CharField(_("category"), max_length=100, blank=True)
    subcategory = models.CharField(_("subcategory"), max_length=100, blank=True)
    symptom = models.CharField(_("symptom"), max_length=100, blank=True)
    site = models.CharField(_("site"), max_length=200, blank=True)
    item = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("configuration item"),
    )
    reporter = models.ForeignKey(
        User, models.PROTECT, related_name="reported_incidents", verbose_name=_("reported by")
    )
    occurred_at = models.DateTimeField(_("occurred"), null=True, blank=True)
    priority_reason = models.CharField(_("reason for the priority"), max_length=300, blank=True)
    resolution_code = models.CharField(_("outcome"), max_length=30, choices=ResolutionCode, blank=True)
    resolution = models.TextField(_("resolution steps"), blank=True)
    resolved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("resolved by")
    )
    resolved_tier = models.CharField(_("solved by tier"), max_length=10, choices=Team.Tier, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    on_site_at = models.DateTimeField(_("arrived on site"), null=True, blank=True)
    restored_at = models.DateTimeField(_("service restored"), null=True, blank=True)
    user_notified_at = models.DateTimeField(_("user told"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True)
    reopen_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    supplier = models.ForeignKey(
        Supplier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="incidents",
        verbose_name=_("supplier"),
    )
    supplier_reference = models.CharField(_("supplier's ticket number"), max_length=100, blank=True)
    # where it came from, when it came from another system: never imported twice
    source = models.CharField(max_length=40, blank=True)
    external_reference = models.CharField(_("external reference"), max_length=100, blank=True)

    objects: ClassVar[Any] = IncidentManager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "external_reference"],
                condition=~models.Q(external_reference=""),
                name="incident_external_reference_once",
            )
        ]
