"""What an agent can do with a request: one row per step, read by the buttons, the forms and the tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import records.services
from accounts.access import Actor, may
from fulfilment import act_forms, approvals, charging, lifecycle, rights, services, work
from fulfilment.lifecycle import BEFORE_WORK, LIFECYCLE, OPEN
from fulfilment.models import ServiceRequest
from records import assignment
from records.assignment import TIERS
from records.lifecycle import IllegalMove
from sla.models import Breach


@dataclass(frozen=True)
class Call:
    """Who does it, when, and on which version of the request."""

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


Run = Callable[[ServiceRequest, dict[str, Any], Call], Any]


def _always(request: ServiceRequest, actor: Actor) -> bool:
    return True


@dataclass(frozen=True)
class Act:
    """A step: its words, who may take it, from which states, its form, and the verb it calls."""

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
    fits: Callable[[ServiceRequest, Actor], bool] = _always

    def is_possible(self, request: ServiceRequest, actor: Actor) -> bool:
        return request.state in self.states and self.fits(request, actor)

    def check(self, request: ServiceRequest) -> None:
        """Raise IllegalMove where the state of the request does not allow it."""
        if request.state not in self.states:
            raise IllegalMove(self.name, request.state, LIFECYCLE.legal_moves(request.state))

    def needs_form(self, request: ServiceRequest) -> bool:
        if self.form is act_forms.Close:
            return request.confirmed_at is None
        return self.form is not act_forms.Nothing


def _from(move: str) -> frozenset[str]:
    return LIFECYCLE.moves[move][0]


def _missed(request: ServiceRequest, actor: Actor) -> bool:
    return Breach.objects.filter(clock__record=request.pk, clock__support=None).exists()


LIVE = OPEN | {lifecycle.FULFILLED}
EVER = frozenset(LIFECYCLE.phases)

ACTS = {
    act.name: act
    for act in (
        Act(
            "start", _("Start work"), "player-play", "start", _from("start"),
            lambda r, w, c: services.start(r, **c.saving),
            fits=lambda r, a: not charging.is_unsettled(r),
        ),
        Act(
            "quote", _("Send quotation"), "file-text", "quote", _from("quote"),
            lambda r, w, c: charging.quote(r, w.pop("lines"), **w, **c.saving),
            act_forms.Quote, fits=lambda r, a: charging.is_unsettled(r),
        ),
        Act(
            "accept_quote", _("Record the acceptance"), "check", "accept_quote",
            frozenset({lifecycle.OFFERED}),
            lambda r, w, c: charging.accept(r.quotations.get(state="sent"), **w, **c.adding),
            act_forms.AcceptQuote, title=_("The customer accepted the quotation elsewhere"),
        ),
        Act(
            "charge", _("Mark as chargeable"), "file-text", "charge", BEFORE_WORK,
            lambda r, w, c: charging.charge(r, **w, **c.saving),
            act_forms.Charge, fits=lambda r, a: not r.is_chargeable,
        ),
        Act(
            "add_task", _("Add a task"), "checklist", "work_task", frozenset(work.WORKING),
            lambda r, w, c: work.add(r, **w, **c.adding), act_forms.AddTask, button=_("Add"),
        ),
        Act(
            "identity", _("Record the identity check"), "user-check", "keep_right", OPEN,
            lambda r, w, c: rights.check_identity(r, **w, **c.adding),
            act_forms.Identity, button=_("Save"), fits=lambda r, a: rights.is_missing(r),
        ),
        Act(
            "grant", _("Record the right granted"), "key", "keep_right", frozenset(work.WORKING),
            lambda r, w, c: rights.grant(r, **w, **c.adding),
            act_forms.GrantRight, button=_("Save"), fits=lambda r, a: rights.is_missing(r),
        ),
        Act(
            "resume", _("Resume"), "player-play", "resume", _from("resume"),
            lambda r, w, c: services.resume(r, **c.saving),
        ),
        Act(
            "fulfil", _("Fulfil"), "circle-check", "fulfil", _from("fulfil"),
            lambda r, w, c: services.fulfil(r, **w, **c.saving),
            act_forms.Fulfil, key="e",
        ),
        Act(
            "confirm", _("Record confirmation"), "checks", "confirm", frozenset({lifecycle.FULFILLED}),
            lambda r, w, c: services.confirm(r, **w, **c.saving),
            act_forms.Confirm, title=_("Record the requester's confirmation"),
            fits=lambda r, a: r.confirmed_at is None,
        ),
        Act(
            "close", _("Close"), "lock", "close", _from("close"),
            lambda r, w, c: services.close(r, **w, **c.saving),
            act_forms.Close,
        ),
        Act(
            "take", _("Assign to me"), "user-check", "accept", OPEN,
            lambda r, w, c: assignment.take(r, **c.saving),
            key="i", fits=lambda r, a: r.assignee_id != a.user_id,
        ),
        Act(
            "assign", _("Assign"), "user", "assign", OPEN,
            lambda r, w, c: assignment.assign(r, **w, **c.saving),
            act_forms.Assign, key="a",
        ),
        Act(
            "hold", _("Put on hold"), "player-pause", "hold", _from("hold"),
            lambda r, w, c: services.hold(r, **w, **c.saving),
            act_forms.Hold,
        ),
        Act(
            "refuse", _("Cannot be met"), "ban", "refuse", _from("refuse"),
            lambda r, w, c: services.turn_down(r, **w, **c.saving),
            act_forms.Refuse, title=_("Why it cannot be met, and what could be done instead"),
        ),
        Act(
            "escalate", _("Escalate to second line"), "arrow-up", "escalate", OPEN,
            lambda r, w, c: assignment.escalate(r, **w, **c.saving),
            act_forms.Escalate, title=_("Escalate to a higher tier"),
            fits=lambda r, a: r.team is None or r.team.tier != TIERS[-1],
        ),
        Act(
            "name_approver", _("Name an approver"), "user", "name_approver", frozenset({lifecycle.APPROVAL}),
            lambda r, w, c: approvals.name_approver(w["stage"], person=w["person"], **c.adding),
            act_forms.NameApprover, button=_("Ask"),
        ),
        Act(
            "edit", _("Edit facts"), "edit", "edit", LIVE,
            lambda r, w, c: records.services.edit(r, w, **c.saving),
            act_forms.Edit, button=_("Save"), key="p",
        ),
        Act(
            "explain", _("Explain a missed target"), "alert-circle", "explain_breach", EVER,
            lambda r, w, c: services.explain_breach(r, w.pop("clock"), **w, **c.adding),
            act_forms.Explain, title=_("Why was the target missed?"), button=_("Save"), fits=_missed,
        ),
        Act(
            "reopen", _("Reopen"), "rotate", "reopen", _from("reopen"),
            lambda r, w, c: services.reopen(r, **w, **c.saving),
            act_forms.Because,
        ),
        Act(
            "cancel", _("Cancel request"), "ban", "cancel", _from("cancel"),
            lambda r, w, c: services.cancel(r, **w, **c.saving),
            act_forms.Because,
        ),
    )
}  # fmt: skip

# The step that comes next, and the two beside it; all others wait behind "More".
FRONT: Mapping[str, tuple[str, ...]] = {
    lifecycle.SUBMITTED: ("start", "quote", "take", "assign"),
    lifecycle.OFFERED: ("accept_quote", "quote", "assign"),
    lifecycle.APPROVAL: ("name_approver", "assign", "refuse"),
    lifecycle.IN_FULFILMENT: ("grant", "fulfil", "hold", "assign"),
    lifecycle.ON_HOLD: ("resume", "fulfil", "assign"),
    lifecycle.FULFILLED: ("confirm", "close", "reopen"),
}


def register(act: Act) -> None:
    """Add a step of another module of this app."""
    ACTS[act.name] = act


def possible(request: ServiceRequest, actor: Actor) -> list[Act]:
    """The steps this actor can take now, in the order of the table."""
    return [
        act
        for act in ACTS.values()
        if may(actor, act.permission, request) and act.is_possible(request, actor)
    ]


def buttons(request: ServiceRequest, acts: list[Act]) -> list[dict[str, Any]]:
    """The steps as components/action_bar.html reads them: one primary, at most two beside it."""
    names = [act.name for act in acts]
    front = [name for name in FRONT.get(request.state, ()) if name in names][:3]
    ordered = sorted(acts, key=lambda act: front.index(act.name) if act.name in front else len(front))
    return [
        {
            "label": act.label,
            "url": reverse("fulfilment:act", args=[request.number, act.name]),
            "icon": act.icon,
            "style": _style(act, front),
            "key": act.key,
            "needs_form": act.needs_form(request),
        }
        for act in ordered
    ]


def _style(act: Act, front: list[str]) -> str:
    if act.name in front:
        return "primary" if act.name == front[0] else "secondary"
    return "menu"
