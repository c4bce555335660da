"""Making an appointment beside a ticket, and the page of one with its next steps."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import Actor, may, require
from fieldwork import forms as shapes
from fieldwork import lifecycle, papers, queries, rosters, services, show
from fieldwork.asking import UNPROCESSABLE, day_of, get_visit
from fieldwork.models import Appointment
from records.kinds import TICKETS
from records.lifecycle import IllegalMove
from records.models import Record
from records.pages import add_errors, agent_of, now_utc
from records.services import get_record

PROPOSED = frozenset({lifecycle.PROPOSED})
AHEAD = lifecycle.BEFORE_ARRIVAL


@dataclass(frozen=True)
class Step:
    """Something done with a visit: its form, and the verb that takes the form's facts."""

    name: str
    label: Any
    icon: str
    states: frozenset[str]
    action: str
    form: type[forms.Form]
    verb: Callable[..., Any]
    said: Any
    is_main: bool = False


def _end(action: str) -> Callable[..., Any]:
    return lambda row, **facts: services.end(row, action, **facts)


STEPS = (
    Step("agree", gettext_lazy("The customer agreed"), "check", PROPOSED, "agree_visit", shapes.AgreeForm,
         services.agree, gettext_lazy("The time is agreed."), True),
    Step("set_out", gettext_lazy("Set out"), "truck", lifecycle.AHEAD, "work_visit", shapes.PlainForm,
         services.set_out, gettext_lazy("The customer is told that you are on the way."), True),
    Step("arrive", gettext_lazy("Record the arrival"), "map-pin", AHEAD, "work_visit",
         shapes.ArriveForm, services.arrive, gettext_lazy("The arrival is recorded."), True),
    Step("finish", gettext_lazy("Finish the visit"), "flag", frozenset({lifecycle.ARRIVED}), "work_visit",
         shapes.PlainForm, papers.finish, gettext_lazy("The visit is finished."), True),
    Step("move", gettext_lazy("Move to another time"), "calendar-time", AHEAD, "plan_visit",
         shapes.MoveForm, services.change, gettext_lazy("The visit was moved.")),
    Step("give", gettext_lazy("Give it to somebody else"), "user", AHEAD, "plan_visit",
         shapes.GiveForm, services.give, gettext_lazy("The visit was given.")),
    Step("miss", gettext_lazy("It did not take place"), "user-off", AHEAD, "plan_visit",
         shapes.EndForm, _end("miss"), gettext_lazy("It is recorded that nobody was there.")),
    Step("cancel", gettext_lazy("Call it off"), "x", AHEAD, "plan_visit",
         shapes.EndForm, _end("cancel"), gettext_lazy("The visit is called off.")),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}


def _ticket(actor: Actor, number: str) -> Record:
    record = get_record(actor, number)
    if record.kind not in TICKETS:
        raise Http404
    require(actor, "plan_visit", record)
    return record


# --- making one ----------------------------------------------------------------------------------


def new(request: HttpRequest, number: str) -> HttpResponse:
    """An appointment for a ticket, with times at which somebody is free."""
    actor, now = agent_of(request), now_utc()
    ticket = _ticket(actor, number)
    is_posted = request.method == "POST"
    form = shapes.MakeForm(
        request.POST if is_posted else None, actor=actor, initial=_initial(request, ticket)
    )
    if is_posted and form.is_valid():
        try:
            services.make(ticket, **form.facts(), actor=actor, now=now)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("The appointment is made."))
            return redirect(ticket.get_absolute_url())
    context = {"form": form, "ticket": ticket, **_offers(request, ticket, actor, form)}
    return render(request, "fieldwork/new.html", context, status=UNPROCESSABLE if form.errors else 200)


def _initial(request: HttpRequest, ticket: Record) -> dict[str, Any]:
    person = ticket.requester
    found: dict[str, Any] = {
        "key": uuid4(), "engineer": ticket.assignee_id, "contact_name": person.name, "minutes": 60,
        "contact_phone": person.phone, "site": getattr(ticket, "site", ""), "task": ticket.title[:200],
    }  # fmt: skip
    for name in ("engineer", "minutes", "travel_minutes"):
        text = request.GET.get(name, "")
        if text.isascii() and text.isdecimal() and len(text) < 19:
            found[name] = int(text)
    if request.GET.get("starts_at"):
        with suppress(ValidationError):
            found["starts_at"] = shapes.MoveForm.base_fields["starts_at"].clean(request.GET["starts_at"])
    return found


def _offers(request: HttpRequest, ticket: Record, actor: Actor, form: shapes.MakeForm) -> dict[str, Any]:
    """Free times of a day: of the engineer that is chosen, else of the ticket's team."""
    zone = timezone.get_current_timezone()
    day = day_of(request, timezone.localdate(now_utc()))
    chosen = form["engineer"].value()
    people = queries.engineers(actor)
    people = people.filter(pk=chosen) if str(chosen or "").isdecimal() else people
    if not chosen and ticket.team_id:
        people = people.filter(memberships__team=ticket.team_id)
    minutes = form["minutes"].value()
    travel = form["travel_minutes"].value()
    length = int(minutes) if str(minutes).isdecimal() and 0 < int(minutes) < 10_081 else 60
    way = int(travel) if str(travel or "").isdecimal() and int(travel) < 1_441 else 0
    found = rosters.slots(
        list(people[:12]), day, zone=zone, length=timedelta(minutes=length), travel=timedelta(minutes=way),
        now=now_utc(), most=8,
    )  # fmt: skip
    return {
        "day": day, "slots": [{"slot": s, "span": show.span(s.starts_at, s.ends_at)} for s in found],
        "length": length, "way": way, "chosen": chosen or "",
    }  # fmt: skip


# --- one visit -----------------------------------------------------------------------------------


def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit, as the engineer has it on the phone: what, where, who, and what comes next."""
    actor = agent_of(request)
    return page(request, actor, get_visit(actor, pk))


def page(
    request: HttpRequest, actor: Actor, row: Appointment, failed: tuple[str, forms.Form] | None = None
) -> HttpResponse:
    now = now_utc()
    edition = papers.latest(row)
    steps = [step for step in STEPS if row.state in step.states and may(actor, step.action, row)]
    shown: list[dict[str, Any]] = [
        {"step": step, "form": failed[1] if failed and failed[0] == step.name else form_of(step, row, actor),
         "is_open": bool(failed and failed[0] == step.name) or request.GET.get("do") == step.name}
        for step in steps
    ]  # fmt: skip
    context = {
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
        **show.line(row, now), "steps": shown, "edition": edition, "now": now,
        "editions": list(row.forms.order_by("-edition")),
        "main": next((s["step"].name for s in shown if s["step"].is_main and s["step"].name != "agree"), ""),
        "may_work": may(actor, "work_visit", row), "may_write": row.arrived_at is not None,
        "correct_form": shapes.CorrectForm() if edition and edition.is_signed else None,
    }  # fmt: skip
    return render(request, "fieldwork/visit.html", context, status=UNPROCESSABLE if failed else 200)


def form_of(step: Step, row: Appointment, actor: Actor) -> forms.Form:
    """A step's form with what holds now."""
    initial: dict[str, Any] = {
        "version": row.version, "starts_at": row.wished_for or row.starts_at, "engineer": row.engineer_id,
        "minutes": int((row.ends_at - row.starts_at).total_seconds()) // 60,
        "travel_minutes": row.travel_minutes, "agreed_with": row.contact_name,
    }  # fmt: skip
    return _build(step, actor, initial=initial, auto_id=f"{step.name}-%s")


def _build(step: Step, actor: Actor, *args: Any, **options: Any) -> forms.Form:
    if step.form is shapes.GiveForm:
        options["actor"] = actor
    return step.form(*args, **options)


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One step of a visit; what is refused stays on the page with its words."""
    actor = agent_of(request)
    row, step = get_visit(actor, pk), BY_NAME.get(act)
    if step is None:
        raise Http404
    form = _build(step, actor, request.POST, auto_id=f"{step.name}-%s")
    if not form.is_valid():
        return page(request, actor, row, (step.name, form))
    facts, version = form.facts(), form.cleaned_data["version"]  # type: ignore[attr-defined]
    try:
        done = step.verb(row, **facts, actor=actor, now=now_utc(), expected_version=version)
    except ValidationError as refused:
        add_errors(form, refused)
        return page(request, actor, row, (step.name, form))
    except (services.Stale, IllegalMove):
        messages.warning(request, _("Somebody changed this visit meanwhile. This is how it is now."))
        return redirect(row)
    messages.success(request, step.said)
    if step.name == "arrive":
        return redirect("fieldwork:report", done.pk)
    return redirect(_back(request, row))


def _back(request: HttpRequest, row: Appointment) -> str:
    """Where the step was taken: the board, or the visit's own page."""
    board = reverse("fieldwork:board")
    asked = request.POST.get("next", "")
    return asked if asked.startswith(f"{board}?") or asked == board else row.get_absolute_url()
