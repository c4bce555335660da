"""The page on which an agreement is ended."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import may
from accounts.models import in_reader_language
from agreements import ending, lifecycle
from agreements import forms as shapes
from agreements.models import Edition, Ending, State
from records.lifecycle import IllegalMove
from records.pages import actor_for, add_errors, get_one, now_utc


def end(request: HttpRequest, number: str) -> HttpResponse:
    """What hangs on the agreement, the request of its end, and what became of earlier requests."""
    actor = actor_for(request, "draft_agreement")
    edition = get_one(Edition, actor, number)
    pending = ending.pending(edition.agreement)
    is_open = edition.state == lifecycle.IN_FORCE and pending is None
    form = shapes.Terminate(request.POST if request.method == "POST" and is_open else None)
    calling = shapes.Because(request.POST if request.method == "POST" and pending else None, prefix="off")
    if request.method == "POST":
        if not is_open and pending is None:
            raise IllegalMove("terminate", edition.state, lifecycle.LIFECYCLE.legal_moves(edition.state))
        try:
            if pending and calling.is_valid():
                ending.call_off(pending, **calling.cleaned_data, actor=actor, now=now_utc())
                return redirect("agreements:end", edition.number)
            if is_open and form.is_valid():
                ending.request(edition, **form.cleaned_data, actor=actor, now=now_utc())
                return redirect("agreements:end", edition.number)
        except ValidationError as refused:
            add_errors(calling if pending else form, refused)
    context = {
        "edition": edition,
        "state": State(edition.state).label,
        "form": form if is_open and may(actor, "terminate", edition) else None,
        "calling": calling if pending and may(actor, "call_off_end", edition) else None,
        "open": _hanging(edition) if is_open else None,
        "endings": [_shown(row) for row in _past(edition)],
    }
    failed = form.errors or calling.errors
    return render(request, "agreements/end.html", context, status=422 if failed else 200)


def _past(edition: Edition) -> Any:
    rows = Ending.objects.filter(agreement=edition.agreement_id).select_related(
        "requested_by", "called_off_by"
    )
    return rows.order_by("-pk")


def _hanging(edition: Edition) -> dict[str, Any]:
    """What an end as of now would touch."""
    return {
        "duties": [_duty(duty.kind, duty.number, duty.words) for duty in ending.duties(edition)],
        **_offers(ending.offers(edition, now_utc())),
        "behind": ending.behind(edition.agreement),
        "people": len(ending.readers(edition)),
    }


def _offers(found: Sequence[ending.Offer]) -> dict[str, Any]:
    """The offers by what then applies to them, and how many they are."""
    groups: dict[str, list[str]] = {}
    for offer in found:
        groups.setdefault(offer.falls_to.name if offer.falls_to else "", []).append(offer.service.name)
    return {"offers": [(", ".join(names), then) for then, names in groups.items()], "lost": len(found)}


def _duty(kind: str, number: str, words: dict[str, str]) -> dict[str, Any]:
    said = in_reader_language(words["en"], words["zh"])
    return {"kind": ending.KINDS[kind], "number": number, "words": said}


def _shown(row: Ending) -> dict[str, Any]:
    asked = row.edition.follow_ups.filter(kind="end").select_related("agreement").order_by("pk")
    return {
        "row": row,
        "duties": [_duty(duty["kind"], duty["number"], duty["words"]) for duty in row.duties],
        **_offers(ending.lost(row)),
        "behind": asked,
        "people": row.told,
        "is_pending": not row.called_off_at and not row.done_at,
    }
