"""Pages about the clocks of a record: one explained, whose time it was, and what does not count."""

import json
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import Actor
from records import exclusions, explain
from records.chips import chips_of
from records.hands import hands_of
from records.models import Record
from records.pages import actor_of, add_errors, agent_of, frame_of, now_utc, url_of
from records.services import get_record
from sla.models import Clock, Exclusion

PAGE = 50


class Ask(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose")), *Exclusion.Reason.choices])
    evidence = forms.CharField(
        label=_("Evidence"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A file on the ticket, a mail, a notice: what proves it."),
    )  # fmt: skip


class Decide(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=())
    note = forms.CharField(label=_("Words"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, exclusion: Exclusion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = Exclusion.Decision
        is_open = not exclusion.decision
        offered = (kinds.APPROVED, kinds.REJECTED) if is_open else (kinds.REVOKED,)
        words = {kinds.APPROVED: _("Approve"), kinds.REJECTED: _("Reject"), kinds.REVOKED: _("Revoke")}
        self.fields["decision"].choices = [(kind.value, words[kind]) for kind in offered]  # type: ignore[attr-defined]


def _clock(actor: Actor, record: Record, pk: int) -> Clock:
    """A clock of the record; what teams and suppliers promised us is no customer's business."""
    rows = Clock.every if actor.is_desk_side else Clock.objects
    related = rows.select_related("target", "support", "calendar_version__calendar")
    return get_object_or_404(related, pk=pk, record=record.pk)


@require_safe
@login_required
def clock(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Why a due time is what it is. Whoever may see the record may know."""
    actor = actor_of(request)
    record = get_record(actor, number)
    return _shown(request, actor, record, _clock(actor, record, pk))


def _shown(
    request: HttpRequest, actor: Actor, record: Record, row: Clock, failed: forms.Form | None = None
) -> HttpResponse:
    now = now_utc()
    explanation, chip = explain.explain(record, row, now), chips_of(record, [row], now)[0]
    context: dict[str, Any] = {
        "frame": frame_of(actor),
        "record": record,
        "record_url": url_of(record, actor),
        "clock": row,
        "chip": chip,
        "shown": replace(chip, url=""),  # it would lead to this very page
        "calendar": explain.calendar_words(row),
        "calendar_url": _calendar_url(actor, row),
        "explanation": explanation,
        "case": json.dumps(explanation.case, ensure_ascii=False, indent=2),
        "simulate_url": _simulate_url() if access.may(actor, "simulate") else "",
        "now": now,
    }
    if actor.is_desk_side:
        context |= _exclusions(actor, record, row, failed)
    return render(request, "records/clock.html", context, status=422 if failed else 200)


def _calendar_url(actor: Actor, row: Clock) -> str:
    """The page of its calendar, for the staff."""
    if not access.may(actor, "desk"):
        return ""
    return reverse("sla:calendar", args=[row.calendar_version.calendar.code])


def _simulate_url() -> str:
    try:
        return reverse("sla:simulate")
    except NoReverseMatch:
        return ""


def _exclusions(actor: Actor, record: Record, row: Clock, failed: forms.Form | None) -> dict[str, Any]:
    """What was asked and decided about excluding a clock, and what this actor may do about it."""
    rows = list(row.exclusions.select_related("asked_by", "decided_by").order_by("-pk"))
    last = rows[0] if rows else None
    is_pending = last is not None and last.decision in ("", Exclusion.Decision.APPROVED)
    found: dict[str, Any] = {"exclusions": rows, "is_staff": True}
    if is_pending and last and access.may(actor, "decide_exclusion", record):
        if last.asked_by_id != actor.user_id:
            is_failed = isinstance(failed, Decide)
            found |= {"decide": failed if is_failed else Decide(exclusion=last), "deciding": last}
    elif not is_pending and row.state != Clock.State.CANCELLED:
        found["ask"] = failed if isinstance(failed, Ask) else Ask()
    return found


@require_POST
def exclude(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Ask that a clock does not count."""
    actor = agent_of(request)
    record = get_record(actor, number)
    row = _clock(actor, record, pk)
    form = Ask(request.POST)
    if form.is_valid():
        try:
            exclusions.ask(record, row, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect("records:clock", record.number, row.pk)
        except ValidationError as refused:
            add_errors(form, refused)
    return _shown(request, actor, record, row, failed=form)


@require_POST
def decide(request: HttpRequest, number: str, pk: int, exclusion: int) -> HttpResponse:
    """Approve, reject or revoke an exclusion."""
    actor = agent_of(request)
    record = get_record(actor, number)
    row = _clock(actor, record, pk)
    asked = get_object_or_404(row.exclusions, pk=exclusion)
    form = Decide(request.POST, exclusion=asked)
    if form.is_valid():
        try:
            exclusions.decide(record, asked, **form.cleaned_data, actor=actor, now=now_utc())
            return redirect("records:clock", record.number, row.pk)
        except ValidationError as refused:
            add_errors(form, refused)
    return _shown(request, actor, record, row, failed=form)


@require_safe
def parties(request: HttpRequest, number: str) -> HttpResponse:
    """Who had the ticket for how long, and how the OLAs and UCs behind it stand."""
    actor, now = agent_of(request), now_utc()
    record = get_record(actor, number)
    if not record.holdings.exists() and not Clock.every.filter(record=record.pk).exists():
        raise Http404
    clocks = list(Clock.every.filter(record=record.pk).select_related("support").order_by("pk"))
    found = hands_of(record, now)
    support = list(dict.fromkeys(c.support for c in clocks if c.support))
    context = {
        "record": record,
        "record_url": url_of(record, actor),
        "shares": [
            {"share": s, "label": explain.party_words(s), "part": s.seconds * 100 / (found.seconds or 1)}
            for s in found.shares
        ],
        "total": found.seconds,
        "counted": found.counted,
        "is_counted": found.is_counted,
        "spans": [
            {"label": explain.party_words(span), "start": span.start, "end": span.end} for span in found.spans
        ],
        "is_open": found.is_open,
        "behind": [
            {"agreement": a, "chips": chips_of(record, [c for c in clocks if c.support == a], now)}
            for a in support
        ],
    }
    return render(request, "records/parties.html", context)
