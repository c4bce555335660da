"""The service objects of agreements as pages, and as a table to take along (CMDB-10)."""

import csv
from collections.abc import Iterator
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
from records.pages import agent_of, now_utc

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


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


class _Echo:
    """A file that answers what is written to it."""

    def write(self, text: str) -> str:
        return text


@require_GET
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The same as CSV, for Excel in either language."""
    found = _objects(agent_of(request), code)
    writer = csv.writer(_Echo())
    rows = ("\ufeff" * (n == 0) + str(writer.writerow(line)) for n, line in enumerate(_lines(found)))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="service-objects-{code}.csv"'
    return response


def _lines(found: Objects) -> Iterator[list[str]]:
    yield [
        _("Number"), _("Name"), _("Type"), pgettext("item", "Whose"), _("Site"), _("Services"), _("Asset"),
        _("Asset tag"), _("Used by"), _("Warranty until"),
    ]  # fmt: skip
    for row in found.rows():
        asset = row["asset"]
        owner = _("shared") if row["is_shared"] else found.customer.name
        line: list[Any] = [
            row["number"], row["name"], row["type"], owner, row["site"],
            ", ".join(service.name for service in row["services"]), asset.number if asset else "",
            asset.tag if asset else "", asset.user.name if asset and asset.user else "",
            asset.warranty_until.isoformat() if asset and asset.warranty_until else "",
        ]  # fmt: skip
        yield [_harmless(str(value)) for value in line]


def _harmless(text: str) -> str:
    """A value that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text.startswith(FORMULAS) else text
