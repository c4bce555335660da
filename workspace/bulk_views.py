"""The pages of bulk edits: choose changes, see what they would do, confirm, watch, read the result."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor
from exports import csv_table
from exports.columns import Column
from exports.record_columns import of_record
from exports.writing import sent_lines
from records.changes import REFUSALS, why_not
from records.desk import Desk
from records.keyset import DUE
from records.models import Record
from records.pages import actor_for, agent_of, now_utc
from workspace import bulk, making, running
from workspace.forms import Wishes
from workspace.models import BulkEdit, BulkItem

PAGE = 50
UNPROCESSABLE = 422
WAITED = 8.0  # seconds a person waits for a few tickets before the rest goes to a worker


# --- choosing ----------------------------------------------------------------------------------


@require_POST
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """The selected tickets, or all of a view: first the changes are chosen, then previewed."""
    actor = actor_for(request, "desk", bulk.ACT)
    tickets = _tickets(request, actor)
    count = tickets.order_by()[: bulk.MOST + 1].count()
    if not count:
        messages.warning(request, _("Select the tickets to be changed first."))
        return redirect(_queue_of(request))
    if request.POST.get("step") != "preview":
        wishes = Wishes(None, actor=actor)
        wishes.begin_with(request.POST.get("begin", ""))
        return _choose(request, wishes, count)
    wishes = Wishes(request.POST, actor=actor)
    if not wishes.is_valid():
        return _choose(request, wishes, count, status=UNPROCESSABLE)
    source = _queue_of(request).partition("?")[2]
    try:
        made = bulk.prepare(tickets, wishes.wanted(), actor=actor, now=now_utc(), source=source)
    except ValidationError as refused:
        errors = [words for found in refused.message_dict.values() for words in found]
        return _choose(request, wishes, count, status=UNPROCESSABLE, errors=errors)
    return redirect(made)


def _tickets(request: HttpRequest, actor: Actor) -> QuerySet[Record]:
    if request.POST.get("all"):
        asked = QueryDict(_queue_of(request).partition("?")[2][:2000])
        rows: QuerySet[Record] = Desk.asked(asked, actor, now_utc()).records
        return rows.order_by(DUE.expression(), "pk")
    return bulk.tickets_named(request.POST.getlist("number")[: bulk.MOST], actor)


def _queue_of(request: HttpRequest) -> str:
    """The list the form stood on; never another site."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith("/")
    return url if is_ours else reverse("records:queue")


def _choose(
    request: HttpRequest, wishes: Wishes, count: int, *, status: int = 200, errors: list[str] | None = None
) -> HttpResponse:
    context = {
        "wishes": wishes,
        "count": count,
        "most": bulk.MOST,
        "is_all": bool(request.POST.get("all")),
        "numbers": request.POST.getlist("number")[: bulk.MOST],
        "next": _queue_of(request),
        "errors": errors or [],
    }
    return render(request, "workspace/bulk_new.html", context, status=status)


# --- one edit ----------------------------------------------------------------------------------


def _edit(actor: Actor, pk: int) -> BulkEdit:
    found: BulkEdit = get_object_or_404(bulk.of(actor), pk=pk)
    return found


@require_safe
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview, progress or result, whichever it is at; for htmx the part that moves."""
    actor = agent_of(request)
    edit = _edit(actor, pk)
    context = {"edit": edit, **_standing(edit), "changes": _said(edit, actor)}
    if request.headers.get("HX-Target", "").endswith("#bulk-progress"):
        part = render(request, "workspace/_progress.html", context)
        if not edit.is_working:  # the rows say now what became of them
            part["HX-Refresh"] = "true"
        return part
    shown = request.GET.get("show", "")
    rows = bulk.items_of(edit, actor)
    if shown in BulkItem.State.values:
        rows = rows.filter(state=shown)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    may_act = edit.asked_by_id == actor.user_id
    context |= {
        "page": page,
        "rows": [{"item": item, "words": _outcome(item, edit)} for item in page],
        "show": shown,
        "kept": f"show={shown}&" if shown in BulkItem.State.values else "",
        "may_act": may_act,
        "back": f"{reverse('records:queue')}?{edit.source}",
    }
    return render(request, "workspace/bulk.html", context)


def _standing(edit: BulkEdit) -> dict[str, Any]:
    """How many tickets are at what, and the share that is over."""
    found = dict(edit.items.order_by().values_list("state").annotate(n=Count("pk")))
    over = edit.total - found.get(BulkItem.State.WAITING, 0)
    return {
        "counts": [
            {"key": state.value, "label": state.label, "n": found[state]}
            for state in BulkItem.State
            if found.get(state)
        ],
        "over": over,
        "percent": 100 * over // edit.total if edit.total else 100,
        "left_out": sum(found.get(s, 0) for s in ("skipped", "failed", "cancelled")),
    }


def _said(edit: BulkEdit, actor: Actor) -> list[dict[str, str]]:
    """The changes in words; a value that is no choice any more is left out of them."""
    try:
        wanted = making.read(edit.changes, actor)
    except REFUSALS as gone:
        return [{"label": why_not(gone), "value": ""}]
    return [{"label": str(change.label), "value": change.words(value)} for change, value in wanted]


def _outcome(item: BulkItem, edit: BulkEdit) -> str:
    if item.state == BulkItem.State.WAITING and edit.state == BulkEdit.State.DRAFT:
        if item.reason:
            return _("Will be skipped")
        return _("Will be changed") if item.effects else _("Not looked at yet")
    return str(item.get_state_display())


@require_POST
@login_required
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Confirm, stop, or take up again what was left out."""
    actor, now = agent_of(request), now_utc()
    edit = _edit(actor, pk)
    try:
        match action:
            case "confirm":
                bulk.confirm(edit, actor=actor, now=now)
                if edit.total <= bulk.AT_ONCE and running.run(edit.pk, seconds=WAITED):
                    bulk.wake(edit.pk)
            case "cancel":
                bulk.cancel(edit, actor=actor, now=now)
            case "again":
                return redirect(bulk.again(edit, actor=actor, now=now))
            case _:
                raise Http404
    except bulk.Over:
        messages.warning(request, _("This was decided before; here is how it stands."))
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    return redirect(edit)


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Past and present bulk edits, newest first."""
    actor = agent_of(request)
    rows = bulk.of(actor).exclude(state=BulkEdit.State.DRAFT).order_by("-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = [{"edit": edit, "changes": _said(edit, actor)} for edit in page]
    return render(request, "workspace/bulk_list.html", {"page": page, "lines": lines})


# --- the file ----------------------------------------------------------------------------------


def _changed(item: BulkItem) -> str:
    return "; ".join(f"{e['label']}: {e['before']} → {e['after']}" for e in item.effects)


def _columns(edit: BulkEdit) -> list[Column]:
    return [
        *of_record("number", "title", "customer", path="record"),
        Column("outcome", _("Outcome"), lambda item: _outcome(item, edit)),
        Column("changes", _("Changes"), _changed),
        Column("reason", _("Reason"), lambda item: item.reason),
    ]


@require_safe
@login_required
def results(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every ticket with what became of it, as a table for spreadsheets."""
    actor = agent_of(request)
    edit = _edit(actor, pk)
    rows = bulk.items_of(edit, actor).iterator(chunk_size=500)
    lines = sent_lines(_columns(edit), rows)
    response = StreamingHttpResponse(lines, content_type=csv_table.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="bulk-edit-{edit.pk}.csv"'
    return response
