"""The simulator: a clock for managers to try, by the same functions the live clocks use."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.pages import actor_for
from sla import cases
from sla.forms import MOMENT, SimulateForm

REASONS = {
    "open": gettext_lazy("Working time"),
    "closed": gettext_lazy("Outside hours"),
    "break": gettext_lazy("Break"),
    "holiday": gettext_lazy("Holiday"),
    "paused": gettext_lazy("Paused"),
    "stopped": gettext_lazy("Stopped"),
}
STATES = {
    "not_started": (gettext_lazy("Not started"), "neutral"),
    "running": (gettext_lazy("Running"), "accent"),
    "paused": (gettext_lazy("Paused"), "slate"),
    "met": (gettext_lazy("Met"), "good"),
    "breached": (gettext_lazy("Missed"), "bad"),
    "cancelled": (gettext_lazy("Cancelled"), "quiet"),
}


def simulate(request: HttpRequest) -> HttpResponse:
    """Show the form; with an answer below it once it was filled in. The address holds the whole question."""
    actor_for(request, "simulate")
    if "calendar" not in request.GET:
        return render(request, "sla/simulate.html", {"form": SimulateForm(initial=_example())})
    form = SimulateForm(request.GET)
    if not form.is_valid():
        return render(request, "sla/simulate.html", {"form": form}, status=422)
    asked = form.request()
    answer = cases.simulate(asked)["results"][0]
    context: dict[str, Any] = {
        "form": form,
        "zone": form.version().definition["timezone"],
        "asked": json.dumps(asked, indent=2, ensure_ascii=False),
        "refused": answer.get("error"),
    }
    if "error" not in answer:
        context |= _shown(answer["result"][0])
    return render(request, "sla/simulate.html", context, status=422 if "error" in answer else 200)


def _example() -> dict[str, Any]:
    now = timezone.localtime().replace(hour=10, minute=0)
    return {
        "start": now.strftime(MOMENT),
        "at": (now + timedelta(hours=6)).strftime(MOMENT),
        "events": f"{(now + timedelta(hours=1)).strftime(MOMENT)} pause customer\n"
        f"{(now + timedelta(hours=2)).strftime(MOMENT)} resume",
    }


def _shown(snapshot: dict[str, Any]) -> dict[str, Any]:
    words, tone = STATES[snapshot["state"]]
    segments = snapshot.get("segments", [])
    whole = sum(_seconds(s) for s in segments) or 1
    return {
        "snapshot": snapshot,
        "state": {"words": words, "tone": tone},
        "due": _instant(snapshot.get("due")),
        "breached_at": _instant(snapshot.get("breached_at")),
        "fired": [{"words": f"{f['threshold']} %", "at": _instant(f["at"])} for f in snapshot["fired"]],
        "segments": [
            {
                "start": _instant(s["from"]),
                "end": _instant(s["to"]),
                "share": 100 * _seconds(s) / whole,
                "reason": s["reason"],
                "words": _why(s),
                "seconds": _seconds(s) if s["counted"] else None,
            }
            for s in segments
        ],
    }


def _why(segment: dict[str, Any]) -> str:
    """Why the segment was counted or not. What the engine adds in English is left out: the reason says it."""
    detail = str(segment["detail"])
    if segment["reason"] == "open":
        detail = detail.rpartition(" ")[2]  # the hours, without the English weekday
    elif segment["reason"] in ("closed", "stopped"):
        detail = ""
    return " · ".join(filter(None, [str(REASONS[segment["reason"]]), detail]))


def _instant(words: str | None) -> datetime | None:
    return datetime.fromisoformat(words) if words else None


def _seconds(segment: dict[str, Any]) -> float:
    begin, end = _instant(segment["from"]), _instant(segment["to"])
    return (end - begin).total_seconds() if begin and end else 0
