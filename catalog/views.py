"""The catalogue to read: the list by family, and an entry. For all the staff."""

from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Actor, may
from catalog import page, queries, words
from catalog.models import Service, ServiceFamily

PAGE = 50


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All entries by family and class, narrowed by the address."""
    actor = page.reader(request)
    chosen = {name: request.GET.get(name, "") for name in ("q", "family", "class", "state", "mine")}
    rows = _rows(actor, chosen).select_related("family", "present", "owner")
    ordered = rows.order_by("family__position", "family__code", "portfolio_class", "name_en", "pk")
    found = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "groups": [
            {"family": family, "rows": [_row(service) for service in group]}
            for family, group in groupby(found, key=lambda service: service.family)
        ],
        "page": found,
        "query": query.urlencode(),
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "families": ServiceFamily.objects.all(),
        "classes": Service.PortfolioClass.choices,
        "states": Service.State.choices,
        "to_decide": Service.objects.filter(queries.to_decide(actor)).distinct().count(),
        "may_propose": may(actor, "catalogue_propose"),
    }
    return render(request, "catalog/list.html", context)


def _rows(actor: Actor, chosen: dict[str, str]) -> Any:
    """What the address asks for; words nobody knows narrow nothing."""
    rows = queries.find(Service.objects.standing(), chosen["q"])
    if chosen["state"] in Service.State.values:
        rows = rows.in_state(chosen["state"])
    if chosen["class"] in Service.PortfolioClass.values:
        rows = rows.filter(portfolio_class=chosen["class"])
    if "\0" not in chosen["family"] and chosen["family"]:
        rows = rows.filter(family__code=chosen["family"])
    if chosen["mine"]:
        rows = rows.filter(pk__in=Service.objects.filter(queries.to_decide(actor)).values("pk"))
    return rows


def _row(service: Service) -> dict[str, Any]:
    return {
        "service": service,
        "state": service.state.label,
        "tone": words.TONES[service.state],
        "is_changing": service.is_published and service.is_under_review,
        "what": words.in_words(service.offer.customer.what),
    }


@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """An entry: both views, its versions, what it rests on and what names it, its next steps."""
    actor = page.reader(request)
    return page.shown(request, actor, page.find(code))
