"""The acts on an incident: POST /incidents/<number>/<act>/. Each answers the incident as it is then."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import records.services
from accounts.access import Actor, may, require
from incidents import family, leadership, passing, services, supplying, telling, urging
from incidents.api_shapes import (
    AssignForm,
    AttachForm,
    CloseForm,
    ConfirmForm,
    EscalateForm,
    ExplainForm,
    HoldForm,
    IncidentDetailShape,
    InformForm,
    LinkForm,
    Nothing,
    ReachedForm,
    ReasonForm,
    ResolveForm,
    SupplierRepliedForm,
    UrgeForm,
)
from incidents.lifecycle import LIFECYCLE, ON_HOLD, OPEN, RESOLVED
from incidents.models import Incident
from itsm.rest import schema, versions
from itsm.rest.problems import refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet
from records import assignment
from records.lifecycle import IllegalMove
from records.models import Record
from sla.models import Breach

# Besides the moves of the lifecycle: the states in which an act makes sense.
ACTS = {
    "confirm": frozenset({RESOLVED}),
    "assign": OPEN,
    "accept": OPEN,
    "escalate": OPEN,
    "link": LIFECYCLE.states(),
    "arrive": OPEN,
    "restore": OPEN,
    "tell": OPEN,
    "supplier_replied": frozenset({ON_HOLD}),
}
# hardly ever needed: not listed among what may be done now
EXPLAIN = "explain_breach"
UNLISTED = {
    EXPLAIN: LIFECYCLE.states(), "urge": OPEN, "inform_management": OPEN | {RESOLVED},
}  # fmt: skip
# what a child behind a parent does not get
STANDS_STILL = frozenset({"start", "hold", "resume", "resolve", "restore"})
Verb = Callable[..., Any]


def is_legal(incident: Incident, act: str) -> bool:
    if act in UNLISTED:
        return incident.state in UNLISTED[act]
    if act == "tell" and (incident.restored_at is None or incident.user_notified_at is not None):
        return False
    if incident.parent_id and act in STANDS_STILL:
        return False
    if act in ACTS:
        return incident.state in ACTS[act] and not (act == "confirm" and incident.confirmed_at)
    return act in LIFECYCLE.legal_moves(incident.state)


def available(incident: Incident, actor: Actor) -> tuple[str, ...]:
    """What this actor may do with the incident now, moves of the lifecycle first."""
    acts = (*LIFECYCLE.moves, *ACTS)
    return tuple(act for act in acts if is_legal(incident, act) and may(actor, act, incident))


def operation(summary: str, form: type[Strict], example: dict[str, Any] | None = None) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""
    examples = [OpenApiExample(summary, value=example, request_only=True)] if example is not None else []

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=IncidentDetailShape, parameters=[schema.IF_MATCH],
            examples=examples, filters=False,
        )(handler)  # fmt: skip
        return action(detail=True, methods=["post"], url_path=handler.__name__.rstrip("_"))(described)

    return decorate


class Moves(ViewSet, ABC):
    """One method per act; all go through :meth:`act`."""

    @abstractmethod
    def incident(self) -> Incident:
        """The incident of the address, if the actor may see it; else Http404."""

    @abstractmethod
    def answer(self, number: str) -> Response:
        """The incident as it is now."""

    def act(self, name: str, form: type[Strict], verb: Verb, *, versioned: bool = True) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        incident = self.incident()
        require(self.actor, name, incident)
        expected = versions.expected(self.request, incident.version, required=False)
        if expected is not None and expected != incident.version:
            raise records.services.Stale(incident, expected)
        if not is_legal(incident, name):
            raise IllegalMove(name, incident.state, available(incident, self.actor))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing: dict[str, Any] = {"actor": self.actor, "now": self.now}
        if versioned:
            doing["expected_version"] = expected
        try:
            verb(incident, **asked.validated_data, **doing)
        except IllegalMove as error:  # somebody was quicker
            raise IllegalMove(name, error.state, available(self.incident(), self.actor)) from error
        return self.answer(incident.number)

    @operation("Begin the work", Nothing, {})
    def start(self, request: Request, number: str) -> Response:
        return self.act("start", Nothing, services.start)

    @operation("Put on hold", HoldForm, {"reason": "customer", "note": "We need the log file."})
    def hold(self, request: Request, number: str) -> Response:
        return self.act("hold", HoldForm, services.hold)

    @operation("Go on after a hold", Nothing, {})
    def resume(self, request: Request, number: str) -> Response:
        return self.act("resume", Nothing, services.resume)

    @operation("Resolve", ResolveForm, {"code": "solved", "steps": "Restarted the outbox service."})
    def resolve(self, request: Request, number: str) -> Response:
        return self.act("resolve", ResolveForm, services.resolve)

    @operation("Record the arrival on site", ReachedForm, {"note": "The engineer is with you."})
    def arrive(self, request: Request, number: str) -> Response:
        return self.act("arrive", ReachedForm, services.arrive)

    @operation("Record that the service works again", ReachedForm, {"note": "Mail flows again."})
    def restore(self, request: Request, number: str) -> Response:
        return self.act("restore", ReachedForm, services.restore)

    @operation("Record that the user was told", ReachedForm, {"note": "Called her: mail works again."})
    def tell(self, request: Request, number: str) -> Response:
        return self.act("tell", ReachedForm, _tell)

    @operation("Urge", UrgeForm, {"note": "The board meets at two."})
    def urge(self, request: Request, number: str) -> Response:
        return self.act("urge", UrgeForm, urging.urge, versioned=False)

    @operation("Record that management was informed", InformForm, {"person": "mona", "note": "By telephone."})
    def inform_management(self, request: Request, number: str) -> Response:
        return self.act("inform_management", InformForm, leadership.inform)

    @operation("Put behind another incident", AttachForm, {"parent": "INC0000007"})
    def attach(self, request: Request, number: str) -> Response:
        def verb(incident: Incident, *, parent: str, **doing: Any) -> Any:
            return family.attach(incident, parent=self.named(parent, "parent"), **doing)

        return self.act("link", AttachForm, verb)

    @operation("Detach from the parent", Nothing, {})
    def detach(self, request: Request, number: str) -> Response:
        return self.act("link", Nothing, family.detach)

    @operation("Record the supplier's answer", SupplierRepliedForm, {"note": "A part is on its way."})
    def supplier_replied(self, request: Request, number: str) -> Response:
        return self.act("supplier_replied", SupplierRepliedForm, supplying.supplier_replied)

    @operation("Record the requester's confirmation", ConfirmForm, {"note": "Works again.", "close": True})
    def confirm(self, request: Request, number: str) -> Response:
        def verb(incident: Incident, *, close: bool, **words: Any) -> Any:
            return services.confirm(incident, close_too=close, **words)

        return self.act("confirm", ConfirmForm, verb)

    @operation("Close", CloseForm, {"no_answer": "Called twice, no answer for five days."})
    def close(self, request: Request, number: str) -> Response:
        return self.act("close", CloseForm, services.close)

    @operation(
        "Explain a missed target", ExplainForm,
        {"clock": 17, "reason": "workload", "note": "Two were ill.", "no_action": "A single case."},
    )  # fmt: skip
    def explain_breach(self, request: Request, number: str) -> Response:
        def verb(incident: Incident, *, clock: int, **words: Any) -> Any:
            breach = Breach.objects.filter(clock=clock, clock__record=incident.pk).first()
            if breach is None:
                message = _("This incident has no missed target with that clock.")
                raise refuse("clock", message, "does_not_exist")
            correction = words.pop("action", None)
            action = services.Correction(**correction) if correction else None
            return services.explain_breach(incident, breach, action=action, **words)

        return self.act(EXPLAIN, ExplainForm, verb, versioned=False)

    @operation("Reopen", ReasonForm, {"reason": "It happens again."})
    def reopen(self, request: Request, number: str) -> Response:
        return self.act("reopen", ReasonForm, services.reopen)

    @operation("Cancel", ReasonForm, {"reason": "Logged twice."})
    def cancel(self, request: Request, number: str) -> Response:
        return self.act("cancel", ReasonForm, services.cancel)

    @operation("Assign to a team, a person, or both", AssignForm, {"team": "network", "assignee": "bob"})
    def assign(self, request: Request, number: str) -> Response:
        def verb(incident: Incident, **words: Any) -> Any:
            team = words.pop("team", incident.team)
            stays = team == incident.team
            assignee = words.pop("assignee", incident.assignee if stays else None)
            return passing.assign(incident, team=team, assignee=assignee, **words)

        return self.act("assign", AssignForm, verb)

    @operation("Take it: become its assignee", Nothing, {})
    def accept(self, request: Request, number: str) -> Response:
        return self.act("accept", Nothing, assignment.accept)

    @operation("Escalate to a higher tier", EscalateForm, {"reason": "Needs a network engineer."})
    def escalate(self, request: Request, number: str) -> Response:
        def verb(incident: Incident, **words: Any) -> Any:
            return passing.escalate(incident, team=words.pop("team", None), **words)

        return self.act("escalate", EscalateForm, verb)

    @operation("Link to another record", LinkForm, {"other": "INC0000007", "type": "duplicate"})
    def link(self, request: Request, number: str) -> Response:
        def verb(incident: Incident, *, other: str, type: str, **doing: Any) -> Any:  # noqa: A002
            return records.services.link(incident, self.named(other, "other"), kind=type, **doing)

        return self.act("link", LinkForm, verb, versioned=False)

    def named(self, number: str, field: str) -> Record:
        """The record of a number in the body; what is invisible is an unknown number."""
        try:
            return records.services.get_record(self.actor, number.strip())
        except Http404:
            message = _("There is no record of that number that you may name here.")
            raise refuse(field, message, "does_not_exist") from None


def _tell(incident: Incident, *, note: str = "", **doing: Any) -> Incident:
    return telling.tell_user(incident, note=note, **doing)
