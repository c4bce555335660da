"""Pages of rules, for managers: the list, one rule with its try-outs and runs, and writing it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor
from automation import forms, rule_forms, rules, services, steps, telling
from automation.models import Happening, Rule, RuleEdition, Run, TryOut
from automation.words_views import version_in
from records.models import Record
from records.pages import actor_for, add_errors, now_utc

LEAD = "lead_automation"
PAGE = 20
TONES = {
    Run.Outcome.DONE: "good", Run.Outcome.PARTLY: "warn", Run.Outcome.NOTHING: "neutral",
    Run.Outcome.REFUSED: "warn", Run.Outcome.FAILED: "bad", Run.Outcome.LOOP: "slate",
    Run.Outcome.DEPTH: "slate",
}  # fmt: skip


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The rules in the order in which they are asked."""
    actor = actor_for(request, LEAD)
    rows = Rule.objects.select_related("active", "keeper").annotate(last_run=Max("runs__at"))
    page = Paginator(rows.order_by("position", "pk"), PAGE).get_page(request.GET.get("page"))
    newest = rules.latest_of(rule for rule in page if rule.active is None)
    said = _contents([rule.active or newest[rule.pk] for rule in page], actor)
    shown = [{"rule": rule, **content} for rule, content in zip(page, said, strict=True)]
    context = {
        "page": page, "rows": shown, "here": "rules", "leads": True,
        "dead": Happening.objects.filter(is_dead=True).count(),
    }  # fmt: skip
    return render(request, "automation/rules.html", context)


def _content(edition: RuleEdition, actor: Actor) -> dict[str, Any]:
    """What an edition says, in words."""
    return _contents([edition], actor)[0]


def _contents(editions: Sequence[RuleEdition], actor: Actor) -> list[dict[str, Any]]:
    """What editions say, in words; the number of queries does not grow with them."""
    labels = dict(rules.states())
    groups = rule_forms.said([edition.conditions for edition in editions], actor)
    lines = steps.words_of_each([edition.steps for edition in editions], actor)
    return [
        {
            "edition": edition,
            "into": [labels.get(code, code) for code in edition.into],
            "groups": group,
            "lines": line,
        }
        for edition, group, line in zip(editions, groups, lines, strict=True)
    ]


@require_GET
def detail(request: HttpRequest, item: int) -> HttpResponse:
    """A rule: what it says, its last try-out, whether it is on, and what it did."""
    actor = actor_for(request, LEAD)
    rule = get_object_or_404(Rule.objects.select_related("active", "keeper"), pk=item)
    newest = rules.latest(rule)
    tried = newest.tries.select_related("by").order_by("-pk").first()
    visible = Record.objects.visible_to(actor)
    runs = rule.runs.filter(record__in=visible).select_related("record", "edition").order_by("-pk")
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    context = {
        "rule": rule, "tried": tried, "here": "rules", "leads": True, "page": page,
        "newest": _content(newest, actor),
        "in_force": _content(rule.active, actor) if rule.active and rule.active != newest else None,
        "runs": [_run(run) for run in page],
        "switches": rule.switches.select_related("by", "edition").order_by("-pk")[:10],
    }  # fmt: skip
    return render(request, "automation/rule.html", context)


def _run(run: Run) -> dict[str, Any]:
    outcome = Run.Outcome(run.outcome)
    return {"run": run, "tone": TONES[outcome], "label": outcome.label, "lines": telling.read(run.lines)}


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, item: int | None = None) -> HttpResponse:
    """A rule, new or as a new edition."""
    actor = actor_for(request, LEAD)
    rule = get_object_or_404(Rule, pk=item) if item else None
    if request.method == "POST":
        form = rule_forms.RuleForm(request.POST)
        groups = rule_forms.group_forms(actor, data=request.POST)
        rows = forms.StepRows(request.POST, actor=actor, is_personal=False)
        are_valid = [form.is_valid(), rows.is_valid(), *(group.is_valid() for group in groups)]
        if all(are_valid):
            saved = _saved(request, rule, form, groups, rows, actor)
            if saved:
                messages.success(request, _("The rule was saved. Try it out before you switch it on."))
                return redirect(saved)
    else:
        edition = rules.latest(rule) if rule else None
        form = rule_forms.RuleForm(
            initial=rule_forms.RuleForm.facts_of(rule, edition) if rule and edition else None
        )
        groups = rule_forms.group_forms(actor, kept=edition.conditions if edition else ())
        rows = forms.StepRows(None, actor=actor, is_personal=False, kept=edition.steps if edition else ())
    context = {
        "form": form, "rule": rule, "rows": rows, "here": "rules", "leads": True,
        "groups": [
            {"form": group, "is_open": index == 0 or group.errors or bool(group.initial)}
            for index, group in enumerate(groups)
        ],
    }  # fmt: skip
    return render(request, "automation/rule_form.html", context, status=422 if form.is_bound else 200)


def _saved(
    request: HttpRequest,
    rule: Rule | None,
    form: rule_forms.RuleForm,
    groups: list[rule_forms.GroupForm],
    rows: forms.StepRows,
    actor: Actor,
) -> Rule | None:
    asked = [group.group() for group in groups]
    facts = {**form.cleaned_data, "conditions": [g for g in asked if g], "steps": rows.steps()}
    try:
        return rules.save(rule, facts, actor=actor, now=now_utc(), expected_version=version_in(request))
    except ValidationError as refused:
        add_errors(form, refused)
    except services.Stale:
        form.add_error(None, _("Somebody else saved this meanwhile. Open it again and look."))
    return None


@require_POST
def try_out(request: HttpRequest, item: int) -> HttpResponse:
    """Run the newest edition over existing tickets; nothing is written."""
    actor = actor_for(request, LEAD)
    rule = get_object_or_404(Rule, pk=item)
    asked = request.POST.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 0
    try:
        tried = rules.try_out(rules.latest(rule), days=days, actor=actor, now=now_utc())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(rule)
    return redirect("automation:tried", rule.pk, tried.pk)


@require_GET
def tried(request: HttpRequest, item: int, run: int) -> HttpResponse:
    """What a try-out found, ticket by ticket, of those the reader may see."""
    actor = actor_for(request, LEAD)
    rows = TryOut.objects.select_related("edition__rule", "by")
    found = get_object_or_404(rows, pk=run, edition__rule=item)
    seen = found.rows.filter(record__in=Record.objects.visible_to(actor)).select_related("record__customer")
    page = Paginator(seen.order_by("pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "tried": found, "rule": found.edition.rule, "page": page, "here": "rules", "leads": True,
        "rows": [{"row": row, "lines": telling.read(row.lines)} for row in page],
        "is_newest": found.edition == rules.latest(found.edition.rule),
    }  # fmt: skip
    return render(request, "automation/tried.html", context)


@require_POST
def switch(request: HttpRequest, item: int) -> HttpResponse:
    """On, with the newest edition, or off."""
    actor = actor_for(request, LEAD)
    rule = get_object_or_404(Rule, pk=item)
    reason = request.POST.get("reason", "")[:300]
    try:
        if request.POST.get("do") == "on":
            newest = rules.latest(rule)
            if request.POST.get("edition") != str(newest.number):
                messages.error(request, _("There is a newer edition; look at it first."))
                return redirect(rule)
            rules.switch_on(rule, newest, actor=actor, now=now_utc(), reason=reason)
            messages.success(request, _("The rule is on, in your name."))
        else:
            rules.switch_off(rule, actor=actor, now=now_utc(), reason=reason)
            messages.success(request, _("The rule is off."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(rule)


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Offer once more what could not be worked off."""
    actor_for(request, LEAD)
    count = Happening.objects.filter(is_dead=True).update(is_dead=False, attempts=0, available_at=now_utc())
    words = ngettext("%(n)s entry is offered again.", "%(n)s entries are offered again.", count)
    messages.success(request, words % {"n": count})
    return redirect("automation:rules")
