"""The customers' pages. Each starts from what the customer may see; each act is one verb."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import fulfilment.services
import incidents.services
import sla.services
from accounts.access import may
from announcements.queries import current_for
from customers import answering
from fulfilment.models import Approval
from portal import agreement_queries, finding, hours, offers, promises, queries, words
from portal.forms import FILE_HELP, ReopenForm, ReportForm, take_errors
from portal.guard import customer_page, user_of
from portal.once import once
from records import contacts, notices, panels
from records.files import MAX_SIZE
from records.kinds import TICKETS, Kind
from records.models import Channel
from records.once import fingerprint
from records.pages import actor_of, now_utc
from records.services import comment, get_record

# the customer's last word on a ticket of each kind: confirm and reopen
ENDINGS: Mapping[str, Any] = {Kind.INCIDENT: incidents.services, Kind.REQUEST: fulfilment.services}
NOT_WORDS = frozenset({"once", "edition", "service", "csrfmiddlewaretoken"})


@require_GET
@customer_page
def home(request: HttpRequest) -> HttpResponse:
    """One search, one way to report, and what goes on: what waits for the customer first."""
    actor, now = actor_of(request), now_utc()
    mine = queries.own(queries.tickets(actor), actor)
    wanted = queries.yours_to_answer(queries.tickets(actor), actor)
    waiting = list(wanted.order_by("-updated_at", "-pk")[: queries.PAGE])
    going = mine.open().exclude(pk__in=[row.pk for row in waiting]).order_by("-pk")[: queries.PAGE]
    context = {
        "agreements": agreement_queries.waiting(actor),
        "announcements": current_for(actor, now=now),
        "now": now,
        "asked": answering.waiting(actor, now=now).count(),
        "approvals": Approval.objects.waiting().of(actor).count(),
        "waiting": queries.lines(waiting, actor=actor, now=now),
        "going": queries.lines(going, actor=actor, now=now),
        "sees_organisation": queries.sees_organisation(actor),
    }
    return render(request, "portal/home.html", context)


@require_GET
@customer_page
def ticket_list(request: HttpRequest) -> HttpResponse:
    """One's own tickets, or the organisation's for its contact; filters and page in the address."""
    actor = actor_of(request)
    show, whose = queries.asked(request.GET, actor)
    rows = queries.listed(actor, show, whose)
    page = queries.page_of(rows, before=_key(request, "before"), after=_key(request, "after"))
    address = f"?show={show}&whose={whose}"
    context = {
        "lines": queries.lines(page.rows, actor=actor, now=now_utc()),
        "show": show,
        "whose": whose,
        "sees_organisation": queries.sees_organisation(actor),
        "newer_url": f"{address}&after={page.newer}" if page.newer else "",
        "older_url": f"{address}&before={page.older}" if page.older else "",
    }
    return render(request, "portal/list.html", context)


def _key(request: HttpRequest, name: str) -> int | None:
    """A page's key from the address; anything but a number of sane size is no key."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None


@require_http_methods(["GET", "POST"])
@customer_page
def new(request: HttpRequest) -> HttpResponse:
    """Report something. What is refused comes back with everything typed; sending twice reports once."""
    actor, user = actor_of(request), user_of(request)
    sees_all = queries.sees_organisation(actor)
    kwargs: dict[str, Any] = {"organisation": user.organisation, "for_others": sees_all}
    if request.method == "GET":
        start = {"title": request.GET.get("title", "")[:200], "service": _key(request, "service")}
        return render(request, "portal/new.html", {"form": ReportForm(initial=start, **kwargs)})
    form = ReportForm(request.POST, request.FILES, **kwargs)
    if form.is_valid():
        key = fingerprint(request) if form.cleaned_data["once"] else ""
        try:
            url = once(key, lambda: _report(request, form), user=user, now=now_utc())
        except ValidationError as error:
            take_errors(form, error)
        else:
            return redirect(url)
    return render(request, "portal/new.html", {"form": form}, status=422)


def _report(request: HttpRequest, form: ReportForm) -> str:
    actor, user, given = actor_of(request), user_of(request), form.cleaned_data
    incident = incidents.services.open(
        actor=actor,
        now=now_utc(),
        title=given["title"],
        description=given["description"],
        customer=user.organisation,
        requester=given.get("requester") or user,
        reporter=user,
        service=given["service"],
        impact=given["affected"],
        urgency=given["hurry"],
        channel=Channel.PORTAL,
        attachments=given["attachments"],
    )
    thanks = _("Thank you. Your request has the number %(number)s.") % {"number": incident.number}
    messages.success(request, thanks)
    return reverse("portal:detail", args=[incident.number])


@require_GET
@customer_page
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One ticket: its state, what was promised, and the conversation."""
    ticket = _ticket(request, number)
    notices.read_about(ticket, actor_of(request), now=now_utc())
    return _show(request, ticket)


def _ticket(request: HttpRequest, number: str) -> Any:
    """A ticket of any kind; 404 for other work, which has pages of its own."""
    record = get_record(actor_of(request), number)
    if record.kind not in TICKETS:
        raise Http404
    return record


def _show(request: HttpRequest, ticket: Any, *, status: int = 200, **over: Any) -> HttpResponse:
    actor, now = actor_of(request), now_utc()
    talk = queries.conversation(ticket, actor, before=request.GET.get("before"))
    state = words.state_of(ticket)
    is_to_confirm = state.needs_you and ticket.phase == "done"
    may_reply = may(actor, "reply", ticket)
    context = {
        "record": ticket,
        "state": state,
        "promises": words.promises_of(ticket, queries.clocks_of(ticket), now=now),
        "entries": talk.entries,
        "older": talk.older,
        "may_reply": may_reply and not is_to_confirm and ticket.phase != "done",
        "asks_to_confirm": is_to_confirm and may(actor, "confirm", ticket),
        "reopen_form": over.pop("reopen_form", None) or ReopenForm(),
        "reply_url": f"{reverse('portal:reply', args=[ticket.number])}?once={uuid.uuid4()}",
        "file_help": FILE_HELP % {"n": MAX_SIZE // 2**20},
        "says": words.says_of(ticket),
        "is_mine": ticket.requester_id == actor.user_id,
        **panels.beside(ticket, actor, now=now, side=panels.Side.PORTAL),
        **over,
    }
    return render(request, "portal/detail.html", context, status=status)


@require_POST
@customer_page
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the desk, with files. A ticket that waited for the customer goes on with it."""
    ticket = _ticket(request, number)
    text, files = request.POST.get("body", ""), request.FILES.getlist("attachments")
    url = reverse("portal:detail", args=[ticket.number])

    def write() -> str:
        activity = comment(
            ticket,
            text=text,
            is_public=True,
            actor=actor_of(request),
            now=now_utc(),
            attachments=[file for file in files if file],
        )
        return f"{url}#entry-{activity.pk}"

    try:
        place = once(_once_key(request), write, user=user_of(request), now=now_utc())
    except ValidationError as error:
        return _show(request, ticket, status=422, body=text, reply_errors=error.messages)
    return redirect(place)


def _once_key(request: HttpRequest) -> str:
    try:
        uuid.UUID(request.GET.get("once", ""))
    except ValueError:
        return ""
    return fingerprint(request)


@require_POST
@customer_page
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """It works: recorded, and the ticket is closed. Pressed twice it stays closed."""
    ticket = _ticket(request, number)
    if not (ticket.confirmed_at and ticket.closed_at):
        ENDINGS[ticket.kind].confirm(ticket, actor=actor_of(request), now=now_utc(), close_too=True)
    messages.success(request, _("Thank you for confirming. The request is closed."))
    return redirect("portal:detail", ticket.number)


@require_POST
@customer_page
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """It does not work after all, with what still fails."""
    ticket = _ticket(request, number)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _show(request, ticket, status=422, reopen_form=form)
    reason = form.cleaned_data["reason"]
    try:
        ENDINGS[ticket.kind].reopen(ticket, reason=reason, actor=actor_of(request), now=now_utc())
    except ValidationError as error:
        take_errors(form, error)
        return _show(request, ticket, status=422, reopen_form=form)
    messages.success(request, _("We are working on it again."))
    return redirect("portal:detail", ticket.number)


@require_GET
@customer_page
def search(request: HttpRequest) -> HttpResponse:
    """Everything the customer may find with these words, by kind."""
    actor, text, now = actor_of(request), finding.clean(request.GET.get("q", "")), now_utc()
    context = {"q": text, "now": now, **finding.everything(actor, text, now=now)}
    return render(request, "portal/search.html", context)


@require_GET
@customer_page
def quick(request: HttpRequest) -> HttpResponse:
    """The best few of each kind, while somebody types in the search box."""
    text = finding.clean(request.GET.get("q", ""))
    context = {"q": text, "groups": finding.quickly(actor_of(request), text)}
    return render(request, "portal/_quick.html", context)


@require_GET
@customer_page
def helpful(request: HttpRequest) -> HttpResponse:
    """Articles that may answer what is being written in a form, whatever its fields are called."""
    text = " ".join(value for name, value in request.GET.dict().items() if name not in NOT_WORDS)
    rows = finding.helpful(actor_of(request), text)
    return render(request, "portal/_helpful.html", {"rows": rows})


@require_GET
@customer_page
def services(request: HttpRequest) -> HttpResponse:
    """What is offered, by family, in the reader's language; what is away for a while says until when."""
    text = request.GET.get("service", "").replace("\0", "").strip()[:200]
    return render(request, "portal/services.html", {"q": text, "families": offers.families(text)})


@require_GET
@customer_page
def help_page(request: HttpRequest) -> HttpResponse:
    """When the desk works, how it is reached, what is promised and charged, what happens with a request."""
    user, now = user_of(request), now_utc()
    version = sla.services.version_for(user.organisation_id, now)
    context: dict[str, Any] = {"hours": None, "promises": []}
    context |= {"ways": contacts.all_ways(), "prices": offers.prices()}
    if version:
        edition = sla.services.calendar_version_at(version.calendar_id, now)
        calendar = sla.services.hours_of(edition)
        context |= {
            "hours": hours.in_words(calendar, now=now),
            "is_open": hours.is_open(calendar, now),
            "opens_at": hours.next_opening(calendar, now),
            "promises": promises.table(sla.services.targets_of(version.pk)),
        }
    return render(request, "portal/help.html", context)
