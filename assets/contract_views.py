"""The service objects of agreements as pages, and as a table to take along (CMDB-10)."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts.access import Actor
from assets import contracts, pages
from assets.contracts import Objects
from catalog.models import Service
from cmdb.models import ItemService
from exports import csv_table
from exports.building import at, listed
from exports.columns import Column
from exports.writing import sent_lines
from records.pages import agent_of, now_utc


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The agreements in force with customers, each with the customer's own items and assets."""
    actor = agent_of(request)
    page = pages.numbered(contracts.in_force(actor, now_utc()), request)
    owners = [version.agreement.customer_id for version in page]
    items, owned = contracts.own_items(actor, owners), contracts.own_assets(actor, owners)
    rows = [
        {"version": version, "items": items.get(owner, 0), "assets": owned.get(owner, 0)}
        for version, owner in zip(page, owners, strict=True)
    ]
    return render(request, "assets/contracts.html", {"page": page, "rows": rows, "here": "contracts"})


def _objects(actor: Actor, code: str) -> Objects:
    version = contracts.in_force(actor, now_utc()).filter(agreement__code=code).first()
    if version is None:
        raise Http404(_("There is no agreement %(code)s in force.") % {"code": code[:50]})
    return contracts.objects_of(version, actor)


@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """The service objects of one agreement: items, or assets that are no items."""
    actor = agent_of(request)
    found = _objects(actor, code)
    part = "assets" if request.GET.get("part") == "assets" else "items"
    page = pages.numbered(found.assets if part == "assets" else found.items, request)
    carried = _carried([item.pk for item in page]) if part == "items" else {}
    context = {
        "objects": found, "agreement": found.version.agreement, "part": part, "page": page,
        "kept": f"part={part}", "here": "contracts",
        "edition": getattr(found.version, "edition", None),
        "counts": {"items": found.items.count(), "assets": found.assets.count()},
        "services": Service.objects.filter(code__in=found.services).order_by("name_en"),
        "rows": [
            {"object": row, "asset": getattr(row, "asset", None), "services": carried.get(row.pk, ())}
            if part == "items" else pages.row_of(row, pages.today())
            for row in page
        ],
    }  # fmt: skip
    return render(request, "assets/contract.html", context)


def _carried(ids: list[int]) -> dict[int, list[str]]:
    """The services by the items that carry them; one query."""
    found: dict[int, list[str]] = {}
    for row in ItemService.objects.filter(item__in=ids).select_related("service").order_by("pk"):
        found.setdefault(row.item_id, []).append(row.service.name)
    return found


@require_GET
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The same as CSV, for Excel in either language."""
    found = _objects(agent_of(request), code)
    lines = sent_lines(_columns(found), found.rows())
    response = StreamingHttpResponse(lines, content_type=csv_table.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="service-objects-{code}.csv"'
    return response


def _columns(found: Objects) -> list[Column]:
    def asset(path: str) -> Callable[[dict[str, Any]], Any]:
        value = at(path)
        return lambda row: value(row["asset"])

    def whose(row: dict[str, Any]) -> str:
        return _("shared") if row["is_shared"] else found.customer.name

    return [
        Column("number", _("Number"), itemgetter("number")),
        Column("name", _("Name"), itemgetter("name")),
        Column("type", _("Type"), itemgetter("type")),
        Column("customer", pgettext("item", "Whose"), whose),
        Column("site", _("Site"), itemgetter("site")),
        listed("services", _("Services"), lambda row: (service.name for service in row["services"])),
        Column("asset", _("Asset"), asset("number")),
        Column("tag", _("Asset tag"), asset("tag")),
        Column("user", _("Used by"), asset("user.name")),
        Column("warranty_until", _("Warranty until"), asset("warranty_until"), "date"),
    ]
