"""An incident: what a record needs besides, when something has failed."""

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organisation, Team, User
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


class EventKind(models.TextChoices):
    """What kind of event it is (INC-05). A potential risk is for problem management as well."""

    OUTAGE = "outage", _("Service outage or degradation")
    EQUIPMENT = "equipment", _("Equipment or system fault")
    RISK = "risk", _("Potential risk, for problem management")
    SECURITY = "security", _("Information security incident")


# While one of these lasts the service is not to be had by whom it affects.
UNAVAILABLE = (EventKind.OUTAGE.value, EventKind.EQUIPMENT.value, EventKind.SECURITY.value)


class BackfillSource(models.TextChoices):
    """Who told of a ticket that was logged afterwards (SD-16)."""

    CUSTOMER = "customer", _("the customer")
    SALES = "sales", _("sales staff")
    OPERATIONS = "operations", _("the operations manager")


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
    event_kind = models.CharField(_("kind of event"), max_length=10, choices=EventKind, blank=True)
    # one level only: what has a parent has no children, see incidents.family
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    repeat_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repeats", verbose_name=_("repeat of")
    )
    is_backfilled = models.BooleanField(_("logged afterwards"), default=False)
    backfill_source = models.CharField(
        _("source of the information"), max_length=20, choices=BackfillSource, blank=True
    )
    logged_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("logged by")
    )
    bypassed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("desk bypassed by")
    )
    urge_count = models.PositiveSmallIntegerField(_("times urged"), default=0)
    urged_at = models.DateTimeField(_("last urged"), null=True)
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
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("record_ptr")), name="incident_is_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=models.Q(is_backfilled=False) | ~models.Q(backfill_source=""),
                name="incident_backfilled_has_a_source",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["item", "-resolved_at"], name="incident_repeats_of_item"),
            models.Index(
                fields=["resolved_at"],
                condition=models.Q(closed_at=None, resolved_at__isnull=False),
                name="incident_not_closed_yet",
            ),
            # with what solutions are told apart by, so that a month is counted from the index alone
            models.Index(
                fields=["resolved_at"],
                include=["record_ptr", "resolved_tier", "reopen_count"],
                condition=models.Q(resolved_at__isnull=False),
                name="incident_resolved",
            ),
            models.Index(
                fields=["closed_at"], condition=models.Q(closed_at__isnull=False), name="incident_closed"
            ),
            models.Index(
                fields=["restored_at"],
                condition=models.Q(user_notified_at=None, restored_at__isnull=False),
                name="incident_user_not_told",
            ),
            models.Index(fields=["urged_at"], condition=models.Q(urge_count__gt=0), name="incident_urged"),
            models.Index(
                fields=["record_ptr"], condition=models.Q(is_backfilled=True), name="incident_backfilled"
            ),
            models.Index(fields=["record_ptr"], condition=models.Q(event_kind="risk"), name="incident_risk"),
            models.Index(
                fields=["record_ptr"],
                condition=models.Q(repeat_of__isnull=False),
                name="incident_is_a_repeat",
            ),
        ]


def _span(words: Any, **options: Any) -> Any:
    """A span in whole units, empty where what is set for all customers applies."""
    return models.PositiveSmallIntegerField(words, null=True, blank=True, **options)


@pghistory.track()
class Rules(models.Model):
    """Spans of the incident process, for all customers (no customer) or for one. See incidents.rules."""

    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer"),
        help_text=_("Empty: for all customers."),
    )  # fmt: skip
    reopen_days = _span(_("days in which a solution can be reopened"))
    close_days = _span(_("days in which a solved ticket must be closed"))
    repeat_days = _span(_("days in which the same fault is a repeat"))
    urge_hours = _span(_("hours between two urges"))
    escalation_minutes = _span(_("minutes in which management must be informed"))
    backfill_days = _span(_("days in which a ticket may be logged afterwards"))

    class Meta:
        verbose_name = _("rules for incidents")
        verbose_name_plural = _("rules for incidents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], nulls_distinct=False, name="incident_rules_once_per_customer"
            )
        ]

    def __str__(self) -> str:
        return str(self.customer or _("all customers"))


class ManagementEscalation(models.Model):
    """Management is to be informed of an incident in time (INC-07); whether it was is kept for good.

    ``missed_at`` is the due time once it passed without anybody having informed anybody; ``done_at`` may
    still follow it.
    """

    class Why(models.TextChoices):
        MAJOR = "major", _("major incident")
        BREACH = "breach", _("beyond its targets")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="management_escalations")
    why = models.CharField(_("reason"), max_length=10, choices=Why)
    required_at = models.DateTimeField(_("required since"))
    due_at = models.DateTimeField(_("due"))
    missed_at = models.DateTimeField(_("missed"), null=True)
    done_at = models.DateTimeField(_("informed"), null=True)
    informed = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("who was informed")
    )
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("how, and what was said"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("management escalation")
        verbose_name_plural = _("management escalations")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "why"], name="management_escalation_once"),
            models.CheckConstraint(
                condition=models.Q(done_at=None, informed=None)
                | models.Q(done_at__isnull=False, informed__isnull=False, done_by__isnull=False),
                name="management_escalation_names_people",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(done_at=None, missed_at=None),
                name="management_escalation_due",
            ),
            models.Index(fields=["required_at"], name="management_escalation_when"),
        ]

    def __str__(self) -> str:
        return f"{self.why} of {self.incident_id}"

    @property
    def was_in_time(self) -> bool:
        return self.done_at is not None and self.done_at <= self.due_at


class Participation(models.Model):
    """Somebody who helped with a major or late incident, in a named part (INC-08)."""

    class Part(models.TextChoices):
        INCIDENT_MANAGER = "incident_manager", _("Incident manager")
        COORDINATOR = "coordinator", _("Coordinator")
        TECHNICAL = "technical", _("Technical lead")
        COMMUNICATION = "communication", _("Communication")
        MANAGEMENT = "management", _("Management")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="participations")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    part = models.CharField(_("part"), max_length=20, choices=Part)
    since = models.DateTimeField(_("since"))
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "person", "part"], name="participation_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["person", "since"], name="participation_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.part}"
