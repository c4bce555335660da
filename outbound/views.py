"""Pages of webhooks and chat robots, for managers of all customers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from actions.steps import add_errors
from outbound import events, forms, services
from outbound.models import Message, Subscription
from records.pages import actor_for, now_utc
from records.verbs import registered, subject

LEAD = "lead_outbound"
PAGE = 30
TONES = {"new": "neutral", "sending": "accent", "sent": "good", "dead": "bad"}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Who outside is told what, and how it goes."""
    actor_for(request, LEAD)
    waiting = Q(messages__state__in=[Message.State.NEW, Message.State.SENDING])
    rows = Subscription.objects.select_related("customer", "team").annotate(
        waiting=Count("messages", filter=waiting), last=Max("messages__sent_at")
    )
    return render(request, "outbound/list.html", {"rows": [_row(row) for row in rows]})


def _row(row: Subscription) -> dict[str, Any]:
    if row.is_active:
        state, tone = (_("failing"), "warn") if row.is_failing(now_utc()) else (_("on"), "good")
    elif row.disabled_reason:
        state, tone = _("switched off after failures"), "bad"
    else:
        state, tone = _("off"), "quiet"
    words = [_event(each) for each in row.events]
    return {"subscription": row, "state": state, "tone": tone, "events": words}


def _event(name: str) -> str:
    """An event in words; one that the page does not offer by the subject of its notices."""
    if name in events.OFFERED:
        return str(events.OFFERED[name])
    return subject(name, {"number": "…"}) if name in registered() else name


def new(request: HttpRequest) -> HttpResponse:
    actor = actor_for(request, LEAD)
    is_posted = request.method == "POST"
    initial = {"keeper": actor.user_id, "language": "zh-hans", "public_only": True, "is_active": True}
    form = forms.SubscriptionForm(request.POST if is_posted else None, initial=initial)
    if is_posted and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            made = services.create(**facts, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            if not made.is_chat and not facts["secret"]:
                _show_secret(request, made.secret)
            return redirect("outbound:detail", made.pk)
    return render(request, "outbound/form.html", {"form": form}, status=422 if form.errors else 200)


def _show_secret(request: HttpRequest, secret: str) -> None:
    words = _("The secret is shown this one time; keep it with the receiver: %(secret)s")
    messages.success(request, words % {"secret": secret})


def edit(request: HttpRequest, item: int) -> HttpResponse:
    actor = actor_for(request, LEAD)
    row = get_object_or_404(Subscription, pk=item)
    is_posted = request.method == "POST"
    form = forms.SubscriptionForm(request.POST if is_posted else None, row=row, initial=forms.initial_of(row))
    if is_posted and form.is_valid():
        facts = dict(form.cleaned_data)
        expected = facts.pop("version")
        try:
            services.change(row, facts, actor=actor, now=now_utc(), expected_version=expected)
        except ValidationError as refused:
            add_errors(form, refused)
        except services.Stale:
            form.add_error(None, _("Somebody has changed it since you read it; look at it again."))
        else:
            return redirect("outbound:detail", item)
    context = {"form": form, "subscription": row}
    return render(request, "outbound/form.html", context, status=422 if form.errors else 200)


@require_GET
def detail(request: HttpRequest, item: int) -> HttpResponse:
    """A subscription and its log: every message with its attempts."""
    actor_for(request, LEAD)
    row = get_object_or_404(Subscription.objects.select_related("customer", "team", "keeper"), pk=item)
    log = row.messages.select_related("activity__record").prefetch_related("tries").order_by("-pk")
    page = Paginator(log, PAGE).get_page(request.GET.get("page"))
    context = {**_row(row), "page": page, "log": [_message(each) for each in page]}
    return render(request, "outbound/detail.html", context)


def _message(row: Message) -> dict[str, Any]:
    about = _("Test")
    if row.activity is not None:
        verb = row.activity.verb
        about = subject(verb, row.activity.data) if verb in registered() else row.activity.record.number
    tries = sorted(row.tries.all(), key=lambda each: -each.pk)
    return {
        "message": row, "about": about, "tone": TONES[row.state], "tries": tries[:5],
        "may_replay": row.state in (Message.State.SENT, Message.State.DEAD),
    }  # fmt: skip


@require_POST
def test(request: HttpRequest, item: int) -> HttpResponse:
    actor = actor_for(request, LEAD)
    row = get_object_or_404(Subscription, pk=item)
    try:
        services.send_test(row, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("A test is on its way; the log shows what came of it in a few seconds."))
    return redirect("outbound:detail", item)


@require_POST
def secret(request: HttpRequest, item: int) -> HttpResponse:
    actor = actor_for(request, LEAD)
    row = get_object_or_404(Subscription, pk=item)
    try:
        _show_secret(request, services.renew_secret(row, actor=actor, now=now_utc()))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("outbound:detail", item)


@require_POST
def replay(request: HttpRequest, item: int) -> HttpResponse:
    actor = actor_for(request, LEAD)
    row = get_object_or_404(Message, pk=item)
    services.replay(row, actor=actor, now=now_utc())
    messages.success(request, _("It is sent once more, under the same key."))
    return redirect("outbound:detail", row.subscription_id)
