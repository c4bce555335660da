"""The pages of what-if replays: ask for one, watch it come on, read what it found."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import Actor
from agreements import replays
from agreements.models import Edition, ReplayFlip, ReplayRun
from agreements.replay_pages import failure_words, outcome
from itsm.templatetags.ui import day_words
from records.models import Priority, Record
from records.pages import actor_for, get_one, now_utc
from sla.naming import Names

PAGE = 50
RUNS = 50
PRESETS: Mapping[str, Any] = {
    "month": gettext_lazy("Last month"),
    "quarter": gettext_lazy("Last quarter"),
    "year": gettext_lazy("Last 12 months"),
}
TONES = {
    ReplayRun.State.QUEUED: "neutral",
    ReplayRun.State.RUNNING: "accent",
    ReplayRun.State.DONE: "good",
    ReplayRun.State.FAILED: "bad",
}


class Period(forms.Form):
    """From and until, both included, in the reader's zone."""

    first = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


def preset(name: str, today: date) -> tuple[date, date]:
    """First and last day of the last whole month, quarter, or twelve months before this one."""
    this_month = today.replace(day=1)
    if name == "quarter":
        end = this_month.replace(month=this_month.month - (this_month.month - 1) % 3)
        return _months_before(end, 3), end - timedelta(days=1)
    return _months_before(this_month, 12 if name == "year" else 1), this_month - timedelta(days=1)


def _months_before(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 - months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def listing(request: HttpRequest, number: str) -> HttpResponse:
    """The replays of an edition, and the form that asks for one."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    first, last = preset("month", timezone.localdate())
    form = Period(initial={"first": first.isoformat(), "last": last.isoformat()})
    if request.method == "POST":
        wanted = request.POST.get("preset", "")
        form = Period(
            dict(zip(("first", "last"), preset(wanted, timezone.localdate()), strict=True))
            if wanted in PRESETS
            else request.POST
        )
        if form.is_valid() and (run := _asked(form, edition, actor)):
            return redirect(run)
    rows = ReplayRun.objects.filter(edition=edition).select_related("asked_by", "edition").order_by("-pk")
    context = {
        "edition": edition,
        "form": form,
        "presets": PRESETS.items(),
        "runs": [{"run": run, "tone": _tone(run), "days": _days(run)} for run in rows[:RUNS]],
    }
    return render(request, "agreements/replays.html", context, status=422 if form.errors else 200)


def _asked(form: Period, edition: Edition, actor: Actor) -> ReplayRun | None:
    """The run that answers the question; None with the refusal in the form."""
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    try:
        start, end = _midnight(first), _midnight(last + timedelta(days=1))
        return replays.ask(edition, start, end, actor=actor, now=now_utc())
    except OverflowError:
        form.add_error("last", _("Choose a day in this century."))
    except ValidationError as refused:
        fields = {"start": "first", "end": "last"}
        for field, errors in refused.message_dict.items():
            for words in errors:
                form.add_error(fields.get(field), words)
    return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _tone(run: ReplayRun) -> str:
    return TONES[ReplayRun.State(run.state)]


def _days(run: ReplayRun) -> str:
    """The days of the period, both included."""
    first = timezone.localtime(run.period_start).date()
    last = timezone.localtime(run.period_end - timedelta(seconds=1)).date()
    return f"{day_words(first)} – {day_words(last)}"


@require_safe
def detail(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One replay: how far it is, then what it found. Asked by htmx, only what changes while it runs."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    run = get_object_or_404(ReplayRun.objects.select_related("asked_by"), pk=pk, edition=edition)
    context: dict[str, Any] = {
        "edition": edition,
        "run": run,
        "days": _days(run),
        "label": ReplayRun.State(run.state).label,
        "tone": _tone(run),
        "is_unfinished": run.state in ReplayRun.UNFINISHED,
        "failure": failure_words(run.error),
        "is_outdated": edition.terms != run.terms,
    }
    if run.state == ReplayRun.State.DONE:
        names = Names.load()
        context |= {"outcome": outcome(run, names), "flips": _flips(request, actor, run, names)}
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "agreements/_replay.html" if is_part else "agreements/replay.html", context)


def _flips(request: HttpRequest, actor: Actor, run: ReplayRun, names: Names) -> dict[str, Any]:
    """The tickets that flip, narrowed by direction and target, in pages; only what the reader may see."""
    seen = Record.objects.visible_to(actor).filter(pk__in=run.flips.values("record")).values("pk")
    rows = run.flips.filter(record__in=seen)
    keys = sorted(set(rows.values_list("target_key", flat=True)))
    direction, key = request.GET.get("direction", ""), request.GET.get("target", "")
    if direction in ReplayFlip.Direction.values:
        rows = rows.filter(direction=direction)
    if key in keys:
        rows = rows.filter(target_key=key)
    page = Paginator(rows.select_related("record").order_by("-direction", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "page": page,
        "rows": [_flip(flip, names) for flip in page],
        "directions": ReplayFlip.Direction.choices,
        "direction": direction,
        "targets": [(each, names.key(each)) for each in keys],
        "target": key,
    }


def _flip(flip: ReplayFlip, names: Names) -> dict[str, Any]:
    return {
        "record": flip.record,
        "priority": Priority(flip.record.priority).label,
        "target": names.key(flip.target_key),
        "direction": flip.get_direction_display(),
        "tone": "bad" if flip.direction == ReplayFlip.Direction.NOW_MISSED else "good",
        "at": flip.at,
        "seconds": flip.seconds,
        "is_short": flip.seconds is not None and flip.seconds < 60,
    }
