"""What the pages of indicators show: the bar over them, a row of the list, one with all that is behind it."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Denied, may
from accounts.models import User
from kpis import closing, engine, forms, shown, trends
from kpis.catalogue import Words
from kpis.engine import Asked, Kpi, Part
from kpis.models import Confirmation
from kpis.scoring import Scale
from reports import layout
from reports.asking import narrowing, question_of

SIZE = 50
MOST_PEOPLE = 50


def asked_of(request: HttpRequest) -> tuple[Asked, dict[str, Any]]:
    """What the address asks, and what the bar over the page shows of it."""
    question = question_of(request, "confirm_kpi")
    asked = Asked(
        question.actor, question.period, question.now, customer=question.narrow.get("customer"),
        person=whole(request.GET.get("person", "")),
    )  # fmt: skip
    bar = [field for field in narrowing(question) if field["name"] == "customer"]
    return asked, {**layout.frame(question, request.GET), "narrowing": bar}


def _url(request: HttpRequest, **over: int | str) -> str:
    """The address with the part, person and page it has, some replaced; another part begins at its top."""
    more = {name: request.GET.get(name, "") for name in ("part", "person")} if "part" not in over else {}
    return f"?{layout.kept(request.GET, **{**more, **over})}"


def whole(words: str) -> int | None:
    return int(words) if words.isascii() and words.isdigit() and len(words) < 18 else None


def kpi_of(kpi: str) -> Kpi:
    """The indicator of an id; Http404 if there is none."""
    found = engine.get(kpi.upper())
    if found is None:
        raise Http404(_("There is no such indicator."))
    return found


def words_of(kpi: Kpi, kept: str) -> dict[str, Any]:
    """An indicator in words, without its figures."""
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
    }


def figure_of(part: Part, asked: Asked) -> dict[str, Any]:
    """A figure in words, and as it is."""
    value = engine.compute(part, asked)
    return {
        "value": value, "name": part.name, "number": shown.number(part, value),
        "fraction": shown.fraction(value), "is_no_data": value.is_no_data, "n": value.record_count,
    }  # fmt: skip


def chosen_process(
    request: HttpRequest, readable: Sequence[Kpi], context: dict[str, Any]
) -> tuple[Words, dict[str, Any]]:
    """The process the address names, the first by default; and the bar with the choice of one."""
    processes = list(dict.fromkeys(kpi.entry.process for kpi in readable))
    place = whole(request.GET.get("process", "")) or 0
    place = place if place < len(processes) else 0
    field = {
        "name": "process", "label": _("Process"), "chosen": place, "is_needed": True,
        "options": [(n, shown.said(words)) for n, words in enumerate(processes)],
    }  # fmt: skip
    for preset in context["presets"]:
        preset["url"] += f"&process={place}"
    return processes[place], {**context, "narrowing": [field, *context["narrowing"]], "place": place}


def detail_page(
    request: HttpRequest,
    found: Kpi,
    *,
    confirm: forms.Confirm | None = None,
    weigh: forms.Weigh | None = None,
) -> HttpResponse:
    """The page, with a form that was refused if there is one."""
    asked, context = asked_of(request)
    if found.id not in {kpi.id for kpi in closing.readable(asked.actor)}:
        raise Denied(asked.actor, "dashboard")
    parts = [
        {**figure_of(part, asked), "place": n, "url": _url(request, part=n)}
        for n, part in enumerate(found.parts)
    ]
    place = min(whole(request.GET.get("part", "")) or 0, max(len(parts) - 1, 0))
    context |= {**words_of(found, context["kept"]), "entry": found.entry, "parts": parts, "place": place}
    context["leads"] = may(asked.actor, "dashboard")
    kept = closing.confirmations(found, asked)
    if (number := whole(request.GET.get("kept", ""))) is not None and found.parts:
        context |= _kept_rows(request, found, kept, number, asked)
    elif found.parts:
        context |= _behind(request, found.parts[place], asked)
    if not asked.person:
        today = parts[0]["value"] if parts else None
        context |= _confirming(found, asked, kept, today, confirm)
        if parts:
            context["months"] = trends.chart(found, place, asked)
    if may(asked.actor, "lead_kpis"):
        context["weigh"] = weigh or _weighing(found, asked)
    status = 422 if confirm or weigh else 200
    return render(request, "kpis/detail.html", context, status=status)


def _confirming(
    kpi: Kpi,
    asked: Asked,
    kept: list[Confirmation],
    today: engine.Value | None,
    failed: forms.Confirm | None,
) -> dict[str, Any]:
    """What was confirmed for this period, whether ``today`` still says so, and the form of who may."""
    is_over = asked.period.end <= asked.now
    form = None
    if is_over and closing.covers(asked) and closing.may_confirm(asked.actor, kpi):
        form = failed or forms.Confirm(initial={"expected": kept[0].number if kept else 0})
    then = shown.kept_value(kept[0].figures[0]) if kept and kept[0].figures else None
    return {
        "is_over": is_over,
        "confirm": form,
        "confirmed": context_of(kept, kpi),
        "differs": then is not None and today is not None and today.number != then.number,
    }  # fmt: skip


def context_of(kept: list[Confirmation], kpi: Kpi) -> list[dict[str, Any]]:
    """Confirmations in words."""
    return [
        {
            "row": row,
            "figures": [
                shown.number(part, shown.kept_value(figure))
                for part, figure in zip(kpi.parts, row.figures, strict=False)
            ],
        }
        for row in kept
    ]


def _kept_rows(
    request: HttpRequest, kpi: Kpi, kept: list[Confirmation], number: int, asked: Asked
) -> dict[str, Any]:
    """The rows as they were when the period was confirmed, whatever they are now."""
    chosen = next((row for row in kept if row.number == number), None)
    if chosen is None:
        raise Http404(_("This was not confirmed."))
    keys = closing.unpack(Confirmation.objects.values_list("rows", flat=True).get(pk=chosen.pk))
    after = whole(request.GET.get("after", "")) or 0
    here = [key for key in keys if key > after][: SIZE + 1]
    part = kpi.parts[0]
    rows = engine.selected_of(part, asked, here[:SIZE]).order_by("pk")
    more = f"?{layout.kept(request.GET, kept=number, after=here[SIZE - 1])}" if len(here) > SIZE else ""
    return {"lines": shown.lines(rows, part), "next_url": more, "shown_kept": chosen, "n_kept": len(keys)}


def _weighing(kpi: Kpi, asked: Asked) -> forms.Weigh:
    scale = closing.scales(asked.period.first).get(kpi.id, Scale())
    start = {
        "since": asked.period.first, "weight": scale.weight, "goal": scale.goal, "floor": scale.floor,
        "points": scale.points,
    }  # fmt: skip
    return forms.Weigh(initial=start, is_deduction=kpi.entry.is_deduction, auto_id="weigh_%s")


def _behind(request: HttpRequest, part: Part, asked: Asked) -> dict[str, Any]:
    """A page of the rows a figure counts, and the figure of each person."""
    here, following = engine.page(part, asked, after=request.GET.get("after", ""), size=SIZE)
    more = _url(request, after=following) if following else ""
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
