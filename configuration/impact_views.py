"""The pages of impact analysis and of the configuration report."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cmdb import queries
from cmdb.impact import Direction
from cmdb.models import Item
from configuration import figures, impact, reading
from configuration.page import TONES, reader
from records.pages import now_utc
from records.span_words import words

WORDS = {
    "impact": (_("What fails with it"), _("If it fails, these are hit.")),
    "depends": (_("What it needs"), _("It works only as long as these do.")),
}


def direction_of(text: str) -> Direction:
    return "depends" if text == "depends" else "impact"


def depth_of(text: str) -> int:
    """How far; 0, to the end, for anything that is no choice."""
    return int(text) if text in {str(depth) for depth in impact.DEPTHS} else 0


@require_GET
def analysis(request: HttpRequest, number: str) -> HttpResponse:
    """From an item to items, services, agreements, customers and open tickets: a graph and tables."""
    actor = reader(request)
    item = queries.get_item(actor, number)
    direction, depth = direction_of(request.GET.get("direction", "")), depth_of(request.GET.get("depth", ""))
    found = impact.analyse(item, actor, direction=direction, depth=depth, now=now_utc())
    title, lead = WORDS[direction]
    context = {
        "item": item, "found": found, "picture": impact.picture(found), "title": title, "lead": lead,
        "directions": [(key, words[0]) for key, words in WORDS.items()], "direction": direction,
        "depth": depth, "depths": impact.DEPTHS,
        "rows": [{"each": each, "item": row, "tone": TONES[row.state]} for each, row in found.rows],
        "tickets": reading.in_short(found.tickets),
        "hidden": found.total - len(found.rows), "tickets_hidden": found.ticket_count - len(found.tickets),
    }  # fmt: skip
    return render(request, "configuration/impact.html", context)


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """The configuration report of a quarter or year (CMDB-12)."""
    actor = reader(request)
    span = figures.span_of(request.GET)
    counts = figures.of_period(actor, span)
    context = {
        "span": span, "span_name": words(span),
        "counts": [(key, figures.PARTS[key][0], n) for key, n in counts.items()],
        "types": figures.by_type(actor), "states": Item.State.choices, "gaps": figures.gaps(actor),
        "before": (span.previous.code, words(span.previous)), "after": (span.next.code, words(span.next)),
        "years": [*span.year.parts("quarter"), span.year], "now": now_utc(),
    }  # fmt: skip
    return render(request, "configuration/report.html", context)
