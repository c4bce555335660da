"""What is kept to check the register of items: imports, baselines, and audits (CMDB-03, CMDB-13)."""

from typing import Any, ClassVar

import pgtrigger
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor, Origin
from accounts.models import Named, Organisation, User
from accounts.triggers import immutable
from actions.models import Action
from cmdb.models import Item, ItemType
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from verifications import lifecycle, sampling


class ItemImport(models.Model):
    """A table of items to be brought into the register: whose, how its columns are laid, how far it is.

    ``columns`` and ``rows`` are the table as it was read: [number, [cells], [faults]]. ``laid`` holds for
    each column the fact it is laid on, ``match`` by which of them an item is found again.
    """

    class State(models.TextChoices):
        READ = "read", _("Columns to be chosen")
        PREVIEWED = "previewed", _("Preview")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Finished")
        CANCELLED = "cancelled", _("Stopped")

    BEFORE = (State.READ, State.PREVIEWED)
    UNFINISHED = (State.WAITING, State.RUNNING)

    state = models.CharField(max_length=10, choices=State, default=State.READ)
    type = models.ForeignKey(ItemType, models.PROTECT, related_name="+", verbose_name=_("item type"))
    file_name = models.CharField(max_length=200, blank=True)  # empty: it came over HTTP
    encoding = models.CharField(max_length=20, blank=True)
    sheet_name = models.CharField(max_length=100, blank=True)
    columns: Any = models.JSONField()
    rows: Any = models.JSONField()
    laid: Any = models.JSONField(default=list)
    match = models.CharField(max_length=60, blank=True)
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("customer")
    )
    is_emptying = models.BooleanField(default=False)
    authority = models.CharField(_("change"), max_length=20, blank=True)
    total = models.PositiveIntegerField(default=0)
    origin = models.CharField(max_length=10, choices=[(o.value, o.value) for o in Origin])
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()  # by whoever works on it: long ago, and it is offered again

    class Meta:
        verbose_name = _("import of items")
        verbose_name_plural = _("imports of items")
        indexes: ClassVar = [
            models.Index(fields=["asked_by", "-id"], name="item_import_of"),
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=["read", "previewed", "waiting", "running"]),
                name="item_import_open",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("verifications:import", args=[self.pk])

    @property
    def is_working(self) -> bool:
        return self.state in self.UNFINISHED


class ImportLine(models.Model):
    """One line of an import: what it would do, and what became of it.

    ``facts`` is what the line says; ``effects`` [{"fact", "before", "after"}] what is altered by it;
    ``faults`` [{"code", "column", "params"}] why it is refused. Words are made when they are read.
    """

    class Verdict(models.TextChoices):
        ADD = "add", _("Would be added")
        ALTER = "alter", _("Would be altered")
        SAME = "same", _("Nothing to change")
        REFUSED = "refused", pgettext_lazy("import", "Refused")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ADDED = "added", _("Added")
        ALTERED = "altered", _("Altered")
        SAME = "same", _("Left alone")
        REFUSED = "refused", pgettext_lazy("import", "Refused")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Not begun")

    job = models.ForeignKey(ItemImport, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="+")
    facts: Any = models.JSONField(default=dict)
    effects: Any = models.JSONField(default=list)
    faults: Any = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "number"], name="import_line_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["job", "state", "attempts", "number"], name="import_line_next"),
        ]

    def __str__(self) -> str:
        return f"line {self.number} of {self.job_id}"


# --- baselines ---------------------------------------------------------------------------------


class BaselineQuerySet(models.QuerySet["Baseline"]):
    def visible_to(self, actor: Actor) -> "BaselineQuerySet":
        """For the desk; who covers some customers only sees those that were taken of one of them."""
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(customer__in=actor.scope)


class Baseline(Named):
    """The items of a scope and their relations as they were at an instant. Never changed.

    ``scope`` says which items these were, as verifications.scopes keeps it, so that the same can be asked
    of the present.
    """

    description = models.TextField(_("description"), blank=True)
    scope: Any = models.JSONField()
    customer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("customer")
    )
    item_count = models.PositiveIntegerField()
    relation_count = models.PositiveIntegerField()
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    taken_at = models.DateTimeField(_("taken"))

    objects = BaselineQuerySet.as_manager()

    class Meta:
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        triggers: ClassVar = immutable("baseline")

    def get_absolute_url(self) -> str:
        return reverse("verifications:baseline", args=[self.pk])


class BaselineItem(models.Model):
    """An item as it was. ``facts`` by name, with labels in both languages where there is one."""

    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="items")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    number = models.CharField(max_length=20)
    facts: Any = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["baseline", "number"], name="baseline_item_once"),
        ]
        triggers: ClassVar = immutable("baseline_item")

    def __str__(self) -> str:
        return self.number


class BaselineRelation(models.Model):
    """A relation as it was, of which both ends were in the baseline or one of them was."""

    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="relations")
    source = models.CharField(max_length=20)
    type = models.CharField(max_length=50)
    target = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["baseline", "source", "type", "target"], name="baseline_relation_once"
            ),
        ]
        triggers: ClassVar = immutable("baseline_relation")

    def __str__(self) -> str:
        return f"{self.source} {self.type} {self.target}"


# --- audits ------------------------------------------------------------------------------------


class AuditState(models.TextChoices):
    PLANNED = lifecycle.PLANNED, _("Planned")
    RUNNING = lifecycle.RUNNING, _("Being checked")
    REPORTED = lifecycle.REPORTED, _("Report to be approved")
    APPROVED = lifecycle.APPROVED, _("Report approved")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class AuditManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.ITEM_AUDIT)
        return rows


class ItemAudit(Record):
    """An audit of the register; ``assignee`` is the auditor, who owns none of the items audited.

    The sample is drawn from ``population`` (numbers) by ``seed``: whoever has both can draw it again.
    ``figures`` is what the report says, fixed when the auditor concluded it.
    """

    class Sample(models.TextChoices):
        EVERY = sampling.EVERY, _("every item")
        COUNT = sampling.COUNT, _("so many items")
        SHARE = sampling.SHARE, _("so many per cent")

    scope: Any = models.JSONField()
    planned_on = models.DateField(_("planned for"))
    sample = models.CharField(_("sample"), max_length=10, choices=Sample, default=Sample.EVERY)
    amount = models.PositiveIntegerField(
        _("how many"), default=0, validators=[MinValueValidator(0), MaxValueValidator(100_000)]
    )
    seed = models.BigIntegerField(_("seed"))
    population: Any = models.JSONField(default=list)
    drawn_at = models.DateTimeField(null=True)
    conclusion = models.TextField(_("conclusion"), blank=True)
    figures: Any = models.JSONField(default=dict)
    reported_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = AuditManager()

    class Meta:
        verbose_name = _("audit of the register")
        verbose_name_plural = _("audits of the register")
        indexes: ClassVar = [models.Index(fields=["planned_on"], name="item_audit_planned")]


class AuditEntry(models.Model):
    """One item of the sample with what the register said when it was drawn, and what the auditor found.

    Without an item: something that is there and not in the register; ``name`` says what.
    """

    class Result(models.TextChoices):
        OPEN = "open", _("Not checked yet")
        AGREES = "agrees", _("Agrees")
        DIFFERS = "differs", _("Differs")
        NOT_FOUND = "not_found", _("Not found")
        UNREGISTERED = "unregistered", _("Not in the register")

    audit = models.ForeignKey(ItemAudit, models.PROTECT, related_name="entries")
    position = models.PositiveIntegerField()
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="audit_entries")
    number = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200)
    expected: Any = models.JSONField(default=dict)
    result = models.CharField(_("result"), max_length=20, choices=Result, default=Result.OPEN)
    note = models.TextField(_("note"), blank=True)
    is_unauthorised = models.BooleanField(_("altered without an approved change"), default=False)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="+")
    counted_at = models.DateTimeField(null=True)  # as an unauthorised change

    class Meta:
        verbose_name = _("audited item")
        verbose_name_plural = _("audited items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "position"], name="audit_position_once"),
            models.UniqueConstraint(
                fields=["audit", "item"], condition=models.Q(item__isnull=False), name="audited_once"
            ),
            models.CheckConstraint(
                condition=models.Q(item=None, result="unregistered")
                | (models.Q(item__isnull=False) & ~models.Q(result="unregistered")),
                name="audit_entry_of_an_item",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["audit", "result", "position"], name="audit_by_result")]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="sample_is_fixed", fields=["audit", "position", "item", "number", "expected"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.name} of {self.audit_id}"


class AuditDifference(models.Model):
    """A fact that was found otherwise than the register says; later on, the remark that it was put right."""

    entry = models.ForeignKey(AuditEntry, models.PROTECT, related_name="differences")
    fact = models.CharField(max_length=60)
    expected: Any = models.JSONField()
    found: Any = models.JSONField()
    is_controlled = models.BooleanField(default=False)
    remark = models.TextField(_("remark"), blank=True)
    corrected_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "fact"], name="audit_difference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} of {self.entry_id}"
