"""The page of how the amounts behind a figure are spread, and the list of those of one bar."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analysis import amounts, words
from analysis.amounts import SHARES, Bin, Spread
from analysis.asking import Choice, Figure
from kpis.engine import Part, Unit

# columns whose seconds are those of the calendar that an agreement names
WORKING = frozenset({"spent"})


def page(figure: Figure, choice: Choice, kept: str) -> dict[str, Any]:
    """Chart, percentiles and in which time it is counted; or why there is nothing to show."""
    part = figure.part
    if part.amount is None:
        return {"has_amount": False}
    found = amounts.spread(figure, choice)
    context: dict[str, Any] = {"has_amount": True, "spread": found, "in_time": in_time(part)}
    if found is None:
        return context
    return context | {"chart": _chart(figure, found, kept), "facts": _facts(part, found)}


def in_time(part: Part) -> str:
    """Whether seconds are those of a calendar or of the clock on the wall."""
    if part.unit != Unit.SECONDS:
        return ""
    if part.amount in WORKING:
        return _("In working time: by the calendar of the agreement, without pauses.")
    return _("In elapsed time, nights and holidays included.")


def bin_words(part: Part, each: Bin, *, is_last: bool) -> str:
    """From where to where."""
    low, high = words.number(part, each.low), words.number(part, each.high)
    if is_last:
        return _("from %(low)s to %(high)s") % {"low": low, "high": high}
    return _("%(low)s to under %(high)s") % {"low": low, "high": high}


def _chart(figure: Figure, found: Spread, kept: str) -> dict[str, Any]:
    part = figure.part
    rows = []
    for place, each in enumerate(found.bins):
        is_last = place == len(found.bins) - 1
        asked = urlencode({"low": each.low, "high": "" if is_last else each.high})
        url = f"{reverse('analysis:amounts')}?{kept}&{asked}" if each.n else None
        rows.append((bin_words(part, each, is_last=is_last), each.n, url))
    return {
        "id": "spread", "title": figure.name, "empty": False,
        "spec": {
            "type": "bar", "categories": [words.number(part, each.low) for each in found.bins],
            "series": [
                {"name": _("Rows"), "data": [n for _w, n, _u in rows], "urls": [url for _w, _n, url in rows]}
            ],
        },
        "head": [pgettext("analysis", "Amount"), _("Rows")],
        "rows": [[label, {"words": f"{n:,}", "url": url, "n": n}] for label, n, url in rows],
    }  # fmt: skip


def _facts(part: Part, found: Spread) -> list[dict[str, Any]]:
    few = _("too few figures")
    facts = [
        (_("Rows"), f"{found.n:,}"),
        (_("Mean"), words.number(part, found.mean)),
        (_("Standard deviation"), few if found.deviation is None else words.number(part, found.deviation)),
        (_("Smallest"), words.number(part, found.minimum)),
        *(
            (_("%(share)s %% are at most") % {"share": round(share * 100)}, words.number(part, value))
            for share, value in zip(SHARES, found.percentiles, strict=True)
        ),
        (_("Largest"), words.number(part, found.maximum)),
    ]
    return words.mapping(facts)
