"""Pages of macros and reply templates."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Actor, may
from automation import filling, forms, services, steps
from automation.models import Macro, ReplyTemplate
from automation.placeholders import NAMES
from records import changes
from records.pages import actor_for, add_errors, now_utc
from records.services import get_record

PAGE = 50
USE, LEAD = "use_automation", "lead_automation"


def version_in(request: HttpRequest) -> int | None:
    """The version a form was filled in on; None where it says none."""
    seen = request.POST.get("version", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else None


@require_GET
def macros(request: HttpRequest) -> HttpResponse:
    """One's own macros and those one may use; leaders see all that are shared."""
    actor = actor_for(request, USE)
    rows = Macro.objects.visible_to(actor).select_related("owner", "team", "template")
    page = Paginator(rows.order_by("-is_active", "name_en", "pk"), PAGE).get_page(request.GET.get("page"))
    said = steps.words_of_each([macro.steps for macro in page], actor)
    shown = [
        {"macro": macro, "lines": lines, "keeps": services.may_keep(macro, actor)}
        for macro, lines in zip(page, said, strict=True)
    ]
    context = {"page": page, "rows": shown, "here": "macros", "leads": may(actor, LEAD)}
    return render(request, "automation/macros.html", context)


@require_http_methods(["GET", "POST"])
def macro(request: HttpRequest, item: int | None = None) -> HttpResponse:
    """A macro, new or changed."""
    actor = actor_for(request, USE)
    row = get_object_or_404(Macro.objects.visible_to(actor), pk=item) if item else None
    if row and not services.may_keep(row, actor):
        raise Http404(_("There is no such macro."))
    if request.method == "POST":
        form = forms.MacroForm(request.POST, actor=actor)
        rows = forms.StepRows(request.POST, actor=actor, is_personal=True)
        if form.is_valid() and rows.is_valid():
            try:
                facts = {**form.facts(), "steps": rows.steps()}
                services.save_macro(
                    row, facts, actor=actor, now=now_utc(), expected_version=version_in(request)
                )
            except ValidationError as refused:
                add_errors(form, refused)
            except services.Stale:
                form.add_error(None, _("Somebody else saved this meanwhile. Open it again and look."))
            else:
                messages.success(request, _("The macro was saved."))
                return redirect("automation:macros")
    else:
        form = forms.MacroForm(
            initial=forms.MacroForm.facts_of(row) if row else {"reach": "own"}, actor=actor
        )
        rows = forms.StepRows(None, actor=actor, is_personal=True, kept=row.steps if row else ())
    status = 200 if request.method == "GET" else 422
    context = {"form": form, "rows": rows, "macro": row, "here": "macros", "leads": may(actor, LEAD)}
    return render(request, "automation/macro.html", context, status=status)


@require_GET
def step(request: HttpRequest) -> HttpResponse:
    """The value a chosen change asks for, as a line of a list of steps shows it."""
    actor = actor_for(request, USE)
    asked = request.GET.get("index", "")
    index = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 3 else 0
    change = changes.get(request.GET.get(f"s{index}-change", ""))
    form = forms.value_form(change, actor, index) if change and change.field else None
    context = {"field": form["value"] if form else None}
    return render(request, "automation/_value.html", context)


@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """The reply templates."""
    actor = actor_for(request, USE)
    leads = may(actor, LEAD)
    rows = ReplyTemplate.objects.all() if leads else ReplyTemplate.objects.usable_by(actor)
    rows = rows.select_related("team").order_by("-is_active", "name_en", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "automation/templates.html",
        {"page": page, "rows": page, "here": "templates", "leads": leads},
    )


@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, item: int | None = None) -> HttpResponse:
    """A reply template, new or changed; on the same page it is tried on a ticket."""
    actor = actor_for(request, LEAD)
    row = get_object_or_404(ReplyTemplate, pk=item) if item else None
    tried: dict[str, Any] = {}
    if request.method == "POST":
        form = forms.TemplateForm(request.POST)
        if form.is_valid():
            if request.POST.get("do") == "try":
                tried = _tried(request, form, actor)
            elif _saved(request, form, row, actor):
                return redirect("automation:templates")
    else:
        form = forms.TemplateForm(initial=forms.TemplateForm.facts_of(row) if row else None)
    context = {
        "form": form, "row": row, "here": "templates", "leads": True, "tried": tried,
        "number": request.POST.get("number", "")[:20],
        "known": [(f"{{{{{name}}}}}", filling.MEANINGS[name]) for name in NAMES],
    }  # fmt: skip
    status = 422 if request.method == "POST" and not (tried and "problem" not in tried) else 200
    return render(request, "automation/template.html", context, status=status)


def _saved(request: HttpRequest, form: forms.TemplateForm, row: ReplyTemplate | None, actor: Actor) -> bool:
    seen = version_in(request)
    try:
        services.save_template(row, form.cleaned_data, actor=actor, now=now_utc(), expected_version=seen)
    except ValidationError as refused:
        add_errors(form, refused)
    except services.Stale:
        form.add_error(None, _("Somebody else saved this meanwhile. Open it again and look."))
    else:
        messages.success(request, _("The reply template was saved."))
        return True
    return False


def _tried(request: HttpRequest, form: forms.TemplateForm, actor: Actor) -> dict[str, Any]:
    """The text as typed, filled in for a ticket; nothing is saved."""
    for name in ("text_en", "text_zh"):
        if problem := services.problem_of(form.cleaned_data[name]):
            form.add_error(name, problem)
    if form.errors:
        return {}
    try:
        record = get_record(actor, request.POST.get("number", "").strip())
    except Http404 as missing:
        return {"problem": str(missing)}
    draft = ReplyTemplate(text_en=form.cleaned_data["text_en"], text_zh=form.cleaned_data["text_zh"])
    now = now_utc()
    texts = [
        {"language": words, "text": filling.text_of(draft, record, actor=actor, now=now, language=code)}
        for code, words in (("zh-hans", _("Chinese")), ("en", _("English")))
    ]
    return {"record": record, "texts": texts}
