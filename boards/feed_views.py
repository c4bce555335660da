"""The address of one's change calendar, and the calendar itself for whoever knows the address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from boards import feed as feeds
from boards.models import Feed
from records.pages import agent_of, now_utc


def mine(request: HttpRequest) -> HttpResponse:
    """Make an address, in place of the one before, or take it back. It is shown this one time."""
    actor = agent_of(request)
    address = ""
    if request.method == "POST":
        if request.POST.get("act") == "revoke":
            feeds.revoke(actor=actor)
            return redirect("boards:feed")
        token = feeds.make(actor=actor, now=now_utc())
        address = request.build_absolute_uri(reverse("boards:ics", args=[token]))
    context = {"feed": Feed.objects.filter(user=actor.user_id).first(), "address": address}
    answer = render(request, "boards/feed.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar. No login: the address is the secret; one that is unknown or taken back is 404."""
    reader = feeds.reader_of(token, now=now_utc())
    if reader is None:
        raise Http404
    answer = HttpResponse(feeds.written(reader, now=now_utc()), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="changes.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
