"""What the pages of this app have in common: rows of tables, pages of lists, the version that was read."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.access import Actor
from assets import lifecycle, queries, warranties
from assets.depreciation import value_on
from assets.models import Asset, Check
from itsm.rest.pagination import Cursor
from records.pages import now_utc

PAGE = 50
UNPROCESSABLE, CONFLICT = 422, 409
ASSET_TONES = {
    lifecycle.ORDERED: "accent",
    lifecycle.IN_STOCK: "neutral",
    lifecycle.IN_USE: "good",
    lifecycle.IN_REPAIR: "warn",
    lifecycle.DISPOSED: "quiet",
}
SITE_TONES = {lifecycle.PLANNED: "accent", lifecycle.OPEN: "good", lifecycle.CLOSED: "quiet"}
VERDICT_TONES = {
    "in_order": "good",
    "ends_soon": "warn",
    "over_used": "bad",
    "expired": "bad",
    "unlicensed": "bad",
    "unused": "quiet",
}


def today() -> date:
    """The reader's day."""
    return timezone.localdate(now_utc())


def version_in(request: HttpRequest) -> int | None:
    """The version the form was filled in for."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def said(refused: ValidationError) -> str:
    """What a verb refused, in one line."""
    return " ".join(refused.messages)


def stale_words() -> str:
    return _("Somebody else saved this meanwhile. Open it again and look.")


def asset_of(actor: Actor, number: str) -> Asset:
    """The asset if the actor may know of it; 404 in the same words as what there is not."""
    rows = queries.assets(actor).select_related(
        *queries.RELATED, "supplier", "keeper", "disposal_approved_by", "item__type"
    )
    found = rows.filter(number__iexact=number[:20].replace("\0", "")).first()
    if found is None:
        raise Http404(_("There is no asset %(number)s.") % {"number": number[:20]})
    return found


def row_of(asset: Asset, on: date) -> dict[str, Any]:
    """An asset as a row of a table; its relations are loaded."""
    return {
        "asset": asset, "tone": ASSET_TONES[asset.state], "band": warranties.band(asset.warranty_until, on),
        "ended": bool(asset.warranty_until and asset.warranty_until < on),
    }  # fmt: skip


def value_of(asset: Asset, on: date) -> Any:
    """The book value on a day; None where no cost or no day is known."""
    since = asset.purchased_on or asset.received_on
    if asset.cost is None or since is None:
        return None
    return value_on(
        on, cost=asset.cost, residual=asset.residual, since=since, months=asset.life_months,
        until=asset.disposed_on,
    )  # fmt: skip


def check_row(check: Check, on: date) -> dict[str, Any]:
    """A check as a row of a table."""
    if check.is_overdue(on):
        label, tone = pgettext("check", "overdue"), "bad"
    elif check.state == Check.State.OPEN:
        label, tone = (
            (_("a task") if check.action_id else pgettext("check", "to come")),
            "accent" if check.action_id else "quiet",
        )
    else:
        label = str(check.get_state_display())
        tone = "quiet" if check.state == Check.State.SKIPPED else "warn" if check.has_findings else "good"
    return {"check": check, "label": label, "tone": tone}


def numbered(rows: Any, request: HttpRequest) -> Any:
    """A page of a short list, by its number."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def keyset(rows: QuerySet[Asset], request: HttpRequest) -> dict[str, Any]:
    """A page of a long list, newest first, by the last row seen: deep pages cost what the first one does."""
    cursor = _cursor(request.GET.get("cursor", ""))
    is_back = cursor is not None and cursor.back
    if cursor:
        rows = rows.filter(pk__gt=cursor.pk) if is_back else rows.filter(pk__lt=cursor.pk)
    found = list(rows.order_by("pk" if is_back else "-pk")[: PAGE + 1])
    has_more, shown = len(found) > PAGE, found[:PAGE]
    if is_back:
        shown.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, cursor is not None)
    return {
        "found": shown,
        "next_url": _link(request, shown[-1], back=False) if shown and has_next else "",
        "previous_url": _link(request, shown[0], back=True) if shown and has_previous else "",
    }


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.read(text) if text else None
    except (ValueError, TypeError, KeyError, OverflowError):
        return None  # a cursor of another list gives the first page


def _link(request: HttpRequest, row: Asset, *, back: bool) -> str:
    given = {name: value for name, value in request.GET.items() if name != "cursor"}
    return "?" + urlencode({**given, "cursor": Cursor("-id", row.pk, row.pk, back).text})
