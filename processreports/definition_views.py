"""The pages on which it is said which reports are owed."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Actor, may
from actions import steps
from processreports import definitions, forms, sections, shown
from processreports.models import OCCASION, ReportDefinition
from records.pages import actor_for, agent_of, now_utc
from servicereports.show import LABELS, language_of
from servicereports.zones import provider_zone


def _one(actor: Actor, pk: int) -> ReportDefinition:
    found = definitions.visible(actor).select_related("customer", "agreement").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such definition."))
    return found


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All definitions one may see, those in force first."""
    actor = agent_of(request)
    today = now_utc().astimezone(provider_zone()).date()
    rows = definitions.visible(actor).select_related("customer", "owner", "approver", "checker")
    found = sorted(rows, key=lambda row: (not row.is_active(today), row.name))
    context = {
        "rows": [{"definition": row, "is_active": row.is_active(today)} for row in found],
        "leads": may(actor, "lead_process_reports"),
    }
    return render(request, "processreports/definitions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Define another report."""
    return _edited(request, None, actor_for(request, "lead_process_reports"))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a definition; who does not lead reads it."""
    actor = agent_of(request)
    found = _one(actor, pk)
    if request.method == "POST" or may(actor, "lead_process_reports"):
        return _edited(request, found, actor_for(request, "lead_process_reports"))
    context = {"definition": found, "chosen": chosen_of(found.sections), "processes": _processes(found)}
    return render(request, "processreports/definition.html", context)


def _processes(row: ReportDefinition) -> list[str]:
    names = dict(forms.process_choices())
    return [str(names.get(each, each)) for each in row.processes]


def _edited(request: HttpRequest, before: ReportDefinition | None, actor: Actor) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    form = forms.Definition(given, actor=actor, initial=_initial(before))
    chosen = list(before.sections) if before else list(sections.USUAL)
    failed = ""
    if given is not None:
        chosen = given.getlist("sections")
        if form.is_valid():
            facts = {**form.cleaned_data, "sections": chosen}
            seen = facts.pop("version")
            try:
                done = definitions.keep(before, facts, actor=actor, now=now_utc(), expected=seen)
            except ValidationError as refused:
                failed = _section_words(refused)
                steps.add_errors(form, refused)
            except definitions.Changed:
                form.add_error(None, _("Somebody has changed it meanwhile; open it again to see how."))
            else:
                return redirect(reverse("processreports:definitions") + f"#definition-{done.pk}")
    context = {
        "form": form, "definition": before, "chosen": chosen_of(chosen), "others": _others(chosen),
        "failed": failed,
    }  # fmt: skip
    status = 200 if given is None else 422
    return render(request, "processreports/definition_form.html", context, status=status)


def _section_words(refused: ValidationError) -> str:
    """What is wrong with the sections, which are no field of the form."""
    found = getattr(refused, "error_dict", {}).pop("sections", [])
    return " ".join(str(words) for error in found for words in error.messages)


def _initial(before: ReportDefinition | None) -> dict[str, Any]:
    if before is None:
        return {"every": "month", "active_from": now_utc().astimezone(provider_zone()).date().replace(day=1)}
    values = {name: getattr(before, name) for name in definitions.FIELDS if name != "recipients"}
    return {**values, "recipients": list(before.recipients.all()), "version": before.version}


def chosen_of(names: list[str]) -> list[dict[str, Any]]:
    known = sections.registered()
    return [
        {"name": name, "label": known[name].label, "help": known[name].help,
         "is_for_customers": known[name].is_for_customers}
        for name in names if name in known
    ]  # fmt: skip


def _others(names: list[str]) -> list[dict[str, Any]]:
    return chosen_of([name for name in sections.registered() if name not in names])


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The list of sections with one moved, taken out or put in; nothing is kept."""
    actor_for(request, "lead_process_reports")
    names = list(dict.fromkeys(request.POST.getlist("sections")))
    act, _colon, name = request.POST.get("do", "").partition(":")
    if act == "usual":
        every = request.POST.get("every", "")
        names = list(sections.usual(every, has_customer=bool(request.POST.get("customer"))))
    elif act == "add" and (new := request.POST.get("another", "")) in sections.registered():
        names = [*names, *([] if new in names else [new])]
    elif name in names:
        place = names.index(name)
        if act == "drop":
            names.remove(name)
        elif act in ("up", "down"):
            other = min(max(place + (1 if act == "down" else -1), 0), len(names) - 1)
            names[place], names[other] = names[other], names[place]
    context = {"chosen": chosen_of(names), "others": _others(names)}
    return render(request, "processreports/_sections.html", context)


@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """How the report of a span would look now, also while it runs; nothing is kept."""
    actor = agent_of(request)
    found = _one(actor, pk)
    if found.every == OCCASION:
        raise Http404(_("A report on occasion is about one event; open it about that."))
    language = language_of(request.GET.get("lang", ""))
    now = now_utc()
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = now.astimezone(provider_zone()).date()
    if not 1990 < day.year < 2200:
        raise Http404(_("There is no such period."))
    context = {
        "definition": found, "document": shown.preview(found, day, language, now=now), "lang": language,
        "labels": LABELS, "day": day,
    }  # fmt: skip
    return render(request, "processreports/preview.html", context)
