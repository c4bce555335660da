"""Releases: approved changes brought into operation together, deployed by steps, watched, and reported on."""

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, in_reader_language
from accounts.triggers import immutable
from changes.models import Change
from cmdb.models import Item
from records.kinds import Kind
from records.models import Attachment, ProcessQuerySet, Record
from releases import lifecycle, parts
from releases.parts import settled_by_somebody


class State(models.TextChoices):
    PREPARING = lifecycle.PREPARING, _("Being prepared")
    READY = lifecycle.READY, _("Ready for deployment")
    DEPLOYING = lifecycle.DEPLOYING, _("Being deployed")
    MONITORING = lifecycle.MONITORING, _("Under watch")
    REPORTING = lifecycle.REPORTING, _("To be reported on")
    REVIEWING = lifecycle.REVIEWING, _("Report to be reviewed")
    CLOSED = lifecycle.CLOSED, _("Closed")
    CANCELLED = lifecycle.CANCELLED, _("Cancelled")


class CheckSort(models.TextChoices):
    """A point of the readiness checklist (REL-02)."""

    TECHNOLOGY = "technology", _("Technology ready")
    ENVIRONMENT = "environment", _("Environment ready")
    TEAM_TRAINED = "team_trained", _("Team trained")
    NOTICE = "notice", _("Release notice written")
    GUIDE = "guide", _("Operating guide written")
    OTHER = "other", _("Further point")


class StepSort(models.TextChoices):
    """A step of the deployment (REL-03), in this order; back-out steps are taken only if it fails."""

    DEPLOY = "deploy", _("Deploy")
    TEST = "test", _("Test in production")
    INFORM = "inform", _("Inform the users")
    START = "start", _("Start the service")
    BACK_OUT = "back_out", _("Back out")


FORWARD = tuple(sort for sort in StepSort.values if sort != StepSort.BACK_OUT)


class ReleaseManager(models.Manager.from_queryset(ProcessQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProcessQuerySet:
        rows: ProcessQuerySet = super().get_queryset().filter(kind=Kind.RELEASE)
        return rows


class Release(Record):
    """``assignee`` manages it, ``decider`` says at the decision point whether it goes on or is backed out."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("Successful")
        BACKED_OUT = "backed_out", _("Failed and backed out")
        FAILED = "failed", _("Failed and not backed out")

    class Decision(models.TextChoices):
        GO = "go", _("Go on")
        BACK_OUT = "back_out", _("Back out")

    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    # the plan (REL-01)
    objective = models.TextField(_("objective"), blank=True)
    expected_result = models.TextField(_("expected result"), blank=True)
    scope = models.TextField(_("scope of the release"), blank=True)
    effect = models.TextField(_("effect on users and services"), blank=True)
    planned_start_at = models.DateTimeField(_("planned from"), null=True)
    planned_end_at = models.DateTimeField(_("planned until"), null=True)
    # the decision point (REL-09)
    decide_at = models.DateTimeField(_("decision point"), null=True)
    decider = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("who decides go on or back out")
    )
    criteria = models.TextField(_("when it is backed out"), blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    decision_words = models.TextField(_("why"), blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    # what became of it
    deployed_at = models.DateTimeField(_("deployment begun"), null=True)
    in_service_at = models.DateTimeField(_("in service"), null=True)
    ended_at = models.DateTimeField(_("deployment ended"), null=True)
    monitor_days = models.PositiveSmallIntegerField(_("monitoring period in days"), default=14)
    monitor_until = models.DateTimeField(_("monitored until"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    # the report (REL-06)
    analysis = models.TextField(_("analysis of success or failure"), blank=True)
    conclusions = models.TextField(_("conclusions"), blank=True)
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("reported by")
    )
    reported_at = models.DateTimeField(_("reported"), null=True)
    review_words = models.TextField(_("review of the conclusions"), blank=True)
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)

    objects: ClassVar[Any] = ReleaseManager()

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(planned_start_at=None, planned_end_at=None)
                | Q(planned_end_at__gt=F("planned_start_at")),
                name="release_planned_time_is_a_span",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(ended_at__isnull=False), name="release_outcome_at_its_end"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("reported_by")),
                name="release_reviewed_by_somebody_else",
            ),
            settled_by_somebody("decided_at", "decided_by", "release_decided_by_somebody"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ended_at"], name="release_ended"),
            models.Index(fields=["deployed_at"], name="release_deployed"),
        ]

    @property
    def name(self) -> str:
        return in_reader_language(self.title, self.title_zh)


@pghistory.track()
class ReleaseMember(parts.Member):
    work = models.ForeignKey(Release, models.PROTECT, related_name="members")

    class Meta:
        verbose_name = _("member of the team")
        verbose_name_plural = _("team")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work", "person"], name="release_member_once"),
        ]


@pghistory.track()
class ReleaseNode(parts.Node):
    work = models.ForeignKey(Release, models.PROTECT, related_name="nodes")

    class Meta:
        verbose_name = _("key node")
        verbose_name_plural = _("timetable")
        ordering: ClassVar = ["due_on", "pk"]
        constraints: ClassVar = [settled_by_somebody("done_at", "done_by", "release_node_done_by_one")]


@pghistory.track()
class ReleaseCheck(parts.Check):
    work = models.ForeignKey(Release, models.PROTECT, related_name="checks")
    sort = models.CharField(_("kind"), max_length=20, choices=CheckSort)

    class Meta:
        verbose_name = _("point of the readiness checklist")
        verbose_name_plural = _("readiness")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["work", "sort"], condition=~Q(sort="other"), name="release_check_once"
            ),
            settled_by_somebody("met_at", "met_by", "release_check_met_by_one"),
        ]


@pghistory.track()
class ReleaseStep(parts.Step):
    work = models.ForeignKey(Release, models.PROTECT, related_name="steps")
    sort = models.CharField(_("kind"), max_length=10, choices=StepSort)

    class Meta:
        verbose_name = _("step of the deployment")
        verbose_name_plural = _("deployment")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [settled_by_somebody("done_at", "done_by", "release_step_done_by_one")]


class ReleaseChange(models.Model):
    """A change the release brings in. ``is_held``: the release is not over, so no other one may take it."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="bundled")
    change = models.ForeignKey(Change, models.PROTECT, related_name="releases", verbose_name=_("change"))
    is_held = models.BooleanField(default=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of the release")
        verbose_name_plural = _("changes of the release")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "change"], name="release_change_once"),
            models.UniqueConstraint(
                fields=["change"], condition=Q(is_held=True), name="release_change_in_one_open_release"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} in {self.release_id}"


class ReleaseItem(models.Model):
    """An item a step of the deployment brings to a new revision, by the authority of one of the changes."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="release_items")
    item = models.ForeignKey(Item, models.PROTECT, related_name="release_items", verbose_name=_("item"))
    change = models.ForeignKey(Change, models.PROTECT, related_name="+", verbose_name=_("change"))
    step = models.ForeignKey(
        ReleaseStep, models.PROTECT, related_name="step_items", verbose_name=_("step of the deployment")
    )
    revision = models.CharField(_("new revision"), max_length=100)
    revision_before = models.CharField(_("former revision"), max_length=100, blank=True)
    updated_at = models.DateTimeField(_("updated"), null=True)
    backed_out_at = models.DateTimeField(_("backed out"), null=True)

    class Meta:
        verbose_name = _("item of the release")
        verbose_name_plural = _("items of the release")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "item"], name="release_item_once"),
            models.CheckConstraint(
                condition=Q(backed_out_at=None) | Q(updated_at__isnull=False),
                name="release_item_backed_out_after_update",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.revision}"


class PlanTest(models.Model):
    """A test of the plan (REL-04), with the fingerprint of the plan that was tested. Immutable."""

    class Result(models.TextChoices):
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")

    release = models.ForeignKey(Release, models.PROTECT, related_name="tests")
    result = models.CharField(_("result"), max_length=10, choices=Result)
    words = models.TextField(_("how it was tested and what was found"))
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name=_("file")
    )
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    tested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("tested by"))
    tested_at = models.DateTimeField(_("tested"))

    class Meta:
        verbose_name = _("test of a release plan")
        verbose_name_plural = _("tests of release plans")
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = immutable("releaseplantest")

    def __str__(self) -> str:
        return f"{self.result} {self.release_id}"


class ReleaseIncident(models.Model):
    """Whether an incident that was proposed has to do with the release (REL-06), as somebody decided."""

    class Why(models.TextChoices):
        CHANGE = "change", _("was caused by one of its changes")
        ITEM = "item", _("is on one of its items")
        SERVICE = "service", _("is on one of its services")
        NAMED = "named", _("was named by hand")

    release = models.ForeignKey(Release, models.PROTECT, related_name="incidents")
    incident = models.ForeignKey(Record, models.PROTECT, related_name="+", verbose_name=_("incident"))
    why = models.CharField(_("why it was proposed"), max_length=10, choices=Why)
    is_related = models.BooleanField(_("has to do with it"))
    words = models.TextField(_("words"), blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("incident after a release")
        verbose_name_plural = _("incidents after releases")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "incident"], name="release_incident_once"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} after {self.release_id}"


class Observation(models.Model):
    """What was seen, said or learnt during the monitoring (REL-05), and what it led to."""

    class Sort(models.TextChoices):
        OPERATION = "operation", _("Observation of the operation")
        FEEDBACK = "feedback", _("Feedback of users")
        LESSON = "lesson", _("Lesson")

    work = models.ForeignKey(Release, models.PROTECT, related_name="observations")
    sort = models.CharField(_("kind"), max_length=10, choices=Sort)
    words = models.TextField(_("words"))
    said_by = models.CharField(_("who said so"), max_length=150, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("observation of a release")
        verbose_name_plural = _("observations of releases")
        ordering: ClassVar = ["pk"]
        triggers: ClassVar = immutable("releaseobservation")

    def __str__(self) -> str:
        return self.words[:80]


class PeriodReport(models.Model):
    """The figures of a quarter or a year as they were when it was over (REL-07). Immutable."""

    period = models.CharField(_("period"), max_length=7, unique=True)
    """2026-Q1, or 2026."""
    figures = models.JSONField(_("figures"))
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("report on releases")
        verbose_name_plural = _("reports on releases")
        ordering: ClassVar = ["-made_at", "-pk"]
        triggers: ClassVar = immutable("releaseperiodreport")

    def __str__(self) -> str:
        return self.period
