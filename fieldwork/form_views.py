"""The service form: written on the phone, signed by the customer, printed and read."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, require
from fieldwork import content, papers
from fieldwork import forms as shapes
from fieldwork import sheet as sheets
from fieldwork.asking import UNPROCESSABLE, get_visit
from fieldwork.models import Appointment, ServiceForm
from fieldwork.services import Stale
from records import files
from records.pages import add_errors, agent_of, frame_of, now_utc, reader_of, url_of


def _worker(request: HttpRequest, pk: int) -> tuple[Actor, Appointment]:
    actor = agent_of(request)
    row = get_visit(actor, pk)
    require(actor, "work_visit", row)
    return actor, row


def report(request: HttpRequest, pk: int) -> HttpResponse:
    """What the engineer writes; then the customer signs."""
    actor, row = _worker(request, pk)
    edition = papers.latest(row)
    if edition and edition.is_signed:
        return redirect(edition)
    is_posted = request.method == "POST"
    form = shapes.ReportForm(request.POST if is_posted else None, initial=_initial(row, edition))
    if is_posted and form.is_valid():
        try:
            papers.write(
                row, form.facts(), actor=actor, now=now_utc(), expected_version=form.cleaned_data["version"]
            )
        except ValidationError as refused:
            add_errors(form, refused)
        except Stale:
            form.add_error(None, _("Somebody saved this form meanwhile. Open it again before you save."))
        else:
            messages.success(request, _("The form is saved."))
            return redirect("fieldwork:sign" if "sign" in request.POST else "fieldwork:visit", row.pk)
    context = {"visit": row, "form": form, "edition": edition}
    return render(request, "fieldwork/report.html", context, status=UNPROCESSABLE if form.errors else 200)


def _initial(row: Appointment, edition: ServiceForm | None) -> dict[str, Any]:
    if edition is None:
        return {"arrived_at": row.arrived_at, "travel_minutes": row.travel_minutes}
    names = ("arrived_at", "left_at", "travel_minutes", "fault", "work_done", "result", "remarks", "version")
    return {
        **{name: getattr(edition, name) for name in names},
        "parts": content.write_parts(edition.part_rows),
    }


def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer reads what was written, ticks, and signs on the screen, or on paper that is attached."""
    actor, row = _worker(request, pk)
    edition = papers.latest(row)
    if edition is None:
        return redirect("fieldwork:report", row.pk)
    is_posted = request.method == "POST"
    if edition.is_signed and not is_posted:
        return redirect(edition)
    initial = {"signer": row.contact_name, "remarks": edition.remarks, "version": edition.version}
    form = shapes.SignForm(
        request.POST if is_posted else None, request.FILES if is_posted else None, initial=initial
    )
    if is_posted and form.is_valid():
        try:
            done = papers.sign(
                row, **form.facts(), actor=actor, now=now_utc(), expected_version=form.cleaned_data["version"]
            )
        except ValidationError as refused:
            add_errors(form, refused)
        except Stale:
            form.add_error(None, _("This form was changed meanwhile. Read it again before it is signed."))
        else:
            messages.success(request, _("The form is signed and kept."))
            return redirect(done)
    context = {"visit": row, "form": form, "sheet": sheets.of(row, edition, _language()), "edition": edition}
    return render(request, "fieldwork/sign.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a further edition of a signed form."""
    actor, row = _worker(request, pk)
    form: forms.Form = shapes.CorrectForm(request.POST)
    if form.is_valid():
        try:
            papers.correct(row, reason=form.cleaned_data["reason"], actor=actor, now=now_utc())
            return redirect("fieldwork:report", row.pk)
        except ValidationError as refused:
            add_errors(form, refused)
    messages.error(request, " ".join(str(words) for errors in form.errors.values() for words in errors))
    return redirect(row)


# --- paper -----------------------------------------------------------------------------------------


def _language(asked: str = "") -> str:
    if asked in sheets.LANGUAGES:
        return asked
    return "zh" if (get_language() or "").startswith("zh") else "en"


@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a visit to print, filled in as far as it is known."""
    actor = agent_of(request)
    row = get_visit(actor, pk)
    return _page(request, actor, row, sheets.filled(row))


@require_GET
def sheet_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as PDF in ``language`` zh, en or both."""
    actor = agent_of(request)
    row = get_visit(actor, pk)
    return _pdf(request, row, sheets.filled(row))


def _form(request: HttpRequest, pk: int) -> tuple[Actor, ServiceForm]:
    actor = reader_of(request)
    rows = ServiceForm.objects.visible_to(actor).select_related(
        "appointment__ticket__service", "appointment__customer", "appointment__engineer", "collected_by"
    )
    return actor, get_object_or_404(rows, pk=pk)


@require_GET
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition; customers read what was signed."""
    actor, edition = _form(request, pk)
    return _page(request, actor, edition.appointment, edition)


@require_GET
def form_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition as PDF in ``language`` zh, en or both."""
    _actor, edition = _form(request, pk)
    return _pdf(request, edition.appointment, edition)


@require_GET
def signature(request: HttpRequest, pk: int) -> FileResponse:
    """The image of a signature, as it was stored."""
    _actor, edition = _form(request, pk)
    path = files.path_of(edition.key) if edition.key else None
    if path is None or not path.exists():
        raise Http404
    answer = FileResponse(path.open("rb"), content_type=edition.image_type)
    answer.headers["Content-Disposition"] = f'inline; filename="signature-{edition.pk}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _page(request: HttpRequest, actor: Actor, row: Appointment, edition: ServiceForm | None) -> HttpResponse:
    language = _language(request.GET.get("language", ""))
    editions = ServiceForm.objects.visible_to(actor).filter(appointment=row.pk).order_by("-edition")
    context = {
        "frame": frame_of(actor), "visit": row, "edition": edition, "language": language,
        "sheet": sheets.of(row, edition, language), "editions": list(editions),
        "is_agent": actor.is_staff_side, "ticket_url": url_of(row.ticket, actor),
        "is_intact": papers.is_intact(edition) if edition and edition.is_signed else None,
    }  # fmt: skip
    return render(request, "fieldwork/sheet.html", context)


def _pdf(request: HttpRequest, row: Appointment, edition: ServiceForm | None) -> HttpResponse:
    language = _language(request.GET.get("language", ""))
    dated = (edition.signed_at or edition.written_at) if edition else row.made_at
    made = sheets.render_pdf(sheets.of(row, edition, language), dated=dated)
    name = f"{row.ticket.number}-{row.pk}-{edition.edition if edition else 0}-{language}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
