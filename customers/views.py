"""The desk's pages of complaints: the list, a new one, one with its steps."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

import accounts.queries
import records.services
from accounts.access import Actor, may
from actions import steps
from actions.steps import Nothing, Step
from customers import access, complaints, lifecycle, queries
from customers import forms as shapes
from customers.models import Complaint, StaffFinding
from customers.rows import row_of
from records.models import Channel, Record
from records.notices import read_about
from records.pages import agent_of, now_utc, paged
from records.timeline import entries

PAGE = 50


def _legal(act: str) -> frozenset[str]:
    return lifecycle.COMPLAINT.moves[act][0]


def _can(actor: Actor, row: Complaint, act: str, states: frozenset[str] = frozenset()) -> bool:
    return row.state in (states or _legal(act)) and may(actor, act, row)


def _is_to_judge(actor: Actor, row: Complaint) -> bool:
    is_complaint = row.nature == Complaint.Nature.COMPLAINT
    return is_complaint and _can(actor, row, "judge", lifecycle.OPEN) and not access.is_concerned(actor, row)


def _say(row: Complaint, *, text: str, is_public: bool, **doing: Any) -> Any:
    return records.services.comment(row, text=text, is_public=is_public, **doing)


STEPS = {
    step.name: step
    for step in (
        Step(
            "acknowledge", gettext_lazy("Acknowledge"), Nothing,
            lambda actor, row: _can(actor, row, "acknowledge"), complaints.acknowledge,
        ),
        Step(
            "judge", gettext_lazy("Judge whether it is valid"), shapes.Judge, _is_to_judge,
            complaints.judge,
        ),
        Step(
            "find", gettext_lazy("Record what was found about the person"), shapes.Find,
            lambda actor, row: (
                row.is_confidential and _can(actor, row, "judge_staff", lifecycle.OPEN | lifecycle.REPLIED)
            ),
            complaints.find,
        ),
        Step(
            "answer", gettext_lazy("Answer"), shapes.Answer,
            lambda actor, row: (
                _can(actor, row, "answer")
                and (row.nature != Complaint.Nature.COMPLAINT or row.is_valid is not None)
            ),
            complaints.answer,
        ),
        Step(
            "handle", gettext_lazy("Say what was done"), shapes.Handle,
            lambda actor, row: _can(actor, row, "handle"), complaints.handle,
        ),
        Step(
            "close", gettext_lazy("Close"), Nothing,
            lambda actor, row: (
                _can(actor, row, "close") and not (row.is_valid and row.state == lifecycle.ANSWERED)
            ),
            complaints.close,
        ),
        Step(
            "say", gettext_lazy("Write a message or a note"), shapes.DeskSay,
            lambda actor, row: _can(actor, row, "reply", lifecycle.OPEN), _say,
        ),
        Step(
            "give", gettext_lazy("Give to somebody else"), shapes.Give,
            lambda actor, row: _can(actor, row, "assign", lifecycle.OPEN), complaints.give,
        ),
        Step(
            "escalate", gettext_lazy("Escalate as major"), shapes.Escalate,
            lambda actor, row: _can(actor, row, "escalate", lifecycle.OPEN), complaints.escalate,
        ),
        Step(
            "reopen", gettext_lazy("Take up again"), shapes.Because,
            lambda actor, row: _can(actor, row, "reopen"), complaints.reopen,
        ),
        Step(
            "retract", gettext_lazy("The customer took it back"), shapes.Because,
            lambda actor, row: _can(actor, row, "retract"), complaints.retract,
        ),
    )
}  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    """Complaints, suggestions and praise, narrowed by the address."""
    actor, now = agent_of(request), now_utc()
    choice = queries.Choice.read(request.GET.dict())
    rows = queries.listed(actor, choice, now)
    page, kept = paged(request, rows, PAGE)
    context = {
        "rows": [row_of(row, now) for row in page],
        "page": page,
        "kept": kept,
        "choice": choice,
        "states": queries.STATES,
        "natures": Complaint.Nature.choices,
        "customers": accounts.queries.customers(actor),
        "leads": may(actor, "lead_customers"),
    }
    return render(request, "customers/list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Record what came in; the address may bring the ticket it is about."""
    actor = agent_of(request)
    if request.method == "POST":
        form = shapes.Receive(request.POST, request.FILES, actor=actor)
        if form.is_valid():
            try:
                made = complaints.receive(**form.cleaned_data, actor=actor, now=now_utc())
                return redirect(made if access.may_read(actor, made) else "customers:complaints")
            except ValidationError as refused:
                steps.add_errors(form, refused)
    else:
        form = shapes.Receive(actor=actor, initial=_start(actor, request.GET.get("about", "")))
    return render(request, "customers/new.html", {"form": form}, status=422 if form.errors else 200)


def _start(actor: Actor, about: str) -> dict[str, Any]:
    """Of the ticket it is about, what it says already."""
    start: dict[str, Any] = {"channel": Channel.PHONE, "nature": Complaint.Nature.COMPLAINT}
    rows = Record.objects.visible_to(actor).tickets()
    found: Record | None = rows.filter(number=about.replace("\0", "").upper()[:20]).first()
    if found:
        start |= {
            "about": found.number, "customer": found.customer_id, "requester": found.requester_id,
            "service": found.service_id,
        }  # fmt: skip
    return start


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One complaint: what was said, by when it is answered, next steps, history."""
    actor = agent_of(request)
    row = access.get_complaint(actor, number)
    read_about(row, actor, now=now_utc())
    return _shown(request, actor, row)


def _shown(request: HttpRequest, actor: Actor, row: Complaint, failed: Any = None) -> HttpResponse:
    findings: list[StaffFinding] = []
    if row.is_confidential and may(actor, "judge_staff", row):
        findings = list(row.matter.findings.select_related("by", "person"))
    possible = steps.possible(STEPS.values(), actor, row, failed)
    context = {
        **row_of(row, now_utc()),
        "words": row.matter.words if row.is_confidential else row.description,
        "person": row.matter.person if row.is_confidential else None,
        "findings": findings,
        "is_concerned": access.is_concerned(actor, row),
        "steps": possible,
        # a step that is not open (any more) has no form that could say why
        "refused": failed[1] if failed and failed[0] not in {step["name"] for step in possible} else None,
        "timeline": entries(row, actor, fold=False).entries[::-1],
    }
    return render(request, "customers/detail.html", context, status=422 if failed else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = agent_of(request)
    row = access.get_complaint(actor, number)
    failed = steps.take(STEPS, act, row, request.POST, actor=actor)
    if failed is None:
        return redirect(row)
    return _shown(request, actor, access.get_complaint(actor, number), failed)
