"""Services on their way in, through a change, and out: design, plan, readiness, switch, watch, end."""

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Named, User, in_reader_language
from accounts.triggers import immutable
from announcements.models import Announcement
from catalog.models import Service
from planning.models import ServiceLevelRequirement
from records.kinds import Kind
from records.models import ProcessQuerySet, Record
from releases import parts
from releases.parts import settled_by_somebody
from sla.models import Agreement
from transitions import lifecycle


class State(models.TextChoices):
    DESIGNING = lifecycle.DESIGNING, _("Being designed")
    PREPARING = lifecycle.PREPARING, _("Being prepared")
    IMPLEMENTING = lifecycle.IMPLEMENTING, _("Being implemented")
    WATCHING = lifecycle.WATCHING, _("Under watch")
    CLOSED = lifecycle.CLOSED, _("Closed")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class Nature(models.TextChoices):
    NEW = "new", _("New service")
    CHANGED = "changed", _("Changed service")
    RETIRED = "retired", _("Service to be retired")


class CheckSort(models.TextChoices):
    """A point of the readiness checklist (TRN-03)."""

    DESIGN_DOCUMENT = "design_document", _("Design document complete")
    USER_MANUAL = "user_manual", _("User manual complete")
    OPERATING_GUIDE = "operating_guide", _("Operating guide complete")
    TEAM_TRAINED = "team_trained", _("Team trained")
    ENVIRONMENT = "environment", _("Environment available")
    DATA_KEPT = "data_kept", _("Data archived or handed back")
    DESK_TOLD = "desk_told", _("Service desk instructed")
    OTHER = "other", _("Further point")


class StepSort(models.TextChoices):
    """A step of the implementation (TRN-04), in this order."""

    DEPLOY = "deploy", _("Deploy")
    TEST = "test", _("Test")
    TRAIN = "train", _("Train the users")
    SWITCH = "switch", _("Switch")


CHECKS = {
    Nature.NEW: tuple(CheckSort.values[:5]),
    Nature.CHANGED: tuple(CheckSort.values[:5]),
    Nature.RETIRED: (CheckSort.DATA_KEPT.value, CheckSort.DESK_TOLD.value),
}
"""The points every transition of a nature has."""
STEPS = {
    Nature.NEW: tuple(StepSort.values),
    Nature.CHANGED: tuple(StepSort.values),
    Nature.RETIRED: (StepSort.SWITCH.value,),
}
"""The sorts of step of which there must be one at least."""


@pghistory.track()
class Template(Named):
    """A flow with its rules that transitions are begun from (TRN-10). What it says is in its editions."""

    code = models.SlugField(_("code"), max_length=50, unique=True)
    nature = models.CharField(_("kind of transition"), max_length=10, choices=Nature)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("transition template")
        verbose_name_plural = _("transition templates")
        ordering: ClassVar = ["nature", "code"]


class TemplateEdition(models.Model):
    """What a template says from some time on (`transitions.flow`). Numbered and immutable."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField(_("edition"))
    flow = models.JSONField(_("flow"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("written by"))
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("edition of a transition template")
        verbose_name_plural = _("editions of transition templates")
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="transition_template_edition_once"),
        ]
        triggers: ClassVar = immutable("transitiontemplateedition")

    def __str__(self) -> str:
        return f"{self.template} {self.number}"


class TransitionManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.TRANSITION)
        return rows


class Transition(Record):
    """A service on its way in, through a change, or out.

    ``about`` is the service (None while a new one has no entry), ``predecessor`` the one it takes the place
    of, which goes on until the switch. What planning wrote down before the agreement is in ``requirement``
    and is named, not copied. ``assignee`` leads it.
    """

    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    nature = models.CharField(_("kind of transition"), max_length=10, choices=Nature)
    about = models.ForeignKey(
        Service, models.PROTECT, null=True, related_name="transitions", verbose_name=_("service concerned")
    )
    predecessor = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        related_name="transitions_away",
        verbose_name=_("service replaced"),
    )
    requirement = models.ForeignKey(
        ServiceLevelRequirement, models.PROTECT, null=True, related_name="transitions",
        verbose_name=_("requirement"),
    )  # fmt: skip
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, related_name="transitions", verbose_name=_("agreement")
    )
    template_edition = models.ForeignKey(
        TemplateEdition, models.PROTECT, null=True, related_name="transitions", verbose_name=_("template")
    )
    # requirement analysis and service plan (TRN-01)
    business_process = models.TextField(_("business process"), blank=True)
    goals = models.TextField(_("goals of the service"), blank=True)
    indicators = models.TextField(_("key indicators"), blank=True)
    content = models.TextField(_("content of the service"), blank=True)
    level = models.TextField(_("service level"), blank=True)
    cost = models.TextField(_("cost of the service"), blank=True)
    period = models.TextField(_("service period"), blank=True)
    staffing = models.TextField(_("staffing"), blank=True)
    standard = models.TextField(_("process and quality standard"), blank=True)
    # transition plan (TRN-02)
    plan_goals = models.TextField(_("goals and results of the transition"), blank=True)
    scope = models.TextField(_("scope of the transition"), blank=True)
    effect = models.TextField(_("effect on users and services"), blank=True)
    continuity = models.TextField(_("how the old service goes on until the switch"), blank=True)
    # the end of a service (TRN-09)
    last_day = models.DateField(_("last day of the service"), null=True)
    notice = models.ForeignKey(
        Announcement, models.PROTECT, null=True, related_name="+", verbose_name=_("notice to the customers")
    )
    # after the switch (TRN-05)
    watch_days = models.PositiveSmallIntegerField(_("watch period in days"), default=14)
    live_at = models.DateTimeField(_("live or taken out"), null=True)
    watch_until = models.DateTimeField(_("under watch until"), null=True)
    conclusion = models.TextField(_("conclusion"), blank=True)

    objects: ClassVar[Any] = TransitionManager()

    class Meta:
        verbose_name = _("service transition")
        verbose_name_plural = _("service transitions")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(about=models.F("predecessor")), name="transition_does_not_replace_itself"
            ),
            models.CheckConstraint(
                condition=Q(live_at=None, watch_until=None) | Q(watch_until__gte=models.F("live_at")),
                name="transition_watched_after_live",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["live_at"], name="transition_live")]

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)

    @property
    def is_retirement(self) -> bool:
        return self.nature == Nature.RETIRED


@pghistory.track()
class TransitionMember(parts.Member):
    work = models.ForeignKey(Transition, models.PROTECT, related_name="members")

    class Meta:
        verbose_name = _("member of the team")
        verbose_name_plural = _("team")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work", "person"], name="transition_member_once"),
        ]


@pghistory.track()
class TransitionNode(parts.Node):
    work = models.ForeignKey(Transition, models.PROTECT, related_name="nodes")

    class Meta:
        verbose_name = _("key node")
        verbose_name_plural = _("timetable")
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar = [settled_by_somebody("done_at", "done_by", "transition_node_done_by_one")]


@pghistory.track()
class TransitionRisk(models.Model):
    """A risk of the transition and the measure against it."""

    work = models.ForeignKey(Transition, models.PROTECT, related_name="risks")
    risk = models.CharField(_("risk"), max_length=300)
    measure = models.CharField(_("measure"), max_length=300)
    responsible = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("responsible"))

    class Meta:
        verbose_name = _("risk")
        verbose_name_plural = _("risks and measures")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.risk

    @property
    def label(self) -> dict[str, str]:
        return {"en": self.risk, "zh": self.risk}


@pghistory.track()
class TransitionCheck(parts.Check):
    work = models.ForeignKey(Transition, models.PROTECT, related_name="checks")
    sort = models.CharField(_("kind"), max_length=20, choices=CheckSort)

    class Meta:
        verbose_name = _("point of the readiness checklist")
        verbose_name_plural = _("readiness")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["work", "sort"], condition=~Q(sort="other"), name="transition_check_once"
            ),
            settled_by_somebody("met_at", "met_by", "transition_check_met_by_one"),
        ]


@pghistory.track()
class TransitionStep(parts.Step):
    work = models.ForeignKey(Transition, models.PROTECT, related_name="steps")
    sort = models.CharField(_("kind"), max_length=10, choices=StepSort)

    class Meta:
        verbose_name = _("step of the implementation")
        verbose_name_plural = _("implementation")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [settled_by_somebody("done_at", "done_by", "transition_step_done_by_one")]


class Checklist(models.Model):
    """The take-over inspection or the acceptance (TRN-07), signed by both sides."""

    class Sort(models.TextChoices):
        TAKEOVER = "takeover", _("Take-over inspection")
        ACCEPTANCE = "acceptance", _("Acceptance")

    work = models.ForeignKey(Transition, models.PROTECT, related_name="checklists")
    sort = models.CharField(_("kind"), max_length=10, choices=Sort)

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering: ClassVar = ["-sort"]  # the take-over comes before the acceptance
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work", "sort"], name="transition_checklist_once"),
        ]

    def __str__(self) -> str:
        return str(self.Sort(self.sort).label)


@pghistory.track()
class ChecklistPoint(parts.Titled):
    """One thing that was looked at, and how it was found. A defect says what follows from it."""

    class Found(models.TextChoices):
        OPEN = "", _("not looked at yet")
        GOOD = "good", _("in order")
        DEFECT = "defect", _("defect")
        NOT_APPLICABLE = "na", _("does not apply")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="points")
    found = models.CharField(_("found"), max_length=10, choices=Found, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    found_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("point of a checklist")
        verbose_name_plural = _("points of checklists")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(found="defect") | ~Q(remark=""), name="transition_defect_has_words"
            ),
        ]


class ChecklistSignature(models.Model):
    """Who confirmed a checklist for which side, with the hash of what it said then. Immutable."""

    class Side(models.TextChoices):
        HANDING = "handing", _("who hands over")
        TAKING = "taking", _("who takes over")

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="signatures")
    side = models.CharField(_("side"), max_length=10, choices=Side)
    person = models.CharField(_("signed by"), max_length=150)
    role = models.CharField(_("role"), max_length=150)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature of a checklist")
        verbose_name_plural = _("signatures of checklists")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checklist", "side"], name="transition_signature_once"),
        ]
        triggers: ClassVar = immutable("transitionsignature")

    def __str__(self) -> str:
        return f"{self.person} ({self.side})"


class Exemption(models.Model):
    """A named person's decision to go live although something is missing (TRN-08). Kept for good."""

    work = models.ForeignKey(Transition, models.PROTECT, related_name="exemptions")
    point = models.CharField(_("missing"), max_length=20)
    reason = models.TextField(_("reason"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("exemption of a transition")
        verbose_name_plural = _("exemptions of transitions")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work", "point"], name="transition_exemption_once"),
        ]
        triggers: ClassVar = immutable("transitionexemption")

    def __str__(self) -> str:
        return f"{self.point} of {self.work_id}"


class Settlement(models.Model):
    """What becomes of something that names a service which ends (TRN-09). Kept for good.

    ``thing`` is the key `transitions.ending` gives it, ``name`` what it was called then.
    """

    work = models.ForeignKey(Transition, models.PROTECT, related_name="settlements")
    thing = models.CharField(_("thing"), max_length=80)
    name = models.CharField(_("name"), max_length=300)
    words = models.TextField(_("what becomes of it"))
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    settled_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work", "thing"], name="transition_settlement_once"),
        ]
        triggers: ClassVar = immutable("transitionsettlement")

    def __str__(self) -> str:
        return self.name


class Observation(models.Model):
    """What was seen or said during the watch, or learnt from it (TRN-05); and what it led to."""

    class Sort(models.TextChoices):
        OPERATION = "operation", _("Observation of the operation")
        FEEDBACK = "feedback", _("Feedback of users")
        LESSON = "lesson", _("Lesson")

    work = models.ForeignKey(Transition, models.PROTECT, related_name="observations")
    sort = models.CharField(_("kind"), max_length=10, choices=Sort)
    words = models.TextField(_("words"))
    said_by = models.CharField(_("who said so"), max_length=150, blank=True)
    led_to = models.ForeignKey(
        Record, models.PROTECT, null=True, related_name="+", verbose_name=_("led to"),
        help_text=_("An action or an article of the knowledge base."),
    )  # fmt: skip
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering: ClassVar = ["pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="transitionobservation_kept", operation=pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.words[:80]
