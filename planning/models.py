"""What comes before a draft agreement: requirements, their baselines, and the service designed from them."""

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User, in_reader_language
from accounts.triggers import immutable
from catalog.models import Service
from knowledge.models import Article
from planning import lifecycle
from records.kinds import Kind
from records.models import Attachment, ProcessQuerySet, Record
from sla.models import Agreement


def closed_by(column: str, name: str) -> list[pgtrigger.Trigger]:
    """Triggers that keep a row from being changed once ``column`` is set, and from being deleted at all."""
    return [
        pgtrigger.Protect(
            name=f"{name}_closed",
            operation=pgtrigger.Update,
            condition=pgtrigger.Q(**{f"old__{column}__isnull": False}),
        ),
        pgtrigger.Protect(name=f"{name}_kept", operation=pgtrigger.Delete),
    ]


class State(models.TextChoices):
    RAISED = lifecycle.RAISED, _("Raised")
    DEFINING = lifecycle.DEFINING, _("Being defined")
    FIXED = lifecycle.FIXED, _("Baseline fixed")
    PLANNED = lifecycle.PLANNED, _("Service planned")
    AGREED = lifecycle.AGREED, _("Led to an agreement")
    DECLINED = lifecycle.DECLINED, _("Declined")


class RequirementManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.REQUIREMENT)
        return rows


class ServiceLevelRequirement(Record):
    """What a customer expects of a service, before there is an agreement about it (SLR).

    The customer's own words are ``title``, ``description``, ``wished_hours`` and ``why``: whoever follows
    it reads them. ``content`` is what the provider made of them (`planning.content`), ``answer`` what the
    customer is told in the end; ``assignee`` defines it.
    """

    class Trigger(models.TextChoices):
        NEW_SERVICE = "new_service", _("A new service was approved")
        CHANGED = "changed", _("Strategy, ability or resources changed")
        NEED = "need", _("The need differs from the agreement")
        RENEWAL = "renewal", _("Renewal of the agreement")
        IMPROVEMENT = "improvement", _("Improvement")

    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    trigger = models.CharField(_("trigger"), max_length=20, choices=Trigger)
    wished_hours = models.CharField(_("wished hours"), max_length=300, blank=True)
    why = models.TextField(_("reason of the need"), blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="requirements",
        verbose_name=_("agreement"),
    )  # fmt: skip
    content = models.JSONField(_("content"), default=dict)
    answer = models.TextField(_("answer"), blank=True)

    objects: ClassVar[Any] = RequirementManager()

    class Meta:
        verbose_name = _("service level requirement")
        verbose_name_plural = _("service level requirements")

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)


class Baseline(models.Model):
    """The requirement as it was when its scope was fixed (SLM-04). Numbered and immutable."""

    requirement = models.ForeignKey(ServiceLevelRequirement, models.PROTECT, related_name="baselines")
    number = models.PositiveIntegerField(_("number"))
    content = models.JSONField(_("content"))
    reason = models.TextField(_("reason"), blank=True)
    fixed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("fixed by"))
    fixed_at = models.DateTimeField(_("fixed"))

    class Meta:
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requirement", "number"], name="requirement_baseline_once"),
        ]
        triggers: ClassVar = immutable("requirementbaseline")

    def __str__(self) -> str:
        return f"{self.requirement_id} baseline {self.number}"


class RequirementChange(models.Model):
    """A change of a requirement after its baseline, kept against it: place, value before and after."""

    requirement = models.ForeignKey(ServiceLevelRequirement, models.PROTECT, related_name="changes")
    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="changes")
    changes = models.JSONField(_("changes"))
    reason = models.TextField(_("reason"))
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("changed by"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("change of a requirement")
        verbose_name_plural = _("changes of requirements")
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = immutable("requirementchange")

    def __str__(self) -> str:
        return f"{self.requirement_id} after baseline {self.baseline_id}"


class Design(models.Model):
    """A version of the specification sheet or of the quality plan of a requirement (SLM-05, 06).

    The last one is a draft until a second person approves it; from then on it cannot be changed.
    """

    class Kind(models.TextChoices):
        SPECIFICATION = "specification", _("Service specification sheet")
        QUALITY = "quality", _("Service quality plan")

    requirement = models.ForeignKey(ServiceLevelRequirement, models.PROTECT, related_name="designs")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    number = models.PositiveIntegerField(_("version"))
    rows = models.JSONField(_("rows"), default=list)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written"))
    baseline = models.ForeignKey(Baseline, models.PROTECT, null=True, related_name="designs")
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True)

    class Meta:
        verbose_name = _("design of a service")
        verbose_name_plural = _("designs of services")
        ordering: ClassVar = ["kind", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requirement", "kind", "number"], name="design_once"),
            models.UniqueConstraint(
                fields=["requirement", "kind"], condition=models.Q(approved_at=None), name="design_one_draft"
            ),
        ]
        triggers: ClassVar = closed_by("approved_at", "design")

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.requirement_id}"


class Input(models.Model):
    """A file of a requirement, by what it is (SLM-03). The file itself is an attachment of the record."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("Service contract")
        MINUTES = "minutes", _("Minutes of a meeting")
        MANAGEMENT = "management", _("Result of a management review")
        PRESENT = "present", _("Present state of the service")
        SURVEY = "survey", _("Report of a satisfaction survey")
        DEMAND = "demand", _("Demand of the customer")
        SUPPLIER = "supplier", _("Report of a supplier")
        PLANNING = "planning", _("Service planning document")

    requirement = models.ForeignKey(ServiceLevelRequirement, models.PROTECT, related_name="inputs")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("input of a requirement")
        verbose_name_plural = _("inputs of requirements")
        ordering: ClassVar = ["kind", "-pk"]
        triggers: ClassVar = immutable("requirementinput")

    def __str__(self) -> str:
        return f"{self.kind} {self.attachment_id}"


class PlanningCheck(models.Model):
    """The service level manager's judgement of a service planning document (SLM-58). Kept for good."""

    class Result(models.TextChoices):
        PASSED = "passed", _("passed")
        TO_CORRECT = "to_correct", _("to be corrected")

    document = models.ForeignKey(Input, models.PROTECT, related_name="checks", verbose_name=_("document"))
    result = models.CharField(_("result"), max_length=20, choices=Result)
    points = models.TextField(_("points"), blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("check of a planning document")
        verbose_name_plural = _("checks of planning documents")
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = immutable("planningcheck")

    def __str__(self) -> str:
        return f"{self.result} {self.document_id}"


@pghistory.track()
class Lesson(models.Model):
    """A case of the knowledge base and how the design takes it into account, or why not (KNW-06)."""

    requirement = models.ForeignKey(ServiceLevelRequirement, models.PROTECT, related_name="lessons")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+", verbose_name=_("case"))
    is_heeded = models.BooleanField(_("heeded"), null=True)
    words = models.TextField(_("how, or why not"), blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requirement", "article"], name="lesson_once"),
            models.CheckConstraint(
                condition=models.Q(is_heeded=None, answered_by=None)
                | models.Q(is_heeded__isnull=False, answered_by__isnull=False) & ~models.Q(words=""),
                name="lesson_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} for {self.requirement_id}"


@pghistory.track()
class ImplementationStandard(models.Model):
    """A version of how a service is carried out: flow, monitoring, daily maintenance (SLM-07).

    A draft until a second person approves it; with that it is published and cannot be changed any more.
    """

    service = models.ForeignKey(Service, models.PROTECT, related_name="standards")
    number = models.PositiveIntegerField(_("version"))
    flow_en = models.TextField(_("flow (English)"), blank=True)
    flow_zh = models.TextField(_("flow (Chinese)"), blank=True)
    monitoring_en = models.TextField(_("operation monitoring (English)"), blank=True)
    monitoring_zh = models.TextField(_("operation monitoring (Chinese)"), blank=True)
    maintenance_en = models.TextField(_("daily maintenance (English)"), blank=True)
    maintenance_zh = models.TextField(_("daily maintenance (Chinese)"), blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written"))
    published_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("service implementation standard")
        verbose_name_plural = _("service implementation standards")
        ordering: ClassVar = ["service", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "number"], name="standard_once"),
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(published_at=None), name="standard_one_draft"
            ),
        ]
        triggers: ClassVar = closed_by("published_at", "standard")

    def __str__(self) -> str:
        return f"{self.service_id} standard {self.number}"
