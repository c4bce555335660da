"""The pages of the indicators: those of a process with their figures, and one with the rows behind it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from kpis import engine, shown
from kpis.engine import Asked, Kpi, Part
from reports import layout
from reports.asking import narrowing, question_of

SIZE = 50
MOST_PEOPLE = 50


def _asked(request: HttpRequest) -> tuple[Asked, dict[str, Any]]:
    """What the address asks, and what the bar over the page shows of it."""
    question = question_of(request)
    asked = Asked(
        question.actor, question.period, question.now, customer=question.narrow.get("customer"),
        person=_id(request.GET.get("person", "")),
    )  # fmt: skip
    bar = [field for field in narrowing(question) if field["name"] == "customer"]
    return asked, {**layout.frame(question, request.GET), "narrowing": bar}


def _url(request: HttpRequest, **over: int) -> str:
    """The address with the part, person and page it has, some replaced; another part begins at its top."""
    more = {name: request.GET.get(name, "") for name in ("part", "person")} if "part" not in over else {}
    return f"?{layout.kept(request.GET, **{**more, **over})}"


def _id(words: str) -> int | None:
    return int(words) if words.isascii() and words.isdigit() and len(words) < 18 else None


def listing(request: HttpRequest) -> HttpResponse:
    """The indicators of one process, each with its figure or what it waits for."""
    asked, context = _asked(request)
    kpis = engine.all_kpis()
    processes = list(dict.fromkeys(kpi.entry.process for kpi in kpis))
    place = _id(request.GET.get("process", "")) or 0
    chosen = processes[place] if place < len(processes) else processes[0]
    options = [(n, shown.said(words)) for n, words in enumerate(processes)]
    field = {
        "name": "process", "label": _("Process"), "options": options, "chosen": processes.index(chosen),
        "is_needed": True,
    }  # fmt: skip
    for preset in context["presets"]:
        preset["url"] += f"&process={field['chosen']}"
    context |= {
        "narrowing": [field, *context["narrowing"]],
        "process": shown.said(chosen),
        "rows": [_row(kpi, asked, context["kept"]) for kpi in kpis if kpi.entry.process == chosen],
        "is_over": asked.period.end <= asked.now,
    }
    return render(request, "kpis/list.html", context)


def _row(kpi: Kpi, asked: Asked, kept: str) -> dict[str, Any]:
    entry = kpi.entry
    return {
        "kpi": kpi,
        "name": shown.said(entry.name),
        "role": shown.said(entry.role),
        "checker": shown.said(entry.checker),
        "url": f"{reverse('kpis:detail', args=[kpi.id])}?{kept}",
        "beside": [
            {"id": other, "url": f"{reverse('kpis:detail', args=[other])}?{kept}"} for other in kpi.beside
        ],
        "parts": [_figure(part, asked) for part in kpi.parts],
    }


def _figure(part: Part, asked: Asked) -> dict[str, Any]:
    value = engine.compute(part, asked)
    return {
        "name": part.name, "number": shown.number(part, value), "fraction": shown.fraction(value),
        "is_no_data": value.is_no_data, "n": value.record_count,
    }  # fmt: skip


def detail(request: HttpRequest, kpi: str) -> HttpResponse:
    """One indicator: its figures, whose work they are, and all the rows they count."""
    asked, context = _asked(request)
    found = engine.get(kpi.upper())
    if found is None:
        raise Http404(_("There is no such indicator."))
    parts = [
        {**_figure(part, asked), "place": n, "url": _url(request, part=n)}
        for n, part in enumerate(found.parts)
    ]
    place = min(_id(request.GET.get("part", "")) or 0, max(len(parts) - 1, 0))
    context |= {**_row(found, asked, context["kept"]), "entry": found.entry, "parts": parts, "place": place}
    if found.parts:
        context |= _behind(request, found.parts[place], asked)
    return render(request, "kpis/detail.html", context)


def _behind(request: HttpRequest, part: Part, asked: Asked) -> dict[str, Any]:
    """A page of the rows a figure counts, and the figure of each person."""
    rows = engine.selected(part, asked)
    after = _id(request.GET.get("after", ""))
    page = list(
        (rows.filter(pk__gt=after) if after else rows).order_by("pk").values_list("pk", flat=True)[: SIZE + 1]
    )
    here = rows.filter(pk__in=page[:SIZE]).order_by("pk")
    more = _url(request, after=page[SIZE - 1]) if len(page) > SIZE else ""
    return {"lines": shown.lines(here, part), "next_url": more, "people": _people(request, part, asked)}


def _people(request: HttpRequest, part: Part, asked: Asked) -> list[dict[str, Any]]:
    if not part.person or asked.person:
        return []
    found = engine.by_person(part, asked)[:MOST_PEOPLE]
    names = User.objects.in_bulk([pk for pk, _value in found if pk])
    return [
        {
            "name": names[pk].name if pk else _("nobody"),
            "number": shown.number(part, value),
            "fraction": shown.fraction(value),
            "url": _url(request, person=pk) if pk else "",
        }
        for pk, value in found
    ]
