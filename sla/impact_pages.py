"""What an edit does to open clocks, in words and figures: for the pages of calendars and of agreements."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla.impact import Move, Verdict
from sla.impact_rows import Moved
from sla.models import Agreement, Metric

PAGE = 50
LABELS: Mapping[Verdict, Any] = {
    "breaches": gettext_lazy("missed at once"),
    "earlier": gettext_lazy("earlier"),
    "later": gettext_lazy("later"),
    "relieved": gettext_lazy("no longer missed"),
    "unchanged": gettext_lazy("as before"),
}
TONES: Mapping[Verdict, str] = {
    "breaches": "bad", "earlier": "warn", "later": "accent", "relieved": "good", "unchanged": "quiet",
}  # fmt: skip


def page_of(found: Sequence[Moved], number: str | None) -> Page[Moved]:
    """One page of clocks; a number that is none is the first page."""
    return Paginator(found, PAGE).get_page(number)


def rows(found: Iterable[Moved]) -> list[dict[str, Any]]:
    """What templates/sla/_moves.html shows; one query for the agreements behind."""
    listed = list(found)
    behind = Agreement.objects.in_bulk({m.clock.support_id for m in listed if m.clock.support_id})
    return [_row(each, behind) for each in listed]


def _row(each: Moved, behind: Mapping[int, Agreement]) -> dict[str, Any]:
    clock, move = each
    support = behind.get(clock.support_id or 0)
    return {
        "number": clock.number,
        "title": clock.title,
        "clock": clock.pk,
        "metric": Metric(clock.metric).label,
        "support": support.name if support else "",
        "before": move.before,
        "after": move.after,
        "shift": move.shift,
        "is_paused": move.is_paused,
        "is_tight": move.is_tight,
        "label": _("earlier, within a day") if move.is_tight else LABELS[move.verdict],
        "tone": "bad" if move.is_tight else TONES[move.verdict],
    }


def figures(moves: Sequence[Move], counts: Mapping[Verdict, int]) -> list[dict[str, Any]]:
    """The cards above the list."""
    tight = sum(move.is_tight for move in moves)
    cards = [
        {
            "label": _("Missed at once"),
            "value": counts["breaches"],
            "tone": "bad" if counts["breaches"] else "",
        },
        {
            "label": _("Due earlier"),
            "value": counts["earlier"],
            "tone": "warn" if counts["earlier"] else "",
            "note": _("%(n)d of them within a day") % {"n": tight} if tight else "",
        },
        {"label": _("Due later"), "value": counts["later"], "tone": ""},
        {"label": _("As before"), "value": counts["unchanged"], "tone": ""},
    ]
    if counts["relieved"]:
        cards.insert(3, {"label": _("No longer missed"), "value": counts["relieved"], "tone": "good"})
    return cards


def headline(counts: Mapping[Verdict, int]) -> str:
    """One sentence: how many open clocks move, and what that means."""
    total = sum(counts.values())
    moving = total - counts["unchanged"]
    if not total:
        return _("No clock is open on it.")
    if not moving:
        return _("%(total)d clocks are open, and none would be due at another time.") % {"total": total}
    words = _("Of %(total)d open clocks %(moving)d would be due at another time.")
    sentence = words % {"total": total, "moving": moving}
    if counts["breaches"]:
        late = _("%(n)d would be missed at once.") % {"n": counts["breaches"]}
    else:
        late = _("None would be missed at once.")
    return f"{sentence} {late}"
