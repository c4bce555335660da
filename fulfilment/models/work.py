"""The work of fulfilling a request, in steps: what stands side by side, what comes after it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Team, User, in_reader_language
from fulfilment.models.request import ServiceRequest


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: Actor) -> "TaskQuerySet":
        """Of the requests the actor may see; tasks are the provider's own affair."""
        if not actor.is_desk_side:
            return self.none()
        return self if actor.scope is None else self.filter(request__customer__in=actor.scope)

    def open(self) -> "TaskQuerySet":
        return self.filter(state__in=(Task.State.READY, Task.State.STARTED))

    def of(self, actor: Actor) -> "TaskQuerySet":
        """Given to the actor, or to nobody in one of his teams."""
        return self.filter(Q(assignee=actor.user_id) | Q(assignee=None, team__in=actor.team_ids))


class Task(models.Model):
    """One piece of work of a request. ``order``: those of one order stand side by side."""

    class State(models.TextChoices):
        PENDING = "pending", _("Later")
        READY = "ready", _("To do")
        STARTED = "started", _("Being done")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Not needed")

    request = models.ForeignKey(ServiceRequest, models.PROTECT, related_name="tasks")
    order = models.PositiveSmallIntegerField(_("step"))
    title_en = models.CharField(_("task (English)"), max_length=200)
    title_zh = models.CharField(_("task (Chinese)"), max_length=200, blank=True)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assignee")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    result = models.TextField(_("result"), blank=True)
    ready_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(_("done"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task of a request")
        verbose_name_plural = _("tasks of requests")
        ordering: ClassVar = ["order", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["team", "ready_at"], condition=Q(state__in=["ready", "started"]),
                name="task_open_of_team",
            ),
            models.Index(
                fields=["assignee", "ready_at"], condition=Q(state__in=["ready", "started"]),
                name="task_open_of_person",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_en, self.title_zh)

    @property
    def label(self) -> dict[str, object]:
        return {"id": self.pk, "en": self.title_en, "zh": self.title_zh or self.title_en}

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.READY, self.State.STARTED)
