"""Pages that are the same for every kind of record: parse, get, call one function, answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import access
from accounts.models import Team
from records import bulk, files, finding, notices, typeahead
from records.models import Attachment, Record
from records.pages import actor_of, agent_of, frame_of, now_utc, url_of
from records.services import get_record

# --- ways in ---------------------------------------------------------------------------------


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's own start: the queue, the portal, or, for programs, the API's pages."""
    actor = actor_of(request)
    if access.may(actor, "desk"):
        return redirect("records:queue")
    if access.may(actor, "portal"):
        return redirect("portal:home")
    if access.may(actor, "supply"):
        return redirect("supplier:home")
    return redirect("/api/v1/docs/")


@require_safe
@login_required
def go(request: HttpRequest, number: str) -> HttpResponse:
    """A record by its number alone: the address in mails and notices."""
    actor = actor_of(request)
    record = get_record(actor, number)
    return redirect(url_of(record, actor))


# --- acts on several rows --------------------------------------------------------------------


@require_POST
def bulk_act(request: HttpRequest) -> HttpResponse:
    """An act on the selected rows, then back to the list with an account of it."""
    actor, now = agent_of(request), now_utc()
    numbers = request.POST.getlist("number")
    match request.POST.get("action"):
        case "take":
            outcome = bulk.take(numbers, actor=actor, now=now)
        case "give":
            wanted = request.POST.get("team", "")
            team = Team.objects.filter(pk=int(wanted)).first() if wanted.isdecimal() else None
            if team is None:
                messages.warning(request, _("Choose the team the selected tickets should go to."))
                return redirect(_back(request))
            outcome = bulk.give(numbers, team=team, actor=actor, now=now)
        case _:
            raise Http404
    _report(request, outcome)
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The list the form stood on; never another site."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith("/")
    return url if is_ours else reverse("records:queue")


def _report(request: HttpRequest, outcome: bulk.Outcome) -> None:
    done = len(outcome.done)
    if done:
        words = ngettext("%(n)s ticket was assigned.", "%(n)s tickets were assigned.", done) % {"n": done}
        messages.success(request, words)
    if outcome.skipped:
        listed = "; ".join(f"{number}: {reason}" for number, reason in outcome.skipped[:10])
        rest = len(outcome.skipped) - 10
        more = " " + _("and %(n)s more") % {"n": rest} if rest > 0 else ""
        messages.warning(request, _("Skipped: %(tickets)s") % {"tickets": listed} + more)


# --- search and choices ----------------------------------------------------------------------


@require_safe
@login_required
def search_page(request: HttpRequest) -> HttpResponse:
    """Records by their words, newest first; a whole number leads straight to its record."""
    actor = actor_of(request)
    asked = finding.asked_in(request.GET)
    visible = Record.objects.visible_to(actor)
    if exact := visible.filter(number=asked.upper()).first() if asked else None:
        return redirect(url_of(exact, actor))
    context = finding.context(request.GET, actor, now_utc())
    return render(request, "records/search.html", {"frame": frame_of(actor), **context})


@require_GET
@login_required
def typeahead_choices(request: HttpRequest, what: str) -> JsonResponse:
    """Choices for a field while somebody types."""
    words = (request.GET.get(name, "") for name in ("q", "customer", "team"))
    asked = typeahead.question(*words)
    found = typeahead.answer(what, asked, actor_of(request))
    if found is None:
        raise Http404
    return JsonResponse({"results": found})


# --- notices ---------------------------------------------------------------------------------


@require_safe
@login_required
def notices_page(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first."""
    actor = actor_of(request)
    before = request.GET.get("before", "")
    is_place = before.isascii() and before.isdecimal() and len(before) < 19
    found, older = notices.latest(actor, before=int(before) if is_place else None)
    older_url = f"{reverse('records:notices')}?before={older}" if older else ""
    context = {"frame": frame_of(actor), "notices": found, "older_url": older_url, "is_first": not is_place}
    return render(request, "records/notices.html", context)


@require_POST
@login_required
def read_notices(request: HttpRequest) -> HttpResponse:
    """Mark all of one's notices as read."""
    notices.read_all(actor_of(request), now=now_utc())
    return redirect("records:notices")


# --- files -----------------------------------------------------------------------------------


@require_safe
@login_required
def attachment(request: HttpRequest, key: str) -> HttpResponseBase:
    """The bytes of a file, always as a download and never rendered as a page of this site."""
    actor = actor_of(request)
    rows = Attachment.objects.filter(key=key, record__in=Record.objects.visible_to(actor).values("pk"))
    found = (rows if actor.is_desk_side else rows.filter(is_public=True)).first()
    if found is None:
        raise Http404
    try:
        stream = files.path_of(found.key).open("rb")
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(stream, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


# --- the explained clock ---------------------------------------------------------------------
