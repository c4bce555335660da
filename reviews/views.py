"""The pages of reviews for the provider's staff: the calendar, one review, its agenda and minutes."""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may
from actions import queries, steps
from actions.forms import Because
from actions.models import Action
from actions.rows import row_of as action_row
from actions.steps import Nothing, Step
from records.notices import read_about
from records.pages import actor_for, agent_of, get_one, now_utc
from records.services import Stale
from records.timeline import entries
from reviews import forms as shapes
from reviews import lifecycle, schedule, services, show
from reviews.models import Participant, Review

PAGE = 50
SHOWN = 50
NOTES = ("en", "zh")


def _may(actor: Actor, review: Review, act: str, states: frozenset[str]) -> bool:
    return review.state in states and may(actor, act, review)


PLANNED = frozenset({lifecycle.PLANNED})
HELD = frozenset({lifecycle.HELD})
SENT = frozenset({lifecycle.MINUTES_SENT})
STEPS = {
    step.name: step
    for step in (
        Step(
            "invite", gettext_lazy("Invite the participants"), shapes.Invite,
            lambda actor, review: _may(actor, review, "prepare", PLANNED), services.invite,
        ),
        Step(
            "held", gettext_lazy("Record that it was held"), shapes.Held,
            lambda actor, review: _may(actor, review, "record_meeting", PLANNED), services.record_meeting,
        ),
        Step(
            "join", gettext_lazy("Add a participant"), shapes.Join,
            lambda actor, review: _may(actor, review, "prepare", lifecycle.UNSENT), services.add_participant,
        ),
        Step(
            "rate", gettext_lazy("Record the satisfaction"), shapes.Rate,
            lambda actor, review: _may(actor, review, "rate", lifecycle.TOOK_PLACE), services.rate,
        ),
        Step(
            "send", gettext_lazy("Send the minutes"), Nothing,
            lambda actor, review: _may(actor, review, "send_minutes", HELD), services.send_minutes,
        ),
        Step(
            "prepare", gettext_lazy("Change time, place or period"), shapes.Prepare,
            lambda actor, review: _may(actor, review, "prepare", lifecycle.UNSENT), services.prepare,
        ),
        Step(
            "close", gettext_lazy("Close"), Nothing,
            lambda actor, review: _may(actor, review, "conclude", SENT), services.close,
        ),
        Step(
            "cancel", gettext_lazy("Cancel"), Because,
            lambda actor, review: _may(actor, review, "call_off", PLANNED), services.cancel,
        ),
    )
}  # fmt: skip


def _review(actor: Actor, number: str) -> Review:
    return get_one(Review, actor, number)


def listing(request: HttpRequest) -> HttpResponse:
    """The reviews as a calendar: overdue, without minutes, planned, past."""
    actor, now = agent_of(request), now_utc()
    rows = Review.objects.visible_to(actor).select_related("agreement", "supplier", "assignee")
    planned = rows.filter(state=lifecycle.PLANNED).order_by("meets_at", "pk")
    done = rows.exclude(state__in=lifecycle.UNSENT).order_by("-meets_at", "-pk")
    page = Paginator(done, PAGE).get_page(request.GET.get("page"))
    parts = (
        (_("Late"), planned.filter(meets_at__lt=now)),
        (_("Minutes to be sent"), rows.filter(state=lifecycle.HELD).order_by("meets_at", "pk")),
        (_("Planned"), planned.filter(meets_at__gte=now)),
        (_("Past"), page),
    )
    sections = [
        {"title": title, "rows": [show.row_of(review, now) for review in found[:SHOWN]]}
        for title, found in parts
    ]
    context = {
        "sections": [each for each in sections if each["rows"]],
        "page": page,
        "leads": may(actor, "lead_reviews"),
    }
    return render(request, "reviews/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Plan a review; the address may bring the agreement, the kind and what it is held because of."""
    actor = actor_for(request, "lead_reviews")
    if request.method == "POST":
        form = shapes.New(request.POST, actor=actor)
        if made := steps.attempt(form, services.plan, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        today = timezone.localdate()
        asked = {name: request.GET.get(name, "") for name in ("agreement", "supplier", "meeting", "cause")}
        start = {"chair": actor.user_id, "period_from": _year_ago(today), "period_until": today}
        form = shapes.New(actor=actor, initial={**asked, **start})
    return render(request, "reviews/new.html", {"form": form}, status=422 if form.errors else 200)


def _year_ago(today: date) -> date:
    return schedule.add_months(today, -schedule.YEAR) + timedelta(days=1)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A review: when, who, agenda, the figures it looks at, its actions, next steps, history."""
    actor = agent_of(request)
    review = _review(actor, number)
    read_about(review, actor, now=now_utc())
    return _shown(request, actor, review)


def _shown(request: HttpRequest, actor: Actor, review: Review, failed: Any = None) -> HttpResponse:
    today = timezone.localdate()
    actions: Any = queries.caused_by(review, actor)
    context = {
        **show.row_of(review, now_utc()),
        **show.minutes(review),
        "is_open": review.state in lifecycle.UNSENT,
        "may_prepare": _may(actor, review, "prepare", lifecycle.UNSENT),
        "leads": may(actor, "lead_actions"),
        # the score of a supplier is proposed from its figures, by the app that knows them (sourcing)
        "may_score": review.supplier_id is not None and _may(actor, review, "grade", lifecycle.UNSENT),
        "steps": steps.possible(STEPS.values(), actor, review, failed),
        "rows": [action_row(action, today) for action in actions],
        "causes": queries.causes(review, actor),
        "source": Action.Source.SUPPLIER if review.supplier_id else Action.Source.REVIEW,
        "timeline": entries(review, actor, fold=False).entries[::-1],
    }
    return render(request, "reviews/detail.html", context, status=422 if failed else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    review = _review(actor, number)
    failed = steps.take(STEPS, act, review, request.POST, actor=actor)
    if failed is None:
        return redirect(review)
    return _shown(request, actor, _review(actor, number), failed)


@require_POST
def remove(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Take somebody off the list of participants."""
    actor = actor_for(request, "lead_reviews")
    review = _review(actor, number)
    participant = get_object_or_404(Participant, pk=item, review=review)
    services.remove_participant(review, participant, actor=actor, now=now_utc())
    return redirect(review)


def agenda(request: HttpRequest, number: str) -> HttpResponse:
    """Write the minutes, point by point; who was second to save is told, and keeps what was written."""
    actor = actor_for(request, "lead_reviews")
    review = _review(actor, number)
    items = list(review.agenda.all())
    said = {item.pk: (item.notes_en, item.notes_zh) for item in items}
    context: dict[str, Any] = {"review": review, "version": review.version, "problem": ""}
    if request.method == "POST":
        said = {pk: _notes(request, f"notes-{pk}", old) for pk, old in said.items()}
        own = _notes(request, "own", ("", ""))
        version = request.POST.get("version", "")
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        try:
            services.write_notes(review, said, own=own, actor=actor, now=now_utc(), expected_version=seen)
            return redirect(review)
        except Stale:
            context["problem"] = _("Somebody changed this review since you opened it; compare and save anew.")
            context["own"] = own
    context["items"] = [
        {"item": item, "notes_en": said[item.pk][0], "notes_zh": said[item.pk][1]} for item in items
    ]
    return render(request, "reviews/agenda.html", context, status=409 if context["problem"] else 200)


def _notes(request: HttpRequest, name: str, old: tuple[str, str]) -> tuple[str, str]:
    """What was written in English and Chinese; a field that is not there is left as it is."""
    en, zh = (request.POST.get(f"{name}-{lang}", old[n]) for n, lang in enumerate(NOTES))
    return en.replace("\0", "").strip(), zh.replace("\0", "").strip()


def minutes(request: HttpRequest, number: str) -> HttpResponse:
    """The minutes to be read or printed."""
    actor = agent_of(request)
    review = _review(actor, number)
    return render(request, "reviews/minutes.html", show.minutes(review))
