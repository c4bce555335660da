"""The leaders' pages of surveys: the list with the trend, a new one, its answers, bad scores to decide on."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from accounts.models import User
from actions import steps
from actions.steps import Nothing, Step
from customers import lifecycle, opinions, surveys
from customers import survey_forms as shapes
from customers.models import Invitation, Proposal, Response, Survey, SurveyState
from records.lifecycle import IllegalMove
from records.notices import read_about
from records.pages import agent_of, now_utc
from records.services import get_record, move
from records.timeline import entries

PAGE = 50
TREND = timedelta(days=366)
TONES = {
    lifecycle.PREPARED: "neutral",
    lifecycle.RUNNING: "accent",
    lifecycle.SURVEY_CLOSED: "good",
    lifecycle.WITHDRAWN: "quiet",
}


def _can(actor: Actor, row: Survey, act: str) -> bool:
    return row.state in lifecycle.SURVEY.moves[act][0] and may(actor, act, row)


def _move(act: str) -> Any:
    return lambda row, *, actor, now: move(row, act, actor=actor, now=now)


STEPS = {
    step.name: step
    for step in (
        Step(
            "begin", gettext_lazy("Begin to ask"), Nothing,
            lambda actor, row: _can(actor, row, "begin"), surveys.begin,
        ),
        Step(
            "conclude", gettext_lazy("Close: no more answers"), Nothing,
            lambda actor, row: _can(actor, row, "conclude"), _move("conclude"),
        ),
        Step(
            "withdraw", gettext_lazy("Withdraw"), Nothing,
            lambda actor, row: _can(actor, row, "withdraw"), _move("withdraw"),
        ),
    )
}  # fmt: skip


def _leader(request: HttpRequest) -> Actor:
    actor = agent_of(request)
    require(actor, "lead_customers")
    return actor


def _row(survey: Survey) -> dict[str, Any]:
    return {
        "survey": survey,
        "state": SurveyState(survey.state).label,
        "tone": TONES[survey.state],
    }


def listing(request: HttpRequest) -> HttpResponse:
    """Surveys with their response rates and means, and how satisfaction goes month by month."""
    actor = _leader(request)
    page = Paginator(opinions.surveys(actor).order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    means = opinions.means_of(page)
    zone = timezone.get_current_timezone()
    asked = opinions.invitations(actor)
    context = {
        "rows": [{**_row(survey), "mean": means[survey.pk]} for survey in page],
        "page": page,
        "trend": opinions.trend(asked, since=now_utc() - TREND, zone=zone)[::-1],
        "waiting": opinions.proposals(actor).filter(decision=Proposal.Decision.OPEN).count(),
    }
    return render(request, "customers/surveys.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Prepare a survey."""
    actor = _leader(request)
    form = shapes.Plan(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(surveys.plan(**form.cleaned_data, actor=actor, now=now_utc()))
        except ValidationError as refused:
            steps.add_errors(form, refused)
    is_bad = request.method == "POST"
    return render(request, "customers/new_survey.html", {"form": form}, status=422 if is_bad else 200)


def new_questionnaire(request: HttpRequest) -> HttpResponse:
    """Write a questionnaire; its questions are then fixed."""
    actor = _leader(request)
    form = shapes.NewQuestionnaire(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            surveys.make_questionnaire(**form.facts, questions=form.questions, actor=actor, now=now_utc())
            return redirect("customers:new-survey")
        except ValidationError as refused:
            steps.add_errors(form, refused)
    is_bad = request.method == "POST"
    return render(request, "customers/new_questionnaire.html", {"form": form}, status=422 if is_bad else 200)


def _survey(actor: Actor, number: str) -> Survey:
    found = get_record(actor, number)
    if not isinstance(found, Survey):
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    return found


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One survey: how many were asked and answered, what they said, and who collected it."""
    actor = _leader(request)
    survey = _survey(actor, number)
    read_about(survey, actor, now=now_utc())
    return _shown(request, actor, survey)


def _shown(request: HttpRequest, actor: Actor, survey: Survey, failed: Any = None) -> HttpResponse:
    asked = Invitation.objects.filter(survey=survey)
    page = Paginator(opinions.asked_people(asked), PAGE).get_page(request.GET.get("page"))
    context = {
        **_row(survey),
        "mean": opinions.mean_in(asked),
        "questions": opinions.answers_to(survey),
        "rows": [{"invitation": row, **_answered(row)} for row in page],
        "page": page,
        "steps": steps.possible(STEPS.values(), actor, survey, failed),
        "refused": failed[1] if failed else None,
        "timeline": entries(survey, actor, fold=False).entries[::-1],
    }
    return render(request, "customers/survey.html", context, status=422 if failed else 200)


def _answered(invitation: Invitation) -> dict[str, Any]:
    response: Response | None = getattr(invitation, "response", None)
    return {"response": response, "collected": opinions.collected(response) if response else ""}


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step with a survey."""
    actor = _leader(request)
    survey = _survey(actor, number)
    failed = steps.take(STEPS, act, survey, request.POST, actor=actor)
    if failed is None:
        return redirect(survey)
    return _shown(request, actor, _survey(actor, number), failed)


# --- bad scores ------------------------------------------------------------------------------


def proposals(request: HttpRequest) -> HttpResponse:
    """Bad scores somebody must look at, and what was decided."""
    actor = _leader(request)
    return _proposals(request, actor)


def _proposals(request: HttpRequest, actor: Actor, failed: tuple[int, Any] | None = None) -> HttpResponse:
    rows = opinions.proposals(actor).prefetch_related("response__items__question")
    waiting = rows.filter(decision=Proposal.Decision.OPEN).order_by("created_at", "pk")[:PAGE]
    pk, form = failed or (0, None)
    context = {
        "waiting": [
            {
                "proposal": row,
                "form": form if row.pk == pk else shapes.Dismiss(auto_id=f"dismiss-{row.pk}-%s"),
            }
            for row in waiting
        ],
        "decided": rows.exclude(decision=Proposal.Decision.OPEN).order_by("-decided_at")[:PAGE],
    }
    return render(request, "customers/proposals.html", context, status=422 if failed else 200)


@require_POST
def decide(request: HttpRequest, item: int, act: str) -> HttpResponse:
    """Make a complaint of it, or put it aside."""
    actor = _leader(request)
    proposal = get_object_or_404(opinions.proposals(actor), pk=item)
    if act == "accept":
        return redirect(surveys.accept(proposal, actor=actor, now=now_utc()))
    if act != "dismiss":
        raise IllegalMove(act, proposal.decision, ())
    form = shapes.Dismiss(request.POST, auto_id=f"dismiss-{proposal.pk}-%s")
    if form.is_valid():
        surveys.dismiss(proposal, **form.cleaned_data, actor=actor, now=now_utc())
        return redirect("customers:proposals")
    return _proposals(request, actor, (proposal.pk, form))


# --- by telephone ----------------------------------------------------------------------------


def collect(request: HttpRequest, item: int) -> HttpResponse:
    """Enter what somebody answers on the telephone; not for who worked on the ticket."""
    actor = agent_of(request)
    rows = opinions.invitations(actor).select_related("survey__questionnaire", "person", "ticket", "customer")
    invitation = get_object_or_404(rows, pk=item)
    form = shapes.Opinion(request.POST or None, questionnaire=invitation.survey.questionnaire)
    context: dict[str, Any] = {
        "invitation": invitation,
        "form": form,
        "is_assessed": surveys.is_assessed(actor.user_id, invitation),
        "is_answered": Response.objects.filter(invitation=invitation).exists(),
        "is_over": invitation.expires_at <= now_utc(),
    }
    if request.method != "POST":
        return render(request, "customers/collect.html", context)
    if form.is_valid():
        me = User.objects.get(pk=actor.user_id)
        try:
            surveys.answer(
                invitation, form.answers, way=Response.Way.PHONE, by=me, actor=actor, now=now_utc()
            )
            return redirect("customers:callbacks")
        except ValidationError as refused:
            steps.add_errors(form, refused)
        except surveys.AlreadyAnswered:
            context["is_answered"] = True
        except surveys.Over:
            context["is_over"] = True
    return render(request, "customers/collect.html", context, status=422)
