"""The page of one's exports, and what is done there: ask, stop, make again, fetch, remove."""

import hashlib
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor
from accounts.pages import actor_for, now_utc
from exports import fetching, services, sources
from exports.models import Export
from records.pages import frame_of

PAGE = 30


@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """One's exports, newest first; for htmx the part that moves while files are being made."""
    actor, now = actor_for(request, services.ACT), now_utc()
    page = Paginator(services.of(actor), PAGE).get_page(request.GET.get("page"))
    lines = [_line(export, actor, now) for export in page]
    is_part = request.headers.get("HX-Target", "").endswith("#exports")
    said = _said(lines)
    digest = hashlib.sha256(said.encode()).hexdigest()[:8]
    context = {
        "frame": frame_of(actor),
        "page": page,
        "lines": lines,
        "is_working": any(export.is_working for export in page),
        "again": f"{reverse('exports:list')}?{urlencode({'page': page.number, 'said': digest})}",
        "said": said,
        "is_said": is_part and request.GET.get("said") != digest,
        "key": secrets.token_hex(8),
        "days": services.KEPT.days,
    }
    response = render(request, "exports/_list.html" if is_part else "exports/list.html", context)
    services.seen(actor, now)
    response["Vary"] = "HX-Target"
    return response


def _line(export: Export, actor: Actor, now: datetime) -> dict[str, Any]:
    """An export in words; one whose list is not offered any more keeps its file's name."""
    source = sources.get(export.source)
    is_open = source is not None and source.may(actor)
    return {
        "export": export,
        "label": source.label if source else export.file_name or _("A list that is not offered any more"),
        "url": source.address(services.query_of(export.query)) if source and is_open else "",
        "may_fetch": is_open and export.state == Export.State.DONE,
        "may_repeat": is_open and not export.is_working,
        "is_new": export.seen_at is None and export.state in (Export.State.DONE, Export.State.FAILED),
    }


def _said(lines: list[dict[str, Any]]) -> str:
    """How far the files are, for those who hear the page: in quarters, so that it is said seldom."""
    told = []
    for line in lines:
        export = line["export"]
        if export.is_working:
            quarter = export.percent // 25 * 25
            told.append(_("%(list)s: %(percent)s %% done.") % {"list": line["label"], "percent": quarter})
        elif line["is_new"]:
            told.append(f"{line['label']}: {export.get_state_display()}.")
    return " ".join(told)


@require_POST
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a list as a file. The same form sent twice is one export."""
    actor, now = actor_for(request, services.ACT), now_utc()
    source = sources.get(request.POST.get("source", ""))
    if source is None:
        raise Http404(_("There is no such list."))
    wanted = request.POST.get("format", "")
    once = f"{request.POST.get('key', '')[:60] or secrets.token_hex(8)}-{wanted[:10]}"
    try:
        export, is_new = services.ask(
            source, request.POST.get("query", ""), wanted, once=once, actor=actor, now=now
        )
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
        return redirect(_back(request))
    if not is_new:
        messages.info(request, _("This file was asked for already; here it is."))
    return redirect(export)


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        return back
    return reverse("exports:list")


@require_POST
@login_required
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Stop one, make it again with what the list holds now, or remove its file."""
    actor, now = actor_for(request, services.ACT), now_utc()
    export = services.get(actor, pk)
    try:
        match action:
            case "cancel":
                services.cancel(export, actor=actor, now=now)
            case "again":
                once = request.POST.get("key", "")[:60] or secrets.token_hex(8)
                export, _is_new = services.ask(
                    services.source_of(export), export.query, export.format, once=f"{once}-{pk}",
                    actor=actor, now=now,
                )  # fmt: skip
            case "remove":
                services.remove(export, actor=actor, now=now)
            case _:
                raise Http404
    except services.Over:
        messages.warning(request, _("It was finished or stopped before; here is how it stands."))
    except ValidationError as refused:
        messages.warning(request, " ".join(refused.messages))
    return redirect(export)


@require_safe
@login_required
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The finished file, as a download."""
    actor = actor_for(request, services.ACT)
    return fetching.answer(services.get(actor, pk), actor)
