"""The pages of early warnings: those there are, and the rules that raise them."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Actor, may
from actions.steps import attempt
from analysis import asking, warning
from analysis.asking import better_of, figure_of
from analysis.forms import Facts, New
from analysis.models import Rule, Warned
from records import span_words
from records.pages import actor_for

PAGE = 50


@require_safe
def warnings(request: HttpRequest) -> HttpResponse:
    """What is warned of now, what was, and what is watched."""
    choice = asking.choice_of(request)
    rows = warning.warnings(choice.actor)
    is_past = request.GET.get("past") == "1"
    page = Paginator(rows.filter(ended_at__isnull=not is_past), PAGE).get_page(request.GET.get("page"))
    rules = list(warning.rules(choice.actor)[:500])
    context = asking.frame(
        request, choice, "warnings", rows=[_row(each) for each in page], page=page, is_past=is_past,
        n_now=rows.filter(ended_at=None).count(), rules=[_rule_row(rule) for rule in rules],
        leads=may(choice.actor, "lead_kpis"),
    )  # fmt: skip
    return render(request, "analysis/warnings.html", context)


def _row(warned: Warned) -> dict[str, Any]:
    rule = warned.rule
    figure = figure_of(f"{rule.kpi}:{rule.part}")
    return {
        "warned": warned, "name": figure.name, "id": figure.kpi.id, "customer": rule.customer,
        "span": span_words.words(warning.span_of(warned)), "cause": warned.get_cause_display(),
        "told": warning.reason_words(rule, warned.cause, warned.facts), "url": _trend_url(rule),
        "action": warned.action,
    }  # fmt: skip


def _rule_row(rule: Rule) -> dict[str, Any]:
    reasons = []
    if rule.forecast:
        reasons.append(_("its goal will be missed"))
    if rule.row:
        reasons.append(_("worse %(n)s times in a row") % {"n": rule.row})
    if rule.limits:
        reasons.append(_("outside its usual limits"))
    figure = figure_of(f"{rule.kpi}:{rule.part}")
    return {"rule": rule, "name": figure.name, "reasons": reasons, "url": _trend_url(rule)}


def _trend_url(rule: Rule) -> str:
    code = f"{rule.kpi}:{rule.part}" if rule.part else rule.kpi
    customer = f"&customer={rule.customer_id}" if rule.customer_id else ""
    return f"{reverse('analysis:trend')}?figure={code}&span={rule.span_kind}{customer}"


@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    """Watch a figure; the address may bring which one."""
    actor = actor_for(request, "lead_kpis")
    if request.method == "POST":
        form: forms.Form | Any = New(request.POST, actor=actor)
        if attempt(form, _maker(None), actor=actor):
            return redirect("analysis:warnings")
    else:
        form = New(actor=actor, initial=_start(request, actor))
    return render(request, "analysis/rule.html", {"form": form}, status=422 if form.errors else 200)


def _start(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    code = request.GET.get("figure", "")
    found: dict[str, Any] = {
        "figure": code, "customer": request.GET.get("customer", ""),
        "span_kind": request.GET.get("span") or "month",
    }  # fmt: skip
    if code and (figure := figure_of(code)).kpi.parts:
        found["better"] = better_of(figure, timezone.localdate()) or None
    return found


def _maker(rule: Rule | None) -> Any:
    def make(*, actor: Actor, **facts: Any) -> Rule:
        if rule is not None:
            figure = figure_of(f"{rule.kpi}:{rule.part}")
            return warning.set_rule(
                figure, customer=rule.customer_id, span_kind=rule.span_kind, rule=rule, actor=actor, **facts
            )
        customer = facts.pop("customer")
        return warning.set_rule(
            figure_of(facts.pop("figure")), customer=customer.pk if customer else None,
            span_kind=facts.pop("span_kind"), actor=actor, **facts,
        )  # fmt: skip

    return make


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is a reason to warn, who is told, and whether it is in use."""
    actor = actor_for(request, "lead_kpis")
    found = get_object_or_404(warning.rules(actor), pk=pk)
    form = Facts(request.POST or None, instance=found)
    if request.method == "POST" and attempt(form, _maker(found), actor=actor):  # type: ignore[arg-type]
        return redirect("analysis:warnings")
    context = {"form": form, **_rule_row(found), "watched": found}
    return render(request, "analysis/rule.html", context, status=422 if form.errors else 200)
