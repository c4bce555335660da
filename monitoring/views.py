"""Pages of alerts, for the whole desk."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor, may
from actions.steps import add_errors
from monitoring import forms, queries, services
from monitoring.models import Alert, Source
from records.pages import agent_of, now_utc, paged
from records.services import get_record

PAGE = 50


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Alerts, those going on first; narrowed to a view, a source or a word."""
    actor = agent_of(request)
    asked = queries.asked(request.GET)
    view, chosen, text = asked["view"], asked["source"], asked["text"]
    rows = queries.listed(actor, **asked)
    page, kept = paged(request, rows, PAGE)
    tabs = request.GET.copy()
    for name in ("page", "view"):
        tabs.pop(name, None)
    found = queries.counts(actor)
    context = {
        "page": page, "kept": kept, "rows": [_row(row) for row in page], "view": view,
        "tabs": [
            {"key": key, "label": label, "count": found.get(key), "query": tabs.urlencode()}
            for key, label in queries.VIEWS.items()
        ],
        "sources": Source.objects.all(), "chosen": chosen, "text": text,
        "leads": may(actor, "lead_monitoring"),
    }  # fmt: skip
    return render(request, "monitoring/list.html", context)


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "badge": queries.badge(alert),
        "lasted": (alert.ended_at or now_utc()) - alert.started_at,
    }


def _alert(actor: Actor, item: int) -> Alert:
    rows = Alert.objects.visible_to(actor).select_related(
        "source__account", "incident", "item", "customer", "rule"
    )
    return get_object_or_404(rows, pk=item)


@require_GET
def detail(request: HttpRequest, item: int) -> HttpResponse:
    """An alert: its facts and labels, its ticket or why it has none, and earlier ones of the same alarm."""
    actor = agent_of(request)
    return _shown(request, actor, _alert(actor, item), forms.AttachForm(actor=actor))


def _shown(request: HttpRequest, actor: Actor, alert: Alert, form: forms.AttachForm) -> HttpResponse:
    same = Alert.objects.visible_to(actor).filter(
        source=alert.source_id, alarm=alert.alarm, item_name=alert.item_name
    )
    earlier = same.exclude(pk=alert.pk).select_related("incident").order_by("-pk")[:10]
    ticket = alert.incident
    context = {
        **_row(alert), "labels": sorted(alert.labels.items()), "earlier": [_row(row) for row in earlier],
        "form": form, "leads": may(actor, "lead_monitoring"),
        "sees_ticket": ticket is not None and may(actor, "note", ticket),
    }  # fmt: skip
    return render(request, "monitoring/detail.html", context, status=422 if form.errors else 200)


@require_POST
def attach(request: HttpRequest, item: int) -> HttpResponse:
    """Put it on a ticket there is."""
    actor = agent_of(request)
    alert = _alert(actor, item)
    form = forms.AttachForm(request.POST, actor=actor)
    if form.is_valid():
        record = get_record(actor, form.cleaned_data["number"].number)
        try:
            services.attach(alert, record=record, actor=actor, now=now_utc())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return redirect("monitoring:detail", alert.pk)
    return _shown(request, actor, alert, form)


@require_POST
def end(request: HttpRequest, item: int) -> HttpResponse:
    """It is over, though monitoring does not say so."""
    actor = agent_of(request)
    alert = services.end(_alert(actor, item), actor=actor, now=now_utc())
    messages.success(request, _("The alert is marked as over."))
    return redirect("monitoring:detail", alert.pk)
