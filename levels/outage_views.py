"""Pages of outages, for the whole desk, and of planned interruptions, announced by managers."""

from typing import Any

from django import forms as shapes
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may
from actions.steps import add_errors
from catalog.models import Service
from levels import forms, queries, services, telling
from levels.bars import bar, month_of
from levels.models import Outage, OutageExclusion, PlannedInterruption
from levels.standing import standing
from records.pages import actor_for, agent_of, now_utc, paged

PAGE = 50
LABELS = {
    "change": gettext_lazy("End or correct it"),
    "exclude": gettext_lazy("Ask that it does not count"),
    "decide": gettext_lazy("Decide whether it counts"),
    "withdraw": gettext_lazy("Withdraw it"),
}
SHAPES: dict[str, type[shapes.Form]] = {
    "change": forms.ChangeOutage,
    "exclude": forms.AskExclusion,
    "decide": forms.Decide,
    "withdraw": forms.Because,
}


# --- outages -----------------------------------------------------------------------------------------


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Outages of a month, those going on first; narrowed to a service or to those of a measure."""
    actor, month = actor_for(request, "desk", "record_outage"), month_of(request)
    rows = Outage.objects.visible_to(actor).overlapping(month.start, month.end)
    service = request.GET.get("service", "")
    if service.isascii() and service.isdigit() and len(service) < 19:
        rows = rows.filter(service=int(service))
    agreement = queries.agreements(actor).filter(code=request.GET.get("agreement", "")).first()
    if agreement:
        found = standing(agreement, start=month.start, end=month.end, now=now_utc())
        wanted = [row for row in found.measures if row.key == request.GET.get("measure", "")]
        rows = rows.filter(pk__in=[outage.pk for row in wanted for outage in row.outages])
    rows = rows.select_related("service", "customer", "record").prefetch_related("exclusions")
    page, kept = paged(request, rows.order_by("-started_at", "-pk"), PAGE)
    context = {
        **bar(month), "page": page, "kept": kept, "rows": [_row(row) for row in page],
        "services": Service.objects.order_by("name_en"), "chosen": service, "agreement": agreement,
        "leads": may(actor, "dashboard"),
    }  # fmt: skip
    return render(request, "levels/outages.html", context)


def _row(outage: Outage) -> dict[str, Any]:
    exclusion = next((e for e in outage.exclusions.all() if e.decision in ("", "approved")), None)
    if outage.withdrawn_at:
        state, tone = _("withdrawn"), "quiet"
    elif exclusion and exclusion.decision:
        state, tone = _("does not count"), "neutral"
    elif outage.ended_at is None:
        state, tone = _("goes on"), "bad"
    else:
        state, tone = _("over"), "good"
    until = outage.felt_until or now_utc()
    return {
        "outage": outage, "state": state, "tone": tone, "lasted": until - outage.started_at,
        "exclusion": exclusion, "is_asked": bool(exclusion and not exclusion.decision),
    }  # fmt: skip


def new(request: HttpRequest) -> HttpResponse:
    """Record an outage."""
    actor = actor_for(request, "desk", "record_outage")
    form = forms.NewOutage(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_outage(**form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect("levels:outage", made.pk)
    failed = request.method == "POST"
    context = {
        "form": form, "title": _("Record an outage"), "label": _("Record the outage"),
        "back": "levels:outages", "back_label": _("Outages"),
    }  # fmt: skip
    return render(request, "levels/new.html", context, status=422 if failed else 200)


def _outage(actor: Actor, item: int) -> Outage:
    rows = Outage.objects.visible_to(actor).select_related(
        "service", "customer", "record", "recorded_by", "withdrawn_by"
    )
    found: Outage = get_object_or_404(rows, pk=item)
    return found


@require_GET
def detail(request: HttpRequest, item: int) -> HttpResponse:
    """An outage: its facts, what may be done, and how they came to be."""
    actor = actor_for(request, "desk", "record_outage")
    return _shown(request, actor, _outage(actor, item))


def _shown(
    request: HttpRequest, actor: Actor, outage: Outage, failed: tuple[str, Any] | None = None
) -> HttpResponse:
    exclusions = list(outage.exclusions.select_related("asked_by", "decided_by").order_by("-pk"))
    history: Any = Outage._meta.get_field("events").related_model
    context = {
        **_row(outage),
        "steps": [_step(name, actor, outage, failed) for name in _possible(actor, outage, exclusions)],
        "exclusions": exclusions,
        "history": history.objects.filter(pgh_obj=outage.pk).order_by("-pk")[:20],
    }
    return render(request, "levels/outage.html", context, status=422 if failed else 200)


def _possible(actor: Actor, outage: Outage, exclusions: list[OutageExclusion]) -> list[str]:
    if outage.withdrawn_at:
        return []
    held = next((row for row in exclusions if row.decision in ("", "approved")), None)
    names = ["change"] + ([] if held else ["exclude"])
    if held and held.asked_by_id != actor.user_id and may(actor, "decide_outage"):
        names.append("decide")
    return [*names, "withdraw"]


def _step(name: str, actor: Actor, outage: Outage, failed: tuple[str, Any] | None) -> dict[str, Any]:
    form = failed[1] if failed and failed[0] == name else _form(name, actor, outage, None)
    return {"name": name, "label": LABELS[name], "form": form}


def _form(name: str, actor: Actor, outage: Outage, data: Any) -> shapes.Form:
    if name == "change":
        initial = {n: getattr(outage, n) for n in ("started_at", "ended_at", "told_at", "note", "version")}
        initial["record"] = outage.record.number if outage.record else ""
        return forms.ChangeOutage(data, actor=actor, initial=initial, auto_id="change-%s")
    return SHAPES[name](data, auto_id=f"{name}-%s")


@require_POST
def act(request: HttpRequest, item: int, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = actor_for(request, "desk", "record_outage")
    outage = _outage(actor, item)
    if act not in SHAPES:
        raise Http404(_("There is no such step."))
    form = _form(act, actor, outage, request.POST)
    if form.is_valid():
        try:
            _take(act, outage, form.cleaned_data, actor)
        except ValidationError as refused:
            add_errors(form, refused)
        except services.Stale:
            form.add_error(None, _("Somebody has changed it since you read it; look at it again."))
        else:
            return redirect("levels:outage", outage.pk)
    return _shown(request, actor, _outage(actor, item), (act, form))


def _take(act: str, outage: Outage, entered: dict[str, Any], actor: Actor) -> None:
    now = now_utc()
    if act == "change":
        expected = entered.pop("version")
        services.correct_outage(outage, entered, actor=actor, now=now, expected_version=expected)
    elif act == "exclude":
        services.ask_exclusion(outage, **entered, actor=actor, now=now)
    elif act == "withdraw":
        services.withdraw_outage(outage, **entered, actor=actor, now=now)
    else:
        held = outage.exclusions.filter(decision__in=["", "approved"]).first()
        if held is None:
            raise ValidationError({"decision": _("Nothing is asked for this outage.")})
        services.decide_exclusion(held, **entered, actor=actor, now=now)


# --- planned interruptions -----------------------------------------------------------------------------


@require_GET
def interruptions(request: HttpRequest) -> HttpResponse:
    """What is announced for a month and what is to come."""
    actor, month = agent_of(request), month_of(request)
    return _planned(request, actor, month)


def _planned(request: HttpRequest, actor: Actor, month: Any, failed: Any = None) -> HttpResponse:
    rows = PlannedInterruption.objects.visible_to(actor)
    chosen = rows.overlapping(month.start, month.end)
    if not request.GET.get("month"):
        chosen = chosen | rows.filter(starts_at__gte=month.end)
    found = chosen.select_related("announced_by").prefetch_related("services", "customers")
    may_plan, now = may(actor, "plan_interruption"), now_utc()
    planned = list(found.order_by("-starts_at", "-pk")[:200])
    told = telling.announcements_of(planned)
    context = {
        **bar(month),
        "rows": [{**_interruption(row, now, may_plan), "told": told.get(row.pk)} for row in planned],
        "may_plan": may_plan,
        "leads": may(actor, "dashboard"),
        "failed": failed,
    }
    return render(request, "levels/interruptions.html", context, status=422 if failed else 200)


def _interruption(row: PlannedInterruption, now: Any, may_plan: bool) -> dict[str, Any]:
    if row.cancelled_at:
        state, tone = _("cancelled"), "quiet"
    elif row.ends_at <= now:
        state, tone = _("over"), "neutral"
    elif row.starts_at <= now:
        state, tone = _("going on"), "warn"
    else:
        state, tone = _("to come"), "accent"
    may_cancel = may_plan and not row.cancelled_at and row.starts_at > now
    return {"row": row, "state": state, "tone": tone, "may_cancel": may_cancel}


def announce(request: HttpRequest) -> HttpResponse:
    """Announce an interruption to come."""
    actor = actor_for(request, "desk", "plan_interruption")
    form = forms.Announce(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            services.announce(**form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect("levels:interruptions")
    context = {
        "form": form, "title": _("Register an interruption"), "label": _("Register it"),
        "back": "levels:interruptions", "back_label": _("Planned interruptions"),
    }  # fmt: skip
    return render(request, "levels/new.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def cancel(request: HttpRequest, item: int) -> HttpResponse:
    """Call an interruption off."""
    actor = actor_for(request, "desk", "plan_interruption")
    row = get_object_or_404(PlannedInterruption.objects.visible_to(actor), pk=item)
    form = forms.Because(request.POST)
    if form.is_valid():
        try:
            services.cancel(row, **form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            words = " ".join(refused.messages)
        else:
            return redirect("levels:interruptions")
    else:
        words = _("Say why it does not take place.")
    return _planned(request, actor, month_of(request), {"item": item, "words": words})


@require_POST
def tell(request: HttpRequest, item: int) -> HttpResponse:
    """Tell customers of one that was registered without."""
    actor = actor_for(request, "desk", "plan_interruption")
    row = get_object_or_404(PlannedInterruption.objects.visible_to(actor), pk=item)
    try:
        services.tell_customers(row, actor=actor, now=now_utc())
    except ValidationError as refused:
        failed = {"item": item, "words": " ".join(refused.messages)}
        return _planned(request, actor, month_of(request), failed)
    return redirect("levels:interruptions")


def move(request: HttpRequest, item: int) -> HttpResponse:
    """Another time for an interruption; what customers were told moves along."""
    actor = actor_for(request, "desk", "plan_interruption")
    row = get_object_or_404(PlannedInterruption.objects.visible_to(actor), pk=item)
    start = {"starts_at": row.starts_at, "ends_at": row.ends_at}
    form = forms.Move(request.POST) if request.method == "POST" else forms.Move(initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            services.move(row, **form.cleaned_data, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect("levels:interruptions")
    context = {
        "form": form, "title": _("Move the interruption"), "label": _("Move it"),
        "back": "levels:interruptions", "back_label": _("Planned interruptions"),
    }  # fmt: skip
    return render(request, "levels/new.html", context, status=422 if request.method == "POST" else 200)
