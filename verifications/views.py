"""The pages of audits of the register: planned and past ones, one audit, one item of it, the report."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Actor, may
from actions import queries, steps
from actions.forms import Because
from actions.rows import row_of as action_row
from actions.steps import Nothing, Step
from cmdb.models import Item
from records.notices import read_about
from records.pages import actor_for, add_errors, get_one, now_utc
from records.timeline import entries
from verifications import audits, following, lifecycle, scopes
from verifications import forms as shapes
from verifications.facts import fact_names, said, targets_of
from verifications.figures import LISTS, standing
from verifications.models import AuditDifference, AuditEntry, AuditState, ItemAudit

PAGE = 50
UNPROCESSABLE = 422
Result = AuditEntry.Result
TONES = {
    lifecycle.PLANNED: "accent", lifecycle.RUNNING: "warn", lifecycle.REPORTED: "warn",
    lifecycle.APPROVED: "good", lifecycle.CANCELLED: "quiet",
}  # fmt: skip
RESULT_TONES = {
    Result.OPEN: "neutral", Result.AGREES: "good", Result.DIFFERS: "warn", Result.NOT_FOUND: "bad",
    Result.UNREGISTERED: "bad",
}  # fmt: skip
FIGURES = (
    ("agrees", _("In agreement"), "good"),
    ("differs", _("Differ"), "warn"),
    ("not_found", _("Not found"), "bad"),
    ("unregistered", _("Not in the register"), "bad"), ("unauthorised", _("Altered without a change"), "bad"),
    ("open", _("Not checked yet"), ""),
)  # fmt: skip


def _by_auditor(act: str, states: frozenset[str]) -> Any:
    return lambda actor, audit: (
        audit.state in states and audit.assignee_id == actor.user_id and may(actor, act, audit)
    )


def _by_leader(act: str, states: frozenset[str]) -> Any:
    return lambda actor, audit: (
        audit.state in states and audit.assignee_id != actor.user_id and may(actor, act, audit)
    )


PLANNED, RUNNING = frozenset({lifecycle.PLANNED}), frozenset({lifecycle.RUNNING})
REPORTED = frozenset({lifecycle.REPORTED})


def _open_to_leaders(act: str, states: frozenset[str]) -> Any:
    return lambda actor, audit: audit.state in states and may(actor, act, audit)


STEPS = {
    step.name: step
    for step in (
        Step(
            "draw", _("Draw the sample and begin"), Nothing,
            _by_auditor("draw_sample", PLANNED), audits.draw,
        ),
        Step(
            "unregistered", _("Add something that is not in the register"), shapes.Unregistered,
            _by_auditor("check_item", RUNNING), audits.add_unregistered,
        ),
        Step(
            "conclude", _("Conclude the audit"), shapes.Conclude,
            _by_auditor("conclude_audit", RUNNING), audits.conclude,
        ),
        Step(
            "approve", _("Approve the report"), shapes.Approve,
            _by_leader("approve_audit", REPORTED), audits.approve,
        ),
        Step(
            "return", _("Send the report back"), Because,
            _by_leader("return_audit", REPORTED), audits.send_back,
        ),
        Step(
            "replan", _("Change auditor, day or sample"), shapes.Replan,
            _open_to_leaders("plan_item_audit", PLANNED), audits.replan,
        ),
        Step(
            "cancel", _("Cancel the audit"), Because,
            _open_to_leaders("call_off_audit", PLANNED | RUNNING), audits.call_off,
        ),
    )
}  # fmt: skip


def _audit(actor: Actor, number: str) -> ItemAudit:
    return get_one(ItemAudit, actor, number)


def _row(audit: ItemAudit) -> dict[str, Any]:
    return {
        "audit": audit,
        "state": AuditState(audit.state).label,
        "tone": TONES[audit.state],
        "scope": scopes.words(audit.scope),
        "is_late": audit.state == lifecycle.PLANNED and audit.planned_on < timezone.localdate(),
    }


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Audits: those to be done first, then the past ones."""
    actor = actor_for(request, "desk", "see_items")
    rows = ItemAudit.objects.visible_to(actor).select_related("assignee").defer("population")
    rows = rows.annotate(
        sampled=Count("entries", filter=Q(entries__item__isnull=False)),
        checked=Count("entries", filter=~Q(entries__result=Result.OPEN) & Q(entries__item__isnull=False)),
    )
    todo = rows.filter(state__in=lifecycle.UNFINISHED).order_by("planned_on", "pk")[:200]
    past = rows.exclude(state__in=lifecycle.UNFINISHED).order_by("-planned_on", "-pk")
    page = Paginator(past, PAGE).get_page(request.GET.get("page"))
    context = {
        "todo": [_row(each) for each in todo],
        "past": [_row(each) for each in page],
        "page": page,
        "may_plan": may(actor, "lead_item_audits"),
    }
    return render(request, "verifications/audits.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Plan an audit."""
    actor = actor_for(request, "desk", "lead_item_audits")
    if request.method == "POST":
        form = shapes.NewAudit(request.POST, actor=actor)
        if made := steps.attempt(form, audits.plan, actor=actor, now=now_utc()):
            return redirect(made)
    else:
        start = {"planned_on": timezone.localdate(), "items": request.GET.get("items", "")}
        form = shapes.NewAudit(actor=actor, initial=start)
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "verifications/audit_new.html", {"form": form}, status=status)


@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """An audit: who, when, of what; its figures, each opening its list; the next steps; the history."""
    actor = actor_for(request, "desk", "see_items")
    audit = _audit(actor, number)
    read_about(audit, actor, now=now_utc())
    return _shown(request, actor, audit)


def _shown(request: HttpRequest, actor: Actor, audit: ItemAudit, failed: Any = None) -> HttpResponse:
    today = timezone.localdate()
    show = request.GET.get("show", "")
    rows = _entries(audit, show)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    actions: Any = queries.caused_by(audit, actor)
    context = {
        **_row(audit),
        "figures": figures_shown(audit),
        "standing": standing(audit),
        "is_begun": audit.drawn_at is not None,
        "may_check": audit.state == lifecycle.RUNNING and audit.assignee_id == actor.user_id,
        "page": page,
        "lines": _lines(page),
        "show": show if show in LISTS else "",
        "kept": f"show={show}&" if show in LISTS else "",
        "steps": steps.possible(STEPS.values(), actor, audit, failed),
        "rows": [action_row(action, today) for action in actions],
        "timeline": entries(audit, actor, fold=True).entries[::-1],
    }
    return render(request, "verifications/audit.html", context, status=UNPROCESSABLE if failed else 200)


def _entries(audit: ItemAudit, show: str = "") -> QuerySet[AuditEntry]:
    rows = audit.entries.filter(LISTS[show]) if show in LISTS else audit.entries.all()
    return (
        rows.select_related("item", "action", "checked_by")
        .prefetch_related("differences")
        .order_by("position")
    )


def figures_shown(audit: ItemAudit) -> list[dict[str, Any]]:
    """The figures of an audit, each with the address of its list."""
    found = standing(audit)
    url = reverse("verifications:detail", args=[audit.number])
    return [
        {
            "label": label,
            "value": str(found[name]),
            "tone": tone if found[name] else "",
            "url": f"{url}?show={name}#items",
        }
        for name, label, tone in FIGURES
        if name != "open" or found[name]
    ]


def _lines(page: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    names = fact_names()
    return [
        {
            "entry": entry,
            "result": entry.get_result_display(),
            "tone": RESULT_TONES[Result(entry.result)],
            "differences": [difference_shown(row, names) for row in entry.differences.all()],
        }
        for entry in page
    ]


def difference_shown(row: AuditDifference, names: dict[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "name": names.get(row.fact, row.fact),
        "expected": said(row.expected) or "–",
        "found": said(row.found) or "–",
    }


@require_POST
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Take a step; what is refused comes back on the page, with what was entered."""
    actor = actor_for(request, "desk", "see_items")
    audit = _audit(actor, number)
    failed = steps.take(STEPS, act, audit, request.POST, actor=actor)
    if failed is None:
        return redirect(audit)
    return _shown(request, actor, _audit(actor, number), failed)


@require_safe
def report(request: HttpRequest, number: str) -> HttpResponse:
    """The report to be read or printed: figures, everything that does not agree, what was done about it."""
    actor = actor_for(request, "desk", "see_items")
    audit = _audit(actor, number)
    rows = _entries(audit).exclude(result__in=[Result.AGREES, Result.OPEN])
    context = {
        **_row(audit),
        "figures": figures_shown(audit),
        "standing": standing(audit),
        "lines": _lines(rows),
    }
    return render(request, "verifications/report.html", context)


# --- one item ---------------------------------------------------------------------------------


def entry(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """One item of the sample: what the register says, and the form of what the auditor found."""
    actor = actor_for(request, "desk", "see_items")
    audit = _audit(actor, number)
    found = get_object_or_404(_entries(audit), position=position)
    targets = targets_of(found.item.type, actor) if found.item else {}
    data = request.POST if request.method == "POST" else None
    form = shapes.Checked(data, entry=found, targets=targets)
    if request.method == "POST" and form.is_valid():
        try:
            return _keep_result(audit, found, form, actor)
        except ValidationError as refused:
            add_errors(form, _by_field(refused, form))
    return _entry_shown(request, actor, audit, found, form)


def _keep_result(audit: ItemAudit, found: AuditEntry, form: shapes.Checked, actor: Actor) -> HttpResponse:
    given = form.cleaned_data
    is_differing = given["result"] == Result.DIFFERS
    audits.check(
        found, result=given["result"], found=form.found() if is_differing else {}, note=given["note"],
        is_unauthorised=given["is_unauthorised"], actor=actor, now=now_utc(),
    )  # fmt: skip
    left = audit.entries.filter(result=Result.OPEN).order_by("position").first()
    if left:
        return redirect("verifications:entry", audit.number, left.position)
    return redirect(audit)


def _by_field(refused: ValidationError, form: shapes.Checked) -> ValidationError:
    """Errors of facts at the fields of what was found."""
    errors: Any = {
        f"found-{name}" if f"found-{name}" in form.fields else name: words
        for name, words in refused.message_dict.items()
    }
    return ValidationError(errors)


def _entry_shown(
    request: HttpRequest, actor: Actor, audit: ItemAudit, found: AuditEntry, form: shapes.Checked
) -> HttpResponse:
    names = fact_names([found.item.type_id] if found.item else ())
    seen = found.item and Item.objects.visible_to(actor).filter(pk=found.item_id or 0).exists()
    context = {
        "audit": audit,
        "entry": found,
        "item": found.item if seen else None,
        "result": found.get_result_display(),
        "tone": RESULT_TONES[Result(found.result)],
        "may_check": audit.state == lifecycle.RUNNING and audit.assignee_id == actor.user_id,
        "may_correct": audit.state == lifecycle.APPROVED and may(actor, "check_item", audit),
        "form": form,
        "facts": [
            {"name": names[key], "expected": said(found.expected.get(key, "")), "field": form[f"found-{key}"]}
            for key in form.facts
        ],
        "differences": [difference_shown(row, names) for row in found.differences.all()],
        "remark": shapes.Remark(),
        "next": audit.entries.filter(position__gt=found.position).order_by("position").first(),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "verifications/entry.html", context, status=status)


@require_POST
def drop(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """Something was listed as not in the register by mistake."""
    actor = actor_for(request, "desk", "see_items")
    audit = _audit(actor, number)
    found = get_object_or_404(AuditEntry, audit=audit, position=position, item=None)
    audits.drop_unregistered(found, actor=actor, now=now_utc())
    return redirect(audit)


@require_POST
def correct(request: HttpRequest, number: str, position: int, pk: int) -> HttpResponse:
    """A remark that a fact was put right."""
    actor = actor_for(request, "desk", "see_items")
    audit = _audit(actor, number)
    row = get_object_or_404(AuditDifference, pk=pk, entry__audit=audit, entry__position=position)
    form = shapes.Remark(request.POST)
    if form.is_valid():
        following.correct(row, remark=form.cleaned_data["remark"], actor=actor, now=now_utc())
        return redirect("verifications:entry", audit.number, position)
    found = get_object_or_404(_entries(audit), position=position)
    targets = targets_of(found.item.type, actor) if found.item else {}
    shown = _entry_shown(request, actor, audit, found, shapes.Checked(entry=found, targets=targets))
    shown.status_code = UNPROCESSABLE
    return shown
