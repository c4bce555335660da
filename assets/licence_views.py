"""Pages of software: how it is used against its licences, licences with their papers, and what was found."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from assets import installations, licences, pages, register, upkeep_forms, words
from assets.models import Licence, LicenceDocument, SoftwareFinding
from assets.pages import UNPROCESSABLE, VERDICT_TONES
from assets.words import VERDICTS
from cmdb.models import Item
from records import files
from records.pages import actor_for, add_errors, agent_of, now_utc

MOST = 5_000


def _line(use: installations.Use) -> dict[str, Any]:
    verdict = use.standing.verdict
    return {
        "use": use, "item": use.item, "label": VERDICTS[verdict], "tone": VERDICT_TONES[verdict],
        "metric": Licence.Metric(use.metric).label,
    }  # fmt: skip


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The software there is: how often used, how often allowed, and what is wrong."""
    actor = agent_of(request)
    licensed = Licence.objects.filter(software=OuterRef("pk"))
    rows = installations.software(actor).filter(Q(is_active=True) | Exists(licensed))
    found = rows.select_related("type", "customer").order_by("name", "pk")[:MOST]
    lines = [_line(use) for use in installations.uses(list(found), today=pages.today())]
    asked = request.GET.get("verdict", "")
    asked = asked if asked in VERDICTS else ""
    chosen = [line for line in lines if not asked or line["use"].standing.verdict == asked]
    page = pages.numbered(chosen, request)
    context = {
        "page": page, "rows": page, "verdict": asked, "kept": f"verdict={asked}", "here": "licences",
        "total": len(lines), "leads": may(actor, licences.LEAD),
        "tabs": [
            {"key": key, "label": label,
             "count": sum(line["use"].standing.verdict == key for line in lines)}
            for key, label in VERDICTS.items()
        ],
    }  # fmt: skip
    return render(request, "assets/licences.html", context)


@require_GET
def software(request: HttpRequest, item: int) -> HttpResponse:
    """One software with its licences and installations."""
    actor = agent_of(request)
    row = get_object_or_404(installations.software(actor).select_related("type", "customer"), pk=item)
    use = installations.uses([row], today=pages.today())[0]
    devices = installations.installed([row.pk]).select_related(
        "target__type", "target__customer", "target__asset__user"
    )
    visible = devices.filter(target__in=Item.objects.visible_to(actor)).order_by("target__name", "pk")
    page = pages.numbered(visible, request)
    context = {
        **_line(use), "licences": use.licences, "page": page, "here": "licences",
        "devices": [{"item": row.target, "asset": getattr(row.target, "asset", None)} for row in page],
        "leads": may(actor, licences.LEAD), "total": page.paginator.count,
    }  # fmt: skip
    return render(request, "assets/software.html", context)


def _licence(actor: Actor, number: str) -> Licence:
    related = ("software__type", "software__customer", "supplier")
    rows = Licence.objects.visible_to(actor).select_related(*related)
    found: Licence | None = rows.filter(number__iexact=number[:20].replace("\0", "")).first()
    if found is None:
        raise Http404(_("There is no licence %(number)s.") % {"number": number[:20]})
    return found


@require_GET
def licence(request: HttpRequest, number: str) -> HttpResponse:
    """A licence with its papers, its use and its history."""
    actor = agent_of(request)
    return _shown(request, actor, _licence(actor, number))


def _shown(request: HttpRequest, actor: Actor, row: Licence, status: int = 200, **over: Any) -> HttpResponse:
    leads = may(actor, licences.LEAD)
    documents = row.documents.filter(removed_at=None).select_related("created_by")
    context = {
        **_line(installations.uses([row.software], today=pages.today())[0]), "licence": row,
        "documents": documents, "leads": leads, "timeline": words.history(row), "here": "licences",
        "upload": upkeep_forms.Upload() if leads else None,
        "end": upkeep_forms.EndLicence(auto_id="end-%s") if leads and not row.is_ended else None, **over,
    }  # fmt: skip
    return render(request, "assets/licence.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, number: str = "") -> HttpResponse:
    """A licence, new or changed."""
    actor = actor_for(request, "desk", licences.LEAD)
    row = _licence(actor, number) if number else None
    chosen = request.GET.get("software", "")
    initial = (
        {name: getattr(row, name) for name in licences.FACTS}
        if row
        else {"software": chosen[:10], "valid_from": pages.today()}
    )
    is_posted = request.method == "POST"
    form = upkeep_forms.LicenceForm(request.POST if is_posted else None, initial=initial, actor=actor)
    if form.is_valid():
        try:
            saved = licences.save(
                row, form.cleaned_data, actor=actor, now=now_utc(),
                expected_version=pages.version_in(request),
            )  # fmt: skip
        except ValidationError as refused:
            add_errors(form, refused)
        except register.Stale:
            form.add_error(None, pages.stale_words())
        else:
            messages.success(request, _("The licence was saved."))
            return redirect(saved)
    context = {"form": form, "licence": row, "here": "licences"}
    return render(request, "assets/licence_edit.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """Give a licence up."""
    actor = actor_for(request, "desk", licences.LEAD)
    row = _licence(actor, number)
    form = upkeep_forms.EndLicence(request.POST, auto_id="end-%s")
    if not form.is_valid():
        return _shown(request, actor, row, UNPROCESSABLE, end=form)
    licences.end(row, **form.cleaned_data, actor=actor, now=now_utc())
    return redirect(row)


@require_POST
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a file that proves the licence."""
    actor = actor_for(request, "desk", licences.LEAD)
    row = _licence(actor, number)
    form = upkeep_forms.Upload(request.POST, request.FILES)
    if form.is_valid():
        try:
            licences.add_document(row, upload=form.cleaned_data["upload"], actor=actor, now=now_utc())
            return redirect(row)
        except ValidationError as refused:
            add_errors(form, refused)
    return _shown(request, actor, row, UNPROCESSABLE, upload=form)


def _document(actor: Actor, number: str, item: int) -> LicenceDocument:
    return get_object_or_404(_licence(actor, number).documents.filter(removed_at=None), pk=item)


@require_GET
def document(request: HttpRequest, number: str, item: int) -> HttpResponseBase:
    """The bytes of a file, always as a download and never rendered as a page of this site."""
    found = _document(agent_of(request), number, item)
    try:
        stream = files.path_of(found.key).open("rb")
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(stream, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def remove(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """Hand a file out no longer."""
    actor = actor_for(request, "desk", licences.LEAD)
    found = _document(actor, number, item)
    licences.remove_document(found, actor=actor, now=now_utc())
    return redirect(found.licence)


# --- what was found --------------------------------------------------------------------------------


@require_GET
def findings(request: HttpRequest) -> HttpResponse:
    """Unauthorised software that was found, each with the action it became."""
    actor = agent_of(request)
    rows = SoftwareFinding.objects.visible_to(actor)
    related = rows.select_related("asset", "device", "customer", "action__assignee", "recorded_by")
    page = pages.numbered(related.order_by("-pk"), request)
    return render(request, "assets/findings.html", {"page": page, "rows": page, "here": "findings"})


@require_http_methods(["GET", "POST"])
def new_finding(request: HttpRequest) -> HttpResponse:
    """Record unauthorised software."""
    actor = agent_of(request)
    initial = {
        "asset": request.GET.get("asset", "")[:20], "found_on": pages.today(), "responsible": actor.user_id,
    }  # fmt: skip
    is_posted = request.method == "POST"
    form = upkeep_forms.FindingForm(request.POST if is_posted else None, initial=initial, actor=actor)
    if form.is_valid():
        try:
            found = licences.record_finding(
                **form.cleaned_data, software=None, device=None, actor=actor, now=now_utc()
            )
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            number = found.action.number if found.action else ""
            messages.success(request, _("It was recorded and became %(number)s.") % {"number": number})
            return redirect("assets:findings")
    context = {"form": form, "here": "findings"}
    return render(request, "assets/finding_new.html", context, status=UNPROCESSABLE if form.errors else 200)
