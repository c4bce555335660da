"""Beside a ticket: the way to macros and reply templates. What there is, is asked for when it is opened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor, may
from automation.models import ScheduleRun
from records.models import Record
from records.panels import Panel


def content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """No question at all."""
    return {} if may(actor, "use_automation") and may(actor, "note", record) else None


def run_probe(record: Record, actor: Actor, *, now: datetime) -> Any:
    return ScheduleRun.objects.visible_to(actor).filter(record=record.pk)


def run_content(record: Record, actor: Actor, *, now: datetime) -> Mapping[str, Any] | None:
    """The run of recurring work a ticket belongs to; one question."""
    run = run_probe(record, actor, now=now).select_related("schedule").first()
    if run is None:
        return None
    is_late = run.state == ScheduleRun.State.OPEN and run.finish_by < now
    tone = "bad" if is_late or run.state == ScheduleRun.State.MISSED else "accent"
    done = run.state == ScheduleRun.State.DONE
    return {
        "run": run,
        "label": _("overdue") if is_late else run.get_state_display(),
        "tone": "good" if done else tone,
    }


PANEL = Panel("automation", 12, "automation/_panel.html", content)
RUN_PANEL = Panel("automation.run", 11, "automation/_run_panel.html", run_content, probe=run_probe)
