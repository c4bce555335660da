"""Pages of calls for the desk: the answer rate with the calls behind it, a call, and one logged by hand."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import may
from accounts.models import User
from calls import forms, queries, services
from calls.asking import part_of, question_of
from calls.callers import hotline_named
from calls.models import CallRecord, Hotline
from calls.rate import NOBODY, PARTS, Question, Rate
from records.pages import actor_for, agent_of, now_utc

PAGE = 50
UNPROCESSABLE = 422


def _address(question: Question, part: str = "decided", **over: Any) -> str:
    """The query string of a question, narrowed by ``over``."""
    words = {
        "first": question.span.first.isoformat(), "last": question.span.last.isoformat(),
        "hotline": question.hotline.code if question.hotline else "", "agent": question.agent, "part": part,
    }  # fmt: skip
    return "?" + urlencode({name: value for name, value in {**words, **over}.items() if value != ""})


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The answer rate of a period by hotline, agent and day, and the calls behind every figure."""
    question, part = question_of(request.GET, agent_of(request), now_utc()), part_of(request.GET)
    page = Paginator(queries.shown(question.rows(part)), PAGE).get_page(request.GET.get("page"))
    counts = question.counts()
    context = {
        "question": question, "rate": question.rate(), "counts": counts, "part": part,
        "parts": [
            {"key": key, "label": label, "count": counts[key], "url": _address(question, key)}
            for key, (label, _condition) in PARTS.items()
        ],
        "tables": _tables(question), "page": page, "rows": [queries.line(call) for call in page],
        "kept": _address(question, part)[1:], "hotlines": Hotline.objects.all(), "agents": _agents(question),
        "may_settle": may(question.actor, "administer"),
    }  # fmt: skip
    return render(request, "calls/list.html", context)


def _tables(question: Question) -> list[dict[str, Any]]:
    """The rate by hotline, agent and day, each line with the address of the calls behind it."""

    def bar(label: Any, rate: Rate, **over: Any) -> dict[str, Any]:
        missed = _address(question, "abandoned", **over)
        return {"label": label, "rate": rate, "url": _address(question, **over), "missed_url": missed,
                "missed": rate.total - rate.answered}  # fmt: skip

    hotlines = [bar(f"{row} {row.number}", rate, hotline=row.code) for row, rate in question.by_hotline()]
    agents = [
        bar(user.name if user else _("No agent named"), rate, agent=user.pk if user else NOBODY)
        for user, rate in question.by_agent()
    ]
    days = [bar(day, rate, first=day.isoformat(), last=day.isoformat()) for day, rate in question.by_day()]
    return [
        {"title": _("By hotline"), "head": _("Hotline"), "bars": hotlines, "has_goal": True},
        {"title": _("By agent"), "head": _("Agent"), "bars": agents},
        {"title": _("By day"), "head": _("Day"), "bars": days, "is_days": True},
    ]


def _agents(question: Question) -> list[User]:
    """Who took calls in the period, and the one asked for."""
    taken = question.of(agent="").rows().exclude(agent=None).order_by().values("agent")
    chosen = [int(question.agent)] if question.agent not in ("", NOBODY) else []
    return list(
        (User.objects.filter(pk__in=taken) | User.objects.filter(pk__in=chosen)).order_by("display_name")
    )


def new(request: HttpRequest) -> HttpResponse:
    """Log a call by hand; the same form sent twice is one call."""
    actor, now = actor_for(request, "desk", services.KEEP), now_utc()
    is_posted = request.method == "POST"
    initial = {"once": uuid4().hex, "offered_at": now, "number": request.GET.get("number", "")[:50],
               "hotline": hotline_named(request.GET.get("hotline", ""))}  # fmt: skip
    form = forms.NewCall(request.POST if is_posted else None, initial=initial, actor=actor)
    if is_posted and form.is_valid():
        try:
            call, is_new = services.store(form.facts, actor=actor, now=now)
        except ValidationError as refused:
            _land(form, refused)
        except services.Contradiction:
            form.add_error(None, _("This form was sent already, with other words: see the call in the list."))
        else:
            messages.success(
                request, _("The call is stored.") if is_new else _("The call was stored already.")
            )
            return redirect(call)
    has_hotlines = Hotline.objects.filter(is_active=True).exists()
    context = {"form": form, "has_hotlines": has_hotlines, "may_settle": may(actor, "administer")}
    return render(request, "calls/new.html", context, status=UNPROCESSABLE if form.errors else 200)


def _land(form: forms.NewCall, refused: ValidationError) -> None:
    """Put a refusal beside what was typed: outcome and minutes make the instants the verb speaks of."""
    names = {"answered_at": "minutes", "abandoned_at": "minutes", "ended_at": "minutes"}
    for name, words in refused.message_dict.items():
        place = names.get(name, name)
        for each in words:
            form.add_error(place if place in form.fields else None, each)


def detail(request: HttpRequest, item: int) -> HttpResponse:
    """A call, and the form that puts it on a ticket."""
    actor = agent_of(request)
    call = get_object_or_404(queries.shown(CallRecord.objects.visible_to(actor)), pk=item)
    is_posted = request.method == "POST"
    form = forms.Attach(request.POST if is_posted else None, actor=actor)
    if is_posted and form.is_valid():
        ticket = form.cleaned_data["ticket"]
        services.change(call, {"ticket": ticket}, actor=actor, now=now_utc(), expected_version=None)
        messages.success(request, _("The call is on %(number)s.") % {"number": ticket.number})
        return redirect(call)
    context = {**queries.line(call), "row": queries.line(call), "form": form}
    return render(request, "calls/detail.html", context, status=UNPROCESSABLE if form.errors else 200)
