"""The pages of imports: a file, its columns, what every line would do, how far it is, and the result."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor
from cmdb.models import Item
from exports import csv_table
from exports.columns import Column
from exports.writing import sent_lines
from records.pages import actor_for, add_errors, now_utc
from verifications import forms as shapes
from verifications import imports, running, words
from verifications.facts import fact_names, said, targets_of
from verifications.models import ImportLine, ItemImport

PAGE = 50
UNPROCESSABLE = 422
WAITED = 8.0  # seconds a person waits for a few lines before the rest goes to a worker
TONES = {
    "add": "good", "added": "good", "alter": "accent", "altered": "accent", "same": "quiet",
    "refused": "warn", "failed": "bad", "cancelled": "quiet", "waiting": "neutral",
}  # fmt: skip


def _job(actor: Actor, pk: int) -> ItemImport:
    found: ItemImport = get_object_or_404(imports.of(actor), pk=pk)
    return found


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Imports, newest first."""
    actor = actor_for(request, "desk", imports.ACT)
    page = Paginator(imports.of(actor).order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "verifications/imports.html", {"page": page})


def new(request: HttpRequest) -> HttpResponse:
    """Read a file."""
    actor = actor_for(request, "desk", imports.ACT)
    is_sent = request.method == "POST"
    form = shapes.Upload(request.POST, request.FILES) if is_sent else shapes.Upload()
    if is_sent and form.is_valid():
        found = form.cleaned_data
        try:
            job = imports.upload(
                found["file"].read(), name=found["file"].name, item_type=found["item_type"],
                encoding=found["encoding"], actor=actor, now=now_utc(),
            )  # fmt: skip
            return redirect(job)
        except ValidationError as refused:
            add_errors(form, refused)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "verifications/import_new.html", {"form": form}, status=status)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The columns, the preview, the progress or the result, whichever it is at."""
    actor = actor_for(request, "desk", imports.ACT)
    job = _job(actor, pk)
    if request.headers.get("HX-Target", "").endswith("#import-progress"):
        part = render(request, "verifications/_import_progress.html", {"job": job, **_standing(job)})
        if not job.is_working:  # the lines say now what became of them
            part["HX-Refresh"] = "true"
        return part
    return _shown(request, actor, job)


def _shown(request: HttpRequest, actor: Actor, job: ItemImport, form: Any = None) -> HttpResponse:
    is_mine = job.asked_by_id == actor.user_id
    context: dict[str, Any] = {"job": job, "is_mine": is_mine, **_standing(job)}
    if job.state in ItemImport.BEFORE and is_mine:
        targets = targets_of(job.type, actor)
        context["form"] = form or shapes.Laying(job=job, targets=targets, actor=actor)
    if job.state != ItemImport.State.READ:
        context |= _lines_of(request, actor, job)
    failed = form is not None and form.errors
    return render(request, "verifications/import.html", context, status=UNPROCESSABLE if failed else 200)


def _standing(job: ItemImport) -> dict[str, Any]:
    """How many lines are at what, and the share that is over."""
    found = imports.counts(job)
    over = job.total - found.get(ImportLine.State.WAITING, 0)
    choices: Any = ImportLine.Verdict if job.state in ItemImport.BEFORE else ImportLine.State
    return {
        "counts": [
            {"key": each.value, "label": each.label, "n": found.get(each.value, 0), "tone": TONES[each.value]}
            for each in choices
            if found.get(each.value) or job.state in ItemImport.BEFORE
        ],
        "over": over,
        "percent": 100 * over // job.total if job.total else 100,
        "would_do": found.get("add", 0) + found.get("alter", 0),
        "is_nothing": bool(found) and set(found) == {"same"},
    }


def _lines_of(request: HttpRequest, actor: Actor, job: ItemImport) -> dict[str, Any]:
    column = "verdict" if job.state in ItemImport.BEFORE else "state"
    shown = request.GET.get("show", "")
    rows = job.lines.select_related("item").order_by("number")
    known = ImportLine.Verdict.values if column == "verdict" else ImportLine.State.values
    if shown in known:
        rows = rows.filter(**{column: shown})
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    names = fact_names([job.type_id])
    visible = set(
        Item.objects.visible_to(actor)
        .filter(pk__in=[line.item_id for line in page])
        .values_list("pk", flat=True)
    )
    return {
        "page": page,
        "lines": [_line(line, column, names, visible) for line in page],
        "show": shown if shown in known else "",
        "kept": f"show={shown}&" if shown in known else "",
    }


def _line(line: ImportLine, column: str, names: dict[str, str], visible: set[int]) -> dict[str, Any]:
    """A line as its row shows it."""
    at = getattr(line, column)
    key = line.facts.get("name") or next((said(v) for v in line.facts.values() if said(v)), "")
    return {
        "line": line,
        "item": line.item if line.item_id in visible else None,
        "name": key or (line.item.name if line.item and line.item_id in visible else ""),
        "words": line.get_verdict_display() if column == "verdict" else line.get_state_display(),
        "tone": TONES[at],
        "effects": [
            {"label": names.get(e["fact"], e["fact"]), "before": said(e["before"]), "after": said(e["after"])}
            for e in line.effects
            if (said(e["before"]) or said(e["after"])) and not (line.item_id is None and e["fact"] == "name")
        ],
        "is_new": line.item_id is None or line.state == ImportLine.State.ADDED,
        "faults": [{"column": f["column"], "words": words.of_fault(f)} for f in line.faults],
    }


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Preview with the columns as chosen, let it run, or stop it."""
    actor, now = actor_for(request, "desk", imports.ACT), now_utc()
    job = _job(actor, pk)
    try:
        match action:
            case "preview":
                return _preview(request, actor, job)
            case "confirm":
                imports.confirm(job, actor=actor, now=now)
                if job.total <= imports.AT_ONCE and running.run(job.pk, seconds=WAITED):
                    imports.wake(job.pk)
            case "cancel":
                imports.cancel(job, actor=actor, now=now)
            case _:
                raise Http404
    except imports.Over:
        messages.warning(request, _("This was decided before; here is how it stands."))
    return redirect(job)


def _preview(request: HttpRequest, actor: Actor, job: ItemImport) -> HttpResponse:
    form = shapes.Laying(request.POST, job=job, targets=targets_of(job.type, actor), actor=actor)
    if job.asked_by_id != actor.user_id:
        raise Http404
    if form.is_valid():
        try:
            return redirect(imports.preview(job, **form.wanted(), actor=actor, now=now_utc()))
        except ValidationError as refused:
            add_errors(form, refused)
    return _shown(request, actor, job, form)


# --- the file ----------------------------------------------------------------------------------


def _cell(place: int) -> Callable[[list[Any]], Any]:
    return lambda row: row[place] if place < len(row) else None


def _columns(full: ItemImport) -> list[Column]:
    """The columns of the file as they came, and what became of each line."""
    labels = [*full.columns, _("Outcome"), _("Configuration item"), _("Changes"), _("Reason")]
    return [
        Column("line", _("Line of the file"), _cell(0), "number"),
        *(Column(f"column-{n}", label, _cell(n)) for n, label in enumerate(labels, 1)),
    ]


def _rows(full: ItemImport, job: ItemImport, actor: Actor) -> Iterator[list[Any]]:
    """The lines as they came, each with what became of it."""
    cells = {number: cells for number, cells, _faults in full.rows}
    names = fact_names([job.type_id])
    column = "verdict" if job.state in ItemImport.BEFORE else "state"
    visible = set(
        Item.objects.visible_to(actor).filter(pk__in=job.lines.values("item")).values_list("pk", flat=True)
    )
    for line in job.lines.select_related("item").order_by("number").iterator(chunk_size=500):
        row = _line(line, column, names, visible)
        changed = "; ".join(f"{e['label']}: {e['before']} → {e['after']}" for e in row["effects"])
        reasons = "; ".join(f"{f['column']}: {f['words']}".lstrip(": ") for f in row["faults"])
        number = row["item"].number if row["item"] else ""
        yield [line.number, *cells.get(line.number, ()), row["words"], number, changed, reasons]


@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every line with what became of it, as a table for spreadsheets."""
    actor = actor_for(request, "desk", imports.ACT)
    job = _job(actor, pk)
    full = ItemImport.objects.get(pk=job.pk)
    lines = sent_lines(_columns(full), _rows(full, job, actor))
    response = StreamingHttpResponse(lines, content_type=csv_table.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="item-import-{job.pk}.csv"'
    return response
