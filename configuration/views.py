"""Pages of the register to read: the list, an item, what was altered; and what a ticket's form asks."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

import catalog.queries
from cmdb import queries
from cmdb.control import may_alter
from cmdb.models import Alteration, Item, ItemService, ItemType
from cmdb.panels import panels_of
from cmdb.queries import Question
from configuration import asking, figures, forms, histories, paging, reading
from configuration.page import TONES, may_add, reader
from records.pages import now_utc, paged
from records.span_words import words

ALTERATIONS = 50
ON_PAGE = 20


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The register, narrowed by type, state, owner, customer, service and words."""
    actor = reader(request)
    asked = request.GET
    order, question = asking.order_of(asked), asking.question_of(asked, actor)
    rows = queries.listed(actor, question).select_related("type", "customer", "owner")
    page = paging.page(rows, order, after=asked.get("after", ""), before=asked.get("before", ""))
    kept = {key: asked[key] for key in asked if key not in ("after", "before")}
    context = {
        "rows": [{"item": item, "tone": TONES[item.state]} for item in page.rows],
        "before": _page_url(kept, before=page.before), "after": _page_url(kept, after=page.after),
        "types": ItemType.objects.order_by("name_en"), "states": Item.State.choices,
        "customers": forms.customers(actor).order_by("name_en"),
        "services": catalog.queries.nameable(actor).order_by("name_en"), "asked": asked, "order": order,
        "is_narrowed": question != Question(), "may_add": may_add(actor),
    }  # fmt: skip
    return render(request, "configuration/list.html", context)


def _page_url(kept: dict[str, str], **over: str) -> str:
    return "?" + urlencode({**kept, **over}) if any(over.values()) else ""


@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """An item: what it is, how it hangs together, what was done to it and what goes on around it."""
    actor, now = reader(request), now_utc()
    item = queries.get_item(actor, number)
    rows = Alteration.objects.of([item.pk]).select_related("item")
    out, back = reading.relations_of(item, actor)
    context = {
        "item": item, "tone": TONES[item.state], "attributes": reading.attributes_of(item),
        "out": out, "back": back,
        "services": ItemService.objects.filter(item=item).select_related("service").order_by("pk"),
        "tickets": reading.in_short(reading.open_tickets([item.pk], actor)),
        "changes": reading.in_short(reading.changes_of(item, actor, now=now)),
        "history": histories.lines(rows[:ON_PAGE], reading.by_code([item.type_id])),
        "more_history": rows.count() > ON_PAGE, "panels": panels_of(item, actor, now=now),
        "may_alter": may_alter(actor, item), "may_implement": actor.is_staff_side,
    }  # fmt: skip
    return render(request, "configuration/detail.html", context)


@require_GET
def alterations(request: HttpRequest) -> HttpResponse:
    """What was altered and what was refused, of one item or of all, within days."""
    actor = reader(request)
    span = figures.span_of(request.GET)
    number, part = request.GET.get("item", ""), request.GET.get("part", "")
    item = queries.get_item(actor, number) if number else None
    rows = figures.alterations(actor, span, part)
    if item is not None:  # its whole history
        rows = Alteration.objects.visible_to(actor).filter(item=item)
    rows = rows.select_related("actor", "item").order_by("-at", "-pk")
    page, kept = paged(request, rows, ALTERATIONS)
    shown = list(page)
    context = {
        "lines": histories.lines(shown, reading.by_code({row.item.type_id for row in shown})), "page": page,
        "kept": kept, "item": item, "span": span, "span_name": words(span), "part": part,
        "parts": [(key, label) for key, (label, _condition) in figures.PARTS.items()],
    }  # fmt: skip
    return render(request, "configuration/alterations.html", context)


@require_GET
def beside(request: HttpRequest) -> HttpResponse:
    """A fragment for the form of a ticket: what goes on around the item somebody has chosen (CMDB-11).

    ``known=no`` where the form shows known errors by itself, ``but`` is the ticket in front of the reader.
    """
    actor = reader(request)
    given = request.GET.get("item", "").strip()
    if not given:
        return HttpResponse("")
    try:
        item = queries.get_item(actor, given)
    except Http404:
        return HttpResponse("")
    asked: dict[str, Any] = {
        "text": request.GET.get("text", "")[:500],
        "known_errors": request.GET.get("known", "") != "no",
    }
    found: dict[str, Any] = reading.beside(item, actor, now=now_utc(), **asked)
    found["tickets"] = [row for row in found["tickets"] if row.number != request.GET.get("but")]
    found["alterations"] = histories.lines(found["alterations"], reading.by_code([item.type_id]))
    return render(request, "configuration/_beside.html", found)
