"""The desk's pages of mail: what came, what was put aside, and what becomes of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, may
from channels import forms, queries, services
from channels.models import Mailbox, MailMessage, State
from records import files
from records.markup import clean
from records.models import Record
from records.pages import actor_for, agent_of, now_utc

TABS = (
    ("waiting", gettext_lazy("To be decided")),
    ("tickets", gettext_lazy("In tickets")),
    ("automatic", gettext_lazy("Automatic")),
    ("discarded", gettext_lazy("Discarded")),
    ("all", gettext_lazy("All")),
)
TONES = {
    State.NEW: "neutral", State.OPENED: "good", State.JOINED: "good", State.QUARANTINED: "warn",
    State.HELD: "warn", State.BOUNCE: "bad",
}  # fmt: skip
LABELS = {
    "open": gettext_lazy("Open a ticket"),
    "attach": gettext_lazy("Add to a ticket"),
    "again": gettext_lazy("Let the rules decide again"),
    "discard": gettext_lazy("Discard the mail"),
}


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Mails of one sort, the newest first; sort, mailbox, sender and page are in the address."""
    actor = agent_of(request)
    show = request.GET.get("show", "")
    show = show if show in queries.SHOWS else "waiting"
    mailbox, before = _number(request, "mailbox"), _number(request, "before")
    sender = request.GET.get("sender", "").replace("\0", "").strip().lower()[:254]
    rows = queries.mails(actor, show=show, mailbox=mailbox, sender=sender)
    page = queries.page(rows, before=before)
    kept = request.GET.copy()
    kept["before"] = page.older
    context = {
        "tabs": [{"key": key, "label": label, "is_here": key == show} for key, label in TABS],
        "show": show,
        "rows": [{"mail": row, "tone": TONES.get(State(row.state), "quiet")} for row in page.rows],
        "waiting": queries.waiting_count(actor),
        "mailboxes": Mailbox.objects.all(),
        "mailbox": mailbox,
        "sender": sender,
        "failing": queries.failing(),
        "is_filtered": bool(sender or mailbox or before),
        "next_url": f"?{kept.urlencode()}" if page.older else "",
        "may_administer": may(actor, "administer"),
    }
    return render(request, "channels/list.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


def _mail(actor: Actor, pk: int) -> MailMessage:
    if pk >= 2**63:
        raise Http404
    rows = MailMessage.objects.visible_to(actor)
    found: MailMessage | None = (
        rows.select_related("mailbox", "customer", "record", "decided_by").filter(pk=pk).first()
    )
    if found is None:
        raise Http404(_("There is no such mail."))
    return found


@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: who, what, why it is where it is, and what may be done with it."""
    actor = agent_of(request)
    return _show(request, _mail(actor, pk), actor)


def _show(
    request: HttpRequest, found: MailMessage, actor: Actor, *, failed: Any = None, status: int = 200
) -> HttpResponse:
    may_sort = found.is_open and may(actor, "sort_mail")
    name, form = failed or ("", None)
    steps = [
        {
            "name": each, "label": label,
            "form": form if each == name else forms.form_of(each, found, actor),
        }
        for each, label in LABELS.items()
    ]  # fmt: skip
    record = found.record
    sees = record is not None and Record.objects.visible_to(actor).filter(pk=record.pk).exists()
    twin = found.detail if found.state == State.DUPLICATE and found.detail.isdecimal() else ""
    context = {
        "mail": found,
        "tone": TONES.get(State(found.state), "quiet"),
        "steps": steps if may_sort else [],
        "record": record if sees else None,
        "twin": twin,
        "detail": "" if twin or found.detail.isalnum() else found.detail,
        "refused": form.non_field_errors() if form is not None and not may_sort else [],
        "html": clean(found.html) if found.html else "",
        "named": found.detail if found.is_open and found.detail.isalnum() else "",
    }
    return render(request, "channels/message.html", context, status=status)


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes as they were delivered, as a download and never as a page of this site."""
    found = _mail(agent_of(request), pk)
    try:
        stream = files.path_of(found.key).open("rb")
    except OSError as missing:
        raise Http404 from missing
    response = FileResponse(
        stream, as_attachment=True, filename=f"mail-{found.pk}.eml", content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def decide(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Decide on a mail that was put aside."""
    actor = actor_for(request, "sort_mail")
    found = _mail(actor, pk)
    if act not in forms.FORMS:
        raise Http404(_("There is no such step."))
    form = forms.form_of(act, found, actor, request.POST)
    if form.is_valid():
        try:
            return _decide(request, found, act, form.cleaned_data, actor)
        except ValidationError as refused:
            for field, words in _by_field(refused).items():
                form.add_error(field if field in form.fields else None, words)
    found.refresh_from_db()
    return _show(request, found, actor, failed=(act, form), status=422)


def _by_field(refused: ValidationError) -> dict[str | None, list[str]]:
    if hasattr(refused, "error_dict"):
        return dict(refused.message_dict.items())
    return {None: refused.messages}


def _decide(
    request: HttpRequest, found: MailMessage, name: str, given: dict[str, Any], actor: Actor
) -> HttpResponse:
    now = now_utc()
    if name == "open":
        incident = services.open_ticket(found, **given, actor=actor, now=now)
        messages.success(request, _("Ticket %(number)s was opened.") % {"number": incident.number})
        return redirect(incident.get_absolute_url())
    if name == "attach":
        record = services.attach(found, **given, actor=actor, now=now)
        messages.success(request, _("The mail was added to %(number)s.") % {"number": record.number})
        return redirect(record.get_absolute_url())
    if name == "discard":
        services.discard(found, **given, actor=actor, now=now)
        messages.success(request, _("The mail was discarded; it stays in the list of discarded mails."))
        return redirect("channels:list")
    services.process_again(found, actor=actor, now=now)
    found.refresh_from_db()
    messages.info(request, _("Decided again: %(state)s.") % {"state": found.get_state_display()})
    return redirect("channels:message", found.pk)
