"""A list somebody wants as a file: who asked, for what, in which words, and how far it is."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Origin
from accounts.models import User


class Export(models.Model):
    """One list as a file, made in the background with the rights of who asked.

    ``source`` names the list (exports.sources) and ``query`` what its address asked for. ``part`` is the
    name of the unfinished file and at the same time the claim of who writes it: whoever holds another one
    writes no more. ``position`` counts the rows gone through, ``done_rows`` those written, ``offset`` the
    bytes that hold them. ``key`` names the finished file as records.files does.
    """

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Stopped")
        EXPIRED = "expired", _("Removed")

    UNFINISHED = (State.QUEUED, State.RUNNING)

    asker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    source = models.CharField(_("list"), max_length=60)
    query = models.CharField(max_length=4000, blank=True)
    language = models.CharField(_("language"), max_length=10)
    zone = models.CharField(_("time zone"), max_length=64)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    origin = models.CharField(max_length=10, choices=[(o.value, o.value) for o in Origin])
    once = models.CharField(max_length=80)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    asked_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()  # by whoever writes it: long ago, and it is offered again
    expires_at = models.DateTimeField(_("kept until"), null=True)
    seen_at = models.DateTimeField(null=True)  # by who asked, since it is finished
    total = models.PositiveIntegerField(null=True)
    done_rows = models.PositiveIntegerField(_("rows"), default=0)
    position = models.PositiveIntegerField(default=0)
    offset = models.PositiveBigIntegerField(default=0)
    part = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    key = models.CharField(max_length=32, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    file_name = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["asker", "once"], name="export_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["asker", "-id"], name="export_of"),
            models.Index(
                fields=["touched_at"], condition=models.Q(state__in=["queued", "running"]), name="export_open"
            ),
            models.Index(fields=["expires_at"], condition=models.Q(state="done"), name="export_kept"),
            models.Index(
                fields=["asker"],
                condition=models.Q(seen_at=None, state__in=["done", "failed"]),
                name="export_unseen",
            ),
            models.Index(fields=["key"], condition=~models.Q(key=""), name="export_file"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk} of {self.source}"

    def get_absolute_url(self) -> str:
        return f"{reverse('exports:list')}#export-{self.pk}"

    @property
    def is_working(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // self.total) if self.total else 0
