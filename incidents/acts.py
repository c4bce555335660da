"""What an agent can do with an incident: one row per step, read by the buttons, the forms and the tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import records.services
from accounts.access import Actor, may
from incidents import (
    act_forms,
    backfill,
    family,
    leadership,
    lifecycle,
    passing,
    repeats,
    services,
    step_forms,
    supplying,
    telling,
    urging,
)
from incidents.lifecycle import LIFECYCLE, OPEN
from incidents.models import Incident
from records import assignment
from records.assignment import TIERS
from records.lifecycle import IllegalMove


@dataclass(frozen=True)
class Call:
    """Who does it, when, and on which version of the ticket."""

    actor: Actor
    now: datetime
    version: int

    @property
    def saving(self) -> dict[str, Any]:
        """The arguments of a verb that replaces what is there."""
        return {"actor": self.actor, "now": self.now, "expected_version": self.version}

    @property
    def adding(self) -> dict[str, Any]:
        """The arguments of a verb that only adds."""
        return {"actor": self.actor, "now": self.now}


Run = Callable[[Incident, dict[str, Any], Call], Any]


@dataclass(frozen=True)
class Act:
    """A step: its words, who may take it, from which states, its form, and the verb it calls.

    ``fits`` says more about an incident than its state can; ``fields`` maps a verb's word to the form's.
    """

    name: str
    label: Any
    icon: str
    permission: str
    states: frozenset[str]
    run: Run
    form: type[act_forms.ActForm] = act_forms.Nothing
    title: Any = ""
    button: Any = ""
    key: str = ""
    fits: Callable[[Incident, Actor], bool] = lambda incident, actor: True
    fields: Mapping[str, str] = field(default_factory=dict)

    def is_possible(self, incident: Incident, actor: Actor) -> bool:
        stands_still = self.name in WORK and incident.parent_id is not None
        return incident.state in self.states and not stands_still and self.fits(incident, actor)

    def check(self, incident: Incident) -> None:
        """Raise IllegalMove where the state of the incident does not allow it."""
        if incident.state not in self.states:
            raise IllegalMove(self.name, incident.state, LIFECYCLE.legal_moves(incident.state))

    def needs_form(self, incident: Incident) -> bool:
        if self.form is act_forms.Close:
            return incident.confirmed_at is None
        return self.form is not act_forms.Nothing


def _from(move: str) -> frozenset[str]:
    return LIFECYCLE.moves[move][0]


LIVE = OPEN | {lifecycle.RESOLVED}
# what a child behind a parent does not get: it stands still (incidents.family)
WORK = frozenset({"start", "hold", "resume", "resolve", "restore"})
EVER = frozenset(LIFECYCLE.phases)

ACTS = {
    act.name: act
    for act in (
        Act(
            "start", _("Start work"), "player-play", "start", _from("start"),
            lambda i, w, c: services.start(i, **c.saving),
        ),
        Act(
            "resume", _("Resume"), "player-play", "resume", _from("resume"),
            lambda i, w, c: services.resume(i, **c.saving),
        ),
        Act(
            "resolve", _("Resolve"), "circle-check", "resolve", _from("resolve"),
            lambda i, w, c: services.resolve(i, **w, **c.saving),
            act_forms.Resolve, key="e",
        ),
        Act(
            "confirm", _("Record confirmation"), "checks", "confirm", frozenset({lifecycle.RESOLVED}),
            lambda i, w, c: services.confirm(i, **w, **c.saving),
            act_forms.Confirm, title=_("Record the requester's confirmation"),
            fits=lambda i, a: i.confirmed_at is None,
        ),
        Act(
            "close", _("Close"), "lock", "close", _from("close"),
            lambda i, w, c: services.close(i, **w, **c.saving),
            act_forms.Close,
        ),
        Act(
            "take", _("Assign to me"), "user-check", "accept", OPEN,
            lambda i, w, c: assignment.take(i, **c.saving),
            key="i", fits=lambda i, a: i.assignee_id != a.user_id,
        ),
        Act(
            "accept", _("Accept"), "check", "accept", OPEN,
            lambda i, w, c: assignment.accept(i, **c.saving),
            fits=lambda i, a: i.assignee_id == a.user_id,
        ),
        Act(
            "assign", _("Assign"), "user", "assign", OPEN,
            lambda i, w, c: passing.assign(i, **w, **c.saving),
            act_forms.Assign, key="a",
        ),
        Act(
            "hold", _("Put on hold"), "player-pause", "hold", _from("hold"),
            lambda i, w, c: services.hold(i, **w, **c.saving),
            act_forms.Hold,
        ),
        Act(
            "supplier_replied", _("Record the supplier's answer"), "message", "supplier_replied",
            frozenset({lifecycle.ON_HOLD}),
            lambda i, w, c: supplying.supplier_replied(i, **w, **c.saving),
            act_forms.SupplierReplied, button=_("Save"),
            fits=lambda i, a: i.waiting_for == "supplier" and i.supplier_id is not None,
        ),
        Act(
            "arrive", _("Record arrival on site"), "map-pin", "arrive", OPEN,
            lambda i, w, c: services.arrive(i, **w, **c.saving),
            act_forms.Reached, button=_("Save"), fits=lambda i, a: i.on_site_at is None,
        ),
        Act(
            "restore", _("Record that the service works again"), "refresh", "restore", OPEN,
            lambda i, w, c: services.restore(i, **w, **c.saving),
            act_forms.Reached, button=_("Save"), fits=lambda i, a: i.restored_at is None,
        ),
        Act(
            "escalate", _("Escalate to second line"), "arrow-up", "escalate", OPEN,
            lambda i, w, c: passing.escalate(i, **w, **c.saving),
            act_forms.Escalate, title=_("Escalate to a higher tier"),
            fits=lambda i, a: i.team is None or i.team.tier != TIERS[-1],
        ),
        Act(
            "priority", _("Change priority"), "flag", "edit", LIVE,
            lambda i, w, c: services.edit(i, w, **c.saving),
            act_forms.Prioritise, title=_("Change impact, urgency or priority"), button=_("Save"), key="p",
        ),
        Act(
            "edit", _("Edit facts"), "edit", "edit", LIVE,
            lambda i, w, c: services.edit(i, **w, **c.saving),
            act_forms.Edit, button=_("Save"),
        ),
        Act(
            "link", _("Link to another ticket"), "link", "link", EVER,
            lambda i, w, c: records.services.link(i, w["other"], kind=w["type"], **c.adding),
            act_forms.Relate, button=_("Link"),
        ),
        Act(
            "tell", _("Record that the user was told"), "message", "tell", OPEN,
            lambda i, w, c: telling.tell_user(i, **w, **c.saving),
            step_forms.Tell, button=_("Save"),
            fits=lambda i, a: i.restored_at is not None and i.user_notified_at is None,
        ),
        Act(
            "attach", _("Put behind another ticket"), "link", "link", OPEN,
            lambda i, w, c: family.attach(i, **w, **c.saving),
            step_forms.Attach, button=_("Attach"), fits=lambda i, a: i.parent_id is None,
        ),
        Act(
            "adopt", _("Put other tickets behind this one"), "list-check", "link", OPEN,
            lambda i, w, c: family.adopt(i, **w, **c.adding),
            step_forms.Adopt, button=_("Attach"), fits=lambda i, a: i.parent_id is None,
        ),
        Act(
            "detach", _("Detach from the parent"), "arrow-up", "link", LIVE,
            lambda i, w, c: family.detach(i, **c.saving),
            fits=lambda i, a: i.parent_id is not None,
        ),
        Act(
            "repeat", _("Mark as a repeat"), "refresh", "edit", LIVE,
            lambda i, w, c: repeats.mark(i, **w, **c.saving),
            step_forms.Repeat, title=_("The same fault as before"), button=_("Save"),
        ),
        Act(
            "bypass", _("Note that the desk was bypassed"), "eye", "edit", LIVE,
            lambda i, w, c: backfill.note_bypass(i, **w, **c.saving),
            step_forms.Bypassed, button=_("Save"),
        ),
        Act(
            "inform", _("Record that management was informed"), "bell", "inform_management", LIVE,
            lambda i, w, c: leadership.inform(i, **w, **c.saving),
            step_forms.Inform, button=_("Save"),
        ),
        Act(
            "participate", _("Record who takes part"), "users", "take_part", LIVE,
            lambda i, w, c: leadership.take_part(i, **w, **c.saving),
            step_forms.TakePart, button=_("Save"),
        ),
        Act(
            "urge", _("Record that the customer urges"), "bolt", "urge", OPEN,
            lambda i, w, c: urging.urge(i, **w, **c.adding),
            step_forms.Urge, button=_("Save"),
        ),
        Act(
            "explain", _("Explain a missed target"), "alert-circle", "explain_breach", EVER,
            lambda i, w, c: services.explain_breach(i, w.pop("clock"), **w, **c.adding),
            act_forms.Explain, title=_("Why was the target missed?"), button=_("Save"),
        ),
        Act(
            "reopen", _("Reopen"), "rotate", "reopen", _from("reopen"),
            lambda i, w, c: services.reopen(i, **w, **c.saving),
            act_forms.Reopen,
        ),
        Act(
            "cancel", _("Cancel ticket"), "ban", "cancel", _from("cancel"),
            lambda i, w, c: services.cancel(i, **w, **c.saving),
            act_forms.Cancel,
        ),
    )
}  # fmt: skip

# The step that comes next, and the two beside it; all others wait behind "More".
FRONT: Mapping[str, tuple[str, ...]] = {
    lifecycle.NEW: ("start", "take", "assign", "resolve"),
    lifecycle.IN_PROGRESS: ("resolve", "hold", "assign"),
    lifecycle.ON_HOLD: ("resume", "resolve", "assign"),
    lifecycle.RESOLVED: ("confirm", "close", "reopen"),
}


def possible(incident: Incident, actor: Actor, *, without: frozenset[str] = frozenset()) -> list[Act]:
    """The steps this actor can take now, in the order of the table; ``without`` leaves some out."""
    return [
        act
        for act in ACTS.values()
        if act.name not in without
        and act.is_possible(incident, actor)
        and may(actor, act.permission, incident)
    ]


def buttons(incident: Incident, acts: list[Act]) -> list[dict[str, Any]]:
    """The steps as components/action_bar.html reads them: one primary, at most two beside it."""
    names = [act.name for act in acts]
    front = [name for name in FRONT.get(incident.state, ()) if name in names][:3]
    ordered = sorted(acts, key=lambda act: front.index(act.name) if act.name in front else len(front))
    return [
        {
            "label": act.label,
            "url": reverse("incidents:act", args=[incident.number, act.name]),
            "icon": act.icon,
            "style": _style(act, front),
            "key": act.key,
            "needs_form": act.needs_form(incident),
        }
        for act in ordered
    ]


def _style(act: Act, front: list[str]) -> str:
    if act.name in front:
        return "primary" if act.name == front[0] else "secondary"
    return "menu"
