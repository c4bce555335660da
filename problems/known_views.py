"""The pages of known errors, and where they are offered: beside a ticket and while one is written."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may, require
from actions import steps
from actions.steps import Step
from knowledge.services import at_large
from problems import forms as shapes
from problems import known, lifecycle, matching, panel, queries, services, show
from problems.getting import PAGE, UNPROCESSABLE, find
from problems.models import KnownError, KnownState
from records.notices import read_about
from records.pages import add_errors, agent_of, now_utc, paged, url_of
from records.services import get_record
from records.timeline import entries

SHORTEST = 3  # characters from which something is offered


def _as_read(verb: Any) -> Any:
    def run(row: KnownError, *, version: int | None = None, **doing: Any) -> Any:
        return verb(row, expected_version=version, **doing)

    return run


STEPS = {
    step.name: step
    for step in (
        Step(
            "end", gettext_lazy("The fault is gone"), shapes.Because,
            lambda actor, row: row.state == lifecycle.VALID and may(actor, "end_known_error", row),
            _as_read(known.end),
        ),
        Step(
            "renew", gettext_lazy("The fault is there again"), shapes.Because,
            lambda actor, row: row.state == lifecycle.PAST and may(actor, "renew_known_error", row),
            _as_read(known.renew),
        ),
        Step(
            "drop", gettext_lazy("It is no known error"), shapes.Because,
            lambda actor, row: row.state != lifecycle.DROPPED and may(actor, "drop_known_error", row),
            _as_read(known.drop), "danger",
        ),
    )
}  # fmt: skip


def listing(request: HttpRequest) -> HttpResponse:
    """Known errors by state and words, the newest first."""
    actor = agent_of(request)
    state, words = queries.known_asked(request.GET)
    rows = show.with_matches(queries.known_errors(actor, state, words))
    page, kept = paged(request, rows, PAGE)
    context = {
        "rows": [show.known_row(row) for row in page],
        "page": page,
        "kept": kept,
        "state": state,
        "words": words,
        "states": KnownState.choices,
        "may_write": may(actor, "write_known_error"),
    }
    return render(request, "problems/known_list.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Record a known error; the address may bring the problem it is left by."""
    actor = agent_of(request)
    require(actor, "write_known_error")
    problem = find(actor, request.GET["problem"]) if request.GET.get("problem") else None
    if request.method == "POST":
        form = shapes.KnownErrorForm(request.POST, actor=actor, is_new=True)
        if form.is_valid():
            facts = form.facts()
            facts.pop("expected_version")
            try:
                return redirect(known.record_error(**facts, problem=problem, actor=actor, now=now_utc()))
            except ValidationError as refused:
                add_errors(form, refused)
    else:
        start = known.begun_from(problem) if problem else {}
        form = shapes.KnownErrorForm(actor=actor, is_new=True, initial=start)
    context = {"form": form, "problem": problem, "error": None}
    return render(request, "problems/known_edit.html", context, status=UNPROCESSABLE if form.errors else 200)


def detail(request: HttpRequest, number: str) -> HttpResponse:
    """A known error with its workaround, the incidents matched, and its history."""
    actor = agent_of(request)
    row = known.get_known_error(actor, number)
    read_about(row, actor, now=now_utc())
    return _shown(request, actor, row)


def _shown(request: HttpRequest, actor: Actor, row: KnownError, failed: Any = None) -> HttpResponse:
    matched = known.matched(row, actor)
    context = {
        **show.known_row(row),
        "items": row.items.order_by("name"),
        "matched": [show.record_row(each) for each in matched],
        "count": row.links_to.filter(type="matches").count(),
        "steps": steps.possible(STEPS.values(), at_large(actor), row, failed),
        "may_write": may(actor, "write_known_error"),
        "timeline": entries(row, at_large(actor), fold=False).entries[::-1],
    }
    return render(request, "problems/known_error.html", context, status=UNPROCESSABLE if failed else 200)


def edit(request: HttpRequest, number: str) -> HttpResponse:
    """Write a known error anew; of two writers the second is told."""
    actor = agent_of(request)
    require(actor, "write_known_error")
    row = known.get_known_error(actor, number)
    items = list(row.items.order_by("name"))
    if request.method == "POST":
        form = shapes.KnownErrorForm(request.POST, actor=actor, is_new=False, items=items)
        if form.is_valid():
            try:
                return redirect(known.write(row, **form.facts(), actor=actor, now=now_utc()))
            except ValidationError as refused:
                add_errors(form, refused)
    else:
        start = {name: getattr(row, name) for name in (*known.TEXTS, "service", "version")}
        start["symptom"] = row.description
        if row.title == row.title_zh:  # only Chinese was given: the English one is still to be written
            start["title"] = ""
        form = shapes.KnownErrorForm(actor=actor, is_new=False, items=items, initial=start)
    context = {"form": form, "problem": row.of_problem, "error": row}
    return render(request, "problems/known_edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """End it, or make it valid again."""
    actor = agent_of(request)
    row = known.get_known_error(actor, number)
    failed = steps.take(STEPS, act, row, request.POST, actor=actor)
    if failed is None:
        return redirect(row)
    return _shown(request, actor, known.get_known_error(actor, number), failed)


# --- at triage -------------------------------------------------------------------------------


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """At most five known errors for the ticket that is being written; nothing for so little."""
    actor = agent_of(request)
    text = request.GET.get("q", "").replace("\0", "").strip()
    fits = matching.known_errors_for(
        text=text if len(text) >= SHORTEST else "", item_id=_id(request.GET.get("item", "")),
        service_id=_id(request.GET.get("service", "")), customer_id=_id(request.GET.get("customer", "")),
        actor=actor,
    )  # fmt: skip
    rows = [show.known_row(fit.known_error) for fit in fits]
    return render(request, "problems/_suggestions.html", {"rows": rows})


@require_GET
def for_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The known errors that fit a ticket, or what was searched for from it."""
    actor = agent_of(request)
    record = get_record(actor, number)
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context = {"record": record, "q": words, "rows": panel.offered(record, words, actor)}
    is_part = bool(request.headers.get("HX-Request"))
    name = "_for_ticket" if is_part else "for_ticket"
    response = render(request, f"problems/{name}.html", context)
    response["Vary"] = "HX-Request"
    return response


@require_POST
def match(request: HttpRequest, number: str) -> HttpResponse:
    """This ticket is that known error."""
    actor = agent_of(request)
    record = get_record(actor, number)
    row = known.get_known_error(actor, request.POST.get("known_error", ""))
    try:
        known.match(record, row, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("It is counted as %(number)s.") % {"number": row.number})
    return redirect(url_of(record, actor))


@require_POST
def gather(request: HttpRequest, number: str) -> HttpResponse:
    """Put this ticket behind a problem there is."""
    actor = agent_of(request)
    record = get_record(actor, number)
    problem = find(actor, request.POST.get("problem", "").strip())
    try:
        services.add_incident(problem, record, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("It stands behind %(number)s now.") % {"number": problem.number})
    return redirect(url_of(record, actor))
