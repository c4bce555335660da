"""The contexts of the incident templates: what each part of a page needs, and nothing decided in HTML."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Actor, may
from accounts.models import User
from incidents import acts, queries, ties
from incidents.act_forms import ActForm
from incidents.acts import ACTS, Act
from incidents.forms import NewIncident
from incidents.lifecycle import LIFECYCLE
from incidents.models import Incident, State
from records import files, panels, timeline
from records.kinds import process_of
from records.lifecycle import IllegalMove, Phase

PHASE_TONES = {Phase.ACTIVE: "accent", Phase.WAITING: "slate", Phase.DONE: "good"}
# A version no record ever has: who sends none has seen nothing.
NO_VERSION = 0

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "who": ("customer", "requester"),
    "what": ("title", "description"),
    "about": ("service", "item"),
    "kind": ("channel", "contact_type", "event_kind", "category", "symptom", "site"),
    "more": (
        "reporter", "occurred_at", "team", "assignee", "backfill_source", "bypassed_by", "attachments",
    ),
    "solved": ("code", "restored_at", "solved_at", "steps"),
}  # fmt: skip


def sections(form: NewIncident) -> dict[str, Any]:
    """The fields of the new-incident page by section; ``is_open`` says which folded ones hold something."""
    parts: dict[str, Any] = {name: [form[f] for f in fields] for name, fields in SECTIONS.items()}
    parts["is_open"] = form.is_bound and any(
        field.errors or field.value() for field in parts["more"] if field.name != "attachments"
    )
    return parts


def ticket(incident: Incident, actor: Actor, *, now: datetime, before: str | None = None) -> dict[str, Any]:
    """Everything on the ticket page."""
    targets = queries.targets_of(incident, now=now)
    people = queries.people_of(incident)
    unfit = set() if any(row["breach"] for row in targets) else {"explain"}
    if incident.assignee_id == actor.user_id and queries.is_accepted(incident):
        unfit.add("accept")
    possible = acts.possible(incident, actor, without=frozenset(unfit))
    buttons = acts.buttons(incident, possible)
    watchers = queries.watchers_of(incident)
    return {
        "incident": incident,
        "badges": badges(incident),
        "actions": buttons,
        "has_menu": any(button["style"] == "menu" for button in buttons),
        "can": {act.name for act in possible},
        "targets": targets,
        "may_explain": may(actor, "explain_breach", incident),
        "reporter": people.get(incident.reporter_id),
        "logger": people.get(incident.logged_by_id or 0),
        "bypasser": people.get(incident.bypassed_by_id or 0),
        "resolver": people.get(incident.resolved_by_id or 0),
        "confirmer": people.get(incident.confirmed_by_id or 0),
        "history": timeline.entries(incident, actor, before),
        "watchers": watchers,
        "recipients": recipients(incident, watchers),
        "tier": tier_beside(incident),
        "others": queries.others_of(incident.requester, actor, but=incident),
        "related": queries.related_of(incident, actor),
        "ties": ties.ties_of(incident, actor, now=now),
        **panels.beside(incident, actor, now=now, side=panels.Side.DESK),
        "composer": composer(),
    }


def badges(incident: Incident) -> list[dict[str, Any]]:
    """State and priority beside the title."""
    state = str(State(incident.state).label)
    if incident.waiting_for:
        reason = process_of(incident.kind).reasons.get(incident.waiting_for, incident.waiting_for)
        state = _("On hold: waiting for %(reason)s") % {"reason": reason}
    tone = "neutral" if incident.state in LIFECYCLE.withdrawn else PHASE_TONES[Phase(incident.phase)]
    return [
        {"label": state, "tone": tone, "dot": True},
        queries.priority_badge(incident.priority),
    ]


def tier_beside(incident: Incident) -> str:
    """The team's tier, where its name does not say it already."""
    tier = str(incident.team.get_tier_display()) if incident.team else ""
    return "" if incident.team and tier == incident.team.name else tier


def composer(*, visibility: str = "public", body: str = "", errors: Iterable[str] = ()) -> dict[str, Any]:
    """What the composer holds; empty unless a message was refused."""
    size = _("Up to %(n)s MB per file") % {"n": files.MAX_SIZE // 2**20}
    return {"visibility": visibility, "body": body, "errors": list(errors), "file_help": size}


def recipients(incident: Incident, watchers: Iterable[User] | None = None) -> str:
    """Who receives a public reply, in words."""
    people = [incident.requester, *(queries.watchers_of(incident) if watchers is None else watchers)]
    return _(", ").join(dict.fromkeys(person.name for person in people if person.is_active)) or _("nobody")


def panel(incident: Incident, act: Act, form: ActForm) -> dict[str, Any]:
    """A step's form as components/act_panel.html reads it."""
    return {
        "act": act,
        "form": form,
        "title": act.title or act.label,
        "label": act.button or act.label,
        "version": incident.version,
    }


def why_not(illegal: IllegalMove) -> str:
    """In words: what is not possible now, and what is."""
    moves = process_of("incident").moves
    legal = _(", ").join(str(moves[move]) for move in illegal.legal)
    words = {
        "step": ACTS[illegal.move].label if illegal.move in ACTS else moves.get(illegal.move, illegal.move),
        "state": State(illegal.state).label,
        "legal": legal,
    }
    if not legal:
        return (
            _("“%(step)s” is not possible: the ticket is now “%(state)s”, and nothing follows that.") % words
        )
    return _("“%(step)s” is not possible: the ticket is now “%(state)s”. Possible now: %(legal)s.") % words


def version_in(data: Mapping[str, Any]) -> int:
    """The version a form was written on."""
    text = str(data.get("version", ""))
    return int(text) if text.isdecimal() and len(text) < 10 else NO_VERSION
