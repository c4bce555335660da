"""Pages where managers keep sources and rules, with a try-out on received alerts before a rule counts."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Actor
from actions.steps import add_errors
from monitoring import forms, matching, queries, services
from monitoring.models import Rule, Source
from records.pages import actor_for, now_utc

TRIED_SHOWN = 20
LEAD = "lead_monitoring"


@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """The monitoring systems that report to us."""
    actor_for(request, LEAD)
    rows = Source.objects.select_related("account").annotate(
        open_alerts=Count("alerts", filter=Q(alerts__status="firing")), heard_at=Max("alerts__heard_at")
    )
    return render(request, "monitoring/sources.html", {"rows": rows})


def new_source(request: HttpRequest) -> HttpResponse:
    """Make a source before it delivers for the first time."""
    actor = actor_for(request, LEAD)
    form = forms.SourceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (made := _saved_source(form, actor)):
        return redirect("monitoring:source", made.pk)
    context = {"form": form, "is_new": True}
    return render(request, "monitoring/source.html", context, status=422 if form.errors else 200)


def _saved_source(form: forms.SourceForm, actor: Actor) -> Source | None:
    if not form.is_valid():
        return None
    try:
        return services.save_source(form.instance, actor=actor)
    except ValidationError as refused:
        add_errors(form, refused)
        return None


def source(request: HttpRequest, item: int) -> HttpResponse:
    """A source: what it does on recovery, and its rules in their order."""
    actor = actor_for(request, LEAD)
    found = get_object_or_404(Source.objects.select_related("account"), pk=item)
    form = forms.SourceForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and _saved_source(form, actor):
        messages.success(request, _("Saved."))
        return redirect("monitoring:source", item)
    rules = found.rules.select_related("customer", "service", "team")
    rules = rules.annotate(hits=Count("alerts")).order_by("position", "pk")
    context = {
        "form": form, "source": found, "rules": rules,
        "unmatched": found.alerts.filter(status="firing", why__in=queries.MISSED).count(),
    }  # fmt: skip
    return render(request, "monitoring/source.html", context, status=422 if form.errors else 200)


@require_POST
def apply_rules(request: HttpRequest, item: int) -> HttpResponse:
    """Offer what goes on without a ticket to the rules that are switched on by now."""
    actor = actor_for(request, LEAD)
    found = get_object_or_404(Source, pk=item)
    count = services.apply_rules(found, actor=actor, now=now_utc())
    words = ngettext("%(n)s alert got a ticket.", "%(n)s alerts got a ticket.", count)
    messages.success(request, words % {"n": count})
    return redirect("monitoring:source", item)


def new_rule(request: HttpRequest, item: int) -> HttpResponse:
    actor = actor_for(request, LEAD)
    owner = get_object_or_404(Source, pk=item)
    return _rule_page(request, actor, Rule(source=owner))


def rule(request: HttpRequest, item: int) -> HttpResponse:
    actor = actor_for(request, LEAD)
    return _rule_page(request, actor, get_object_or_404(Rule.objects.select_related("source"), pk=item))


def _rule_page(request: HttpRequest, actor: Actor, row: Rule) -> HttpResponse:
    """A rule; "try" shows what it would have fitted and saves nothing."""
    is_posted = request.method == "POST"
    form = forms.RuleForm(request.POST if is_posted else None, instance=row)
    is_new = row.pk is None
    tries = is_posted and request.POST.get("do") == "try"
    if is_posted and form.is_valid() and not tries:
        try:
            services.save_rule(form.instance, actor=actor)
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("monitoring:source", row.source_id)
    context = {"form": form, "source": row.source, "rule": row, "is_new": is_new}
    if tries and not form.errors:
        context["tried"] = _tried(form.instance)
    elif not is_new and not form.errors:
        context["tried"] = _tried(row)
    return render(request, "monitoring/rule.html", context, status=422 if form.errors else 200)


def _tried(row: Rule) -> dict[str, Any]:
    """What the conditions fit among the last alerts of the source, and how many tickets that would be."""
    rows = queries.received(row.source)
    found = services.tried(row, rows)
    tickets = len(found)
    if row.action == Rule.Action.IGNORE:
        tickets = 0
    elif row.grouping:
        tickets = len({matching.group_of(row.grouping, alert.labels) for alert in found})
    return {
        "of": len(rows), "fits": len(found), "tickets": tickets,
        "rows": [{"alert": alert, "badge": queries.badge(alert)} for alert in found[:TRIED_SHOWN]],
    }  # fmt: skip
