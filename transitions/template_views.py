"""The pages of transition templates: the list, one with its editions, a new one, and the next edition."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.access import may
from actions import steps as taking
from records.pages import actor_for, agent_of, now_utc
from transitions import forms as shapes
from transitions import show, templates
from transitions.flow import Flow
from transitions.models import Template, TemplateEdition


def listing(request: HttpRequest) -> HttpResponse:
    """The templates, each with its newest edition."""
    actor = agent_of(request)
    editions = TemplateEdition.objects.order_by("template_id", "-number").distinct("template_id")
    newest = {row.template_id: row for row in editions.select_related("written_by")}
    rows = [
        {"template": row, "edition": newest[row.pk]} for row in Template.objects.all() if row.pk in newest
    ]
    context = {"rows": rows, "leads": may(actor, "lead_transitions")}
    return render(request, "transitions/templates.html", context)


def detail(request: HttpRequest, code: str) -> HttpResponse:
    """A template with what its newest edition says, or another one that the address names."""
    actor = agent_of(request)
    template = get_object_or_404(Template, code=code)
    editions = list(template.editions.select_related("written_by"))
    asked = request.GET.get("edition", "")
    chosen = next((row for row in editions if str(row.number) == asked), editions[0])
    context = {
        "template": template,
        **show.edition(chosen),
        "editions": editions,
        "leads": may(actor, "lead_transitions"),
    }
    return render(request, "transitions/template.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """A new template with its first edition."""
    actor = actor_for(request, "lead_transitions")
    form = shapes.NewTemplate(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = taking.attempt(
            form,
            lambda **_all: templates.create(
                **{name: data[name] for name in ("code", "name_en", "name_zh", "nature")},
                flow=form.flow(), actor=actor, now=now_utc(),
            ),
        )  # fmt: skip
        if made:
            return redirect("transitions:template", made.template.code)
    context = {"form": form, "template": None}
    return render(request, "transitions/template_form.html", context, status=422 if form.errors else 200)


def revise(request: HttpRequest, code: str) -> HttpResponse:
    """Write the next edition."""
    actor = actor_for(request, "lead_transitions")
    template = get_object_or_404(Template, code=code)
    last = templates.newest(template)
    if request.method == "POST":
        form = shapes.Revise(request.POST)
        made = taking.attempt(
            form,
            lambda **data: templates.revise(
                template, flow=form.flow(), reason=data["reason"], expected=data["expected"], actor=actor,
                now=now_utc(),
            ),
        )  # fmt: skip
        if made:
            return redirect("transitions:template", code)
    else:
        form = shapes.Revise(initial={**shapes.written(Flow.parse(last.flow)), "expected": last.number})
    context = {"form": form, "template": template}
    return render(request, "transitions/template_form.html", context, status=422 if form.errors else 200)


@require_POST
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Take a template out of use, or bring it back."""
    actor = actor_for(request, "lead_transitions")
    template = get_object_or_404(Template, code=code)
    templates.switch(template, is_active=request.POST.get("active") == "yes", actor=actor, now=now_utc())
    return redirect("transitions:template", code)
