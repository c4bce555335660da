"""What customers see of announcements: the list, and one with its news."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from announcements import queries
from announcements.models import Announcement
from records.notices import read_about
from records.pages import get_one, now_utc, reader_of
from records.timeline import entries

PAGE = 20


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Everything the customer was told, what is current first."""
    actor, now = reader_of(request), now_utc()
    if actor.is_staff_side:
        return redirect("announcements:list")
    current = queries.current_for(actor, now=now)
    past = queries.shown_to(actor).exclude(pk__in=[row.pk for row in current])
    page = Paginator(past.prefetch_related("told__services"), PAGE).get_page(request.GET.get("page"))
    context = {"announcements": current, "page": page, "now": now}
    return render(request, "announcements/portal_list.html", context)


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One announcement, with what was added to it."""
    actor, now = reader_of(request), now_utc()
    if actor.is_staff_side:
        return redirect("records:go", number)
    row = get_one(Announcement, actor, number)
    if row.original_id is None:
        raise Http404(_("There is no record %(number)s.") % {"number": number[:20]})
    read_about(row, actor, now=now)
    context = {"announcement": row, "told": row.told, "news": entries(row, actor).entries, "now": now}
    return render(request, "announcements/portal.html", context)
