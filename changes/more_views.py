"""Pages beside the changes: models of standard ones, risk questions, unauthorised ones, the figures."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import may, require
from accounts.models import in_reader_language
from changes import figures, queries, risks, show, templates, unauthorised
from changes import forms as shapes
from changes.models import Approval, Change, ChangeTemplate, RiskEdition, UnauthorisedChange
from changes.risk import Questionnaire
from changes.risk_forms import EditionForm
from records import span_words, spans
from records.pages import actor_of, add_errors, agent_of, now_utc

PAGE = 50
SPANS = ("quarter", "year")
UNPROCESSABLE = 422
TEMPLATE_TONES = {"proposed": "warn", "approved": "good", "withdrawn": "quiet"}
FOUND_TONES = {"open": "bad", "regular": "accent", "backed_out": "good"}


# --- models of standard changes --------------------------------------------------------------


def _template_row(row: ChangeTemplate) -> dict[str, Any]:
    return {"template": row, "state": row.get_state_display(), "tone": TEMPLATE_TONES[row.state]}


def template_list(request: HttpRequest) -> HttpResponse:
    """The models, each edition a row; withdrawn ones last."""
    actor = agent_of(request)
    rows = ChangeTemplate.objects.select_related("service", "approved_by", "proposed_by")
    page = Paginator(rows.order_by("withdrawn_at", "code", "-edition"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "rows": [_template_row(row) for row in page],
        "page": page,
        "leads": may(actor, "lead_changes"),
    }
    return render(request, "changes/templates.html", context)


def template_new(request: HttpRequest) -> HttpResponse:
    """Propose a model, or the next edition of one (?from=<id>)."""
    actor = agent_of(request)
    require(actor, "lead_changes")
    if request.method == "POST":
        form = shapes.Template(request.POST, actor=actor)
        if form.is_valid():
            facts = dict(form.cleaned_data)
            code = facts.pop("code")
            try:
                made = templates.propose(code=code, facts=facts, actor=actor, now=now_utc())
                return redirect("changes:template", made.pk)
            except ValidationError as refused:
                add_errors(form, refused)
    else:
        asked = queries.whole(request.GET.get("from", ""))
        old = ChangeTemplate.objects.filter(pk=asked).first() if asked else None
        start = {name: getattr(old, name) for name in (*templates.FIELDS, "code")} if old else {}
        form = shapes.Template(actor=actor, initial=start)
    context = {"form": form}
    return render(
        request, "changes/template_form.html", context, status=UNPROCESSABLE if form.errors else 200
    )


def template_detail(request: HttpRequest, item: int) -> HttpResponse:
    """One edition of a model, with what may be done with it."""
    actor = agent_of(request)
    row = get_object_or_404(ChangeTemplate.objects.select_related("service", "approved_by"), pk=item)
    return _template_page(request, row, None, may(actor, "lead_changes"))


def _template_page(request: HttpRequest, row: ChangeTemplate, form: Any, leads: bool) -> HttpResponse:
    actor = actor_of(request)
    used = queries.with_counts(row.changes.all()).filter(pk__in=_visible(actor)).order_by("-pk")[:20]
    context = {
        **_template_row(row),
        "leads": leads,
        "is_usable": row.state == ChangeTemplate.State.APPROVED,
        "may_approve": leads and row.state == "proposed" and row.proposed_by_id != actor.user_id,
        "may_withdraw": leads and row.state != "withdrawn",
        "form": form or shapes.Because(initial={"version": row.version}),
        "used": [show.row_of(change) for change in used],
    }
    return render(request, "changes/template.html", context, status=UNPROCESSABLE if form else 200)


def _visible(actor: Any) -> Any:
    return Change.objects.visible_to(actor).values("pk")


@require_POST
def template_act(request: HttpRequest, item: int, act: str) -> HttpResponse:
    """Approve or withdraw a model."""
    actor = agent_of(request)
    row = get_object_or_404(ChangeTemplate, pk=item)
    form = shapes.Because(request.POST) if act == "withdraw" else shapes.Versioned(request.POST)
    if act not in ("approve", "withdraw"):
        raise Http404(_("There is no such step."))
    if form.is_valid():
        doing: Any = {"expected_version": form.cleaned_data["version"], "actor": actor, "now": now_utc()}
        try:
            if act == "withdraw":
                templates.withdraw(row, reason=form.cleaned_data["because"], **doing)
            else:
                templates.approve(row, **doing)
            return redirect("changes:template", row.pk)
        except ValidationError as refused:
            add_errors(form, refused)
    row.refresh_from_db()
    return _template_page(request, row, form, may(actor, "lead_changes"))


# --- risk questions --------------------------------------------------------------------------


def risk(request: HttpRequest) -> HttpResponse:
    """The present questions and levels, the editions of before; leaders write the next one."""
    actor = agent_of(request)
    present = risks.current(now=now_utc())
    leads = may(actor, "lead_changes")
    form = EditionForm(definition=present.definition) if leads else None
    if request.method == "POST":
        require(actor, "lead_changes")
        form = EditionForm(request.POST, definition=present.definition)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                risks.write_edition(form.definition(), reason=reason, actor=actor, now=now_utc())
                return redirect("changes:risk")
            except ValidationError as refused:
                add_errors(form, refused)
    asked = queries.whole(request.GET.get("edition", ""))
    shown = RiskEdition.objects.filter(number=asked).first() if asked else None
    context = {
        "edition": shown or present,
        "is_present": shown is None or shown == present,
        "editions": RiskEdition.objects.select_related("created_by")[:PAGE],
        **_questions((shown or present).definition),
        "form": form,
        "groups": form.groups() if form else [],
    }
    return render(
        request, "changes/risk.html", context, status=UNPROCESSABLE if form and form.errors else 200
    )


def _questions(definition: Any) -> dict[str, Any]:
    found = Questionnaire.parse(definition)
    return {
        "questions": [
            {
                "words": in_reader_language(each.en, each.zh),
                "weight": each.weight,
                "answers": [(in_reader_language(a.en, a.zh), a.points) for a in each.answers],
            }
            for each in found.questions
        ],
        "limits": list(zip((2, 3, 4), found.limits, strict=True)),
        "levels": [{"party": Approval.Party(each.party).label, "level": each} for each in found.levels],
    }


# --- unauthorised changes --------------------------------------------------------------------


def _found_row(row: UnauthorisedChange) -> dict[str, Any]:
    return {
        "row": row, "state": row.get_state_display(), "tone": FOUND_TONES[row.state],
        "item_url": show.item_url(row.item),
    }  # fmt: skip


def unauthorised_list(request: HttpRequest) -> HttpResponse:
    """What was found and nobody approved, the newest first; reported here by hand."""
    actor = agent_of(request)
    form = shapes.Found(request.POST if request.method == "POST" else None, actor=actor)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            row = unauthorised.record(
                item=found["items"], found=found["found"], cause=None, actor=actor, now=now_utc()
            )
            return redirect("changes:unauthorised-one", row.pk)
        except ValidationError as refused:
            add_errors(form, refused)
    state = request.GET.get("state", "")
    page = Paginator(queries.unauthorised(actor, state), PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [_found_row(row) for row in page],
        "page": page,
        "state": state,
        "states": UnauthorisedChange.State.choices,
        "form": form,
    }
    return render(request, "changes/unauthorised.html", context, status=UNPROCESSABLE if form.errors else 200)


def unauthorised_one(request: HttpRequest, item: int) -> HttpResponse:
    """One of them, with the two ways to settle it."""
    actor = agent_of(request)
    rows = UnauthorisedChange.objects.shown_to(actor)
    row = get_object_or_404(rows, pk=item)
    regularise = shapes.Regularise(auto_id="regular-%s", initial={"title": f"{row.item.name}"})
    back_out = shapes.BackOut(auto_id="back-%s")
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if "back" in request.POST:
            back_out = shapes.BackOut(request.POST, auto_id="back-%s")
            form: forms.Form = back_out
        else:
            form = regularise = shapes.Regularise(request.POST, auto_id="regular-%s")
        if form.is_valid():
            verb: Any = unauthorised.back_out if form is back_out else unauthorised.regularise
            try:
                made = verb(row, **form.cleaned_data, actor=actor, now=now_utc())
                return redirect(made) if form is regularise else redirect("changes:unauthorised-one", row.pk)
            except ValidationError as refused:
                add_errors(form, refused)
    context = {
        **_found_row(row),
        "may_settle": row.state == "open" and may(actor, "settle_unauthorised"),
        "regularise": regularise,
        "back_out": back_out,
    }
    return render(request, "changes/unauthorised_one.html", context, status=status)


# --- figures ---------------------------------------------------------------------------------


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def figure_table(request: HttpRequest) -> HttpResponse:
    """The figures of a year: its quarters and the whole; each number opens its list."""
    actor = agent_of(request)
    asked = request.GET.get("year", "")
    year = spans.read(asked, ("year",), today=timezone.localdate(), zone=_zone())
    columns = [*year.parts("quarter"), year]
    context = {
        "year": year,
        "years": [year.previous, year.next],
        "columns": [span_words.words(each) for each in columns],
        "rows": figures.table(actor, columns),
    }
    return render(request, "changes/figures.html", context)


def figure_list(request: HttpRequest, name: str, period: str) -> HttpResponse:
    """The rows behind one number."""
    actor = agent_of(request)
    figure = figures.FIGURES.get(name)
    span = spans.read(period, SPANS, today=timezone.localdate(), zone=_zone())
    if figure is None or span.code != period:
        raise Http404(_("There is no such figure."))
    rows = figure.within(actor, span)
    if figure.is_change:
        rows = (
            queries.with_counts(rows).select_related("assignee", "customer").order_by(f"-{figure.at}", "-pk")
        )
    else:
        rows = UnauthorisedChange.objects.shown_to(actor).filter(pk__in=rows.values("pk"))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "figure": figure,
        "period": span_words.words(span),
        "year": span.year.code,
        "rows": [show.row_of(row) if figure.is_change else _found_row(row) for row in page],
        "page": page,
    }
    return render(request, "changes/figure.html", context)
