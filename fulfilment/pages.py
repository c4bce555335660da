"""The contexts of the request templates: what each part of a page needs, and nothing decided in HTML."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor, may
from fulfilment import acts, answers, queries
from fulfilment.act_forms import ActForm
from fulfilment.acts import ACTS, Act
from fulfilment.lifecycle import LIFECYCLE
from fulfilment.models import ServiceRequest, State
from records import files, panels, timeline
from records.kinds import process_of
from records.lifecycle import IllegalMove, Phase
from records.models import Priority
from records.queues import PRIORITY_TONES

PHASE_TONES = {Phase.ACTIVE: "accent", Phase.WAITING: "slate", Phase.DONE: "good"}
# A version no record ever has: who sends none has seen nothing.
NO_VERSION = 0


def ticket(
    request: ServiceRequest, actor: Actor, *, now: datetime, before: str | None = None
) -> dict[str, Any]:
    """Everything on the page of a request."""
    possible = acts.possible(request, actor)
    buttons = acts.buttons(request, possible)
    watchers = queries.watchers_of(request)
    people = [request.requester, *watchers]
    return {
        "record": request,
        "badges": badges(request),
        "actions": buttons,
        "has_menu": any(button["style"] == "menu" for button in buttons),
        "can": {act.name for act in possible},
        "targets": queries.targets_of(request, now=now),
        "may_explain": may(actor, "explain_breach", request),
        "answers": answers.lines(request.answers),
        "history": timeline.entries(request, actor, before),
        "watchers": watchers,
        "recipients": _(", ").join(dict.fromkeys(p.name for p in people if p.is_active)) or _("nobody"),
        "others": queries.others_of(request, actor),
        **panels.beside(request, actor, now=now, side=panels.Side.DESK),
        "composer": composer(),
    }


def badges(request: ServiceRequest) -> list[dict[str, Any]]:
    """State and priority beside the title, and whether it costs extra."""
    state = str(State(request.state).label)
    if request.waiting_for and request.state == State.ON_HOLD:
        reason = process_of(request.kind).reasons.get(request.waiting_for, request.waiting_for)
        state = _("On hold: waiting for %(reason)s") % {"reason": reason}
    tone = "neutral" if request.state in LIFECYCLE.withdrawn else PHASE_TONES[Phase(request.phase)]
    found: list[dict[str, Any]] = [
        {"label": state, "tone": tone, "dot": True},
        {"label": Priority(request.priority).label, "tone": PRIORITY_TONES[request.priority]},
    ]
    if request.is_chargeable:
        found.append({"label": _("Chargeable"), "tone": "neutral"})
    return found


def composer(*, visibility: str = "public", body: str = "", errors: Iterable[str] = ()) -> dict[str, Any]:
    """What the composer holds; empty unless a message was refused."""
    size = _("Up to %(n)s MB per file") % {"n": files.MAX_SIZE // 2**20}
    return {"visibility": visibility, "body": body, "errors": list(errors), "file_help": size}


def panel(request: ServiceRequest, act: Act, form: ActForm) -> dict[str, Any]:
    """A step's form as components/act_panel.html reads it."""
    return {
        "act": act,
        "form": form,
        "title": act.title or act.label,
        "label": act.button or act.label,
        "version": request.version,
    }


def why_not(illegal: IllegalMove) -> str:
    """In words: what is not possible now, and what is."""
    moves = process_of("request").moves
    step = ACTS[illegal.move].label if illegal.move in ACTS else moves.get(illegal.move, illegal.move)
    words = {
        "step": step,
        "state": State(illegal.state).label,
        "legal": _(", ").join(str(moves[move]) for move in illegal.legal),
    }
    if not illegal.legal:
        return (
            _("“%(step)s” is not possible: the request is now “%(state)s”, and nothing follows that.") % words
        )
    return _("“%(step)s” is not possible: the request is now “%(state)s”. Possible now: %(legal)s.") % words


def version_in(data: Mapping[str, Any]) -> int:
    """The version a form was written on."""
    text = str(data.get("version", ""))
    return int(text) if text.isdecimal() and len(text) < 10 else NO_VERSION
