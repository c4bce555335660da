"""The acts on a request: POST /requests/<number>/<act>/. Each answers the request as it is then."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

import records.services
from accounts.access import Actor, may, require
from fulfilment import api_shapes as shapes
from fulfilment import charging, rights, services, work
from fulfilment.lifecycle import BEFORE_WORK, FULFILLED, LIFECYCLE, OPEN
from fulfilment.models import ServiceRequest
from itsm.rest import schema, versions
from itsm.rest.problems import refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet
from records import assignment
from records.lifecycle import IllegalMove
from sla.models import Breach

# Besides the moves of the lifecycle: the states in which an act makes sense.
ACTS = {
    "charge": BEFORE_WORK,
    "confirm": frozenset({FULFILLED}),
    "assign": OPEN,
    "accept": OPEN,
    "escalate": OPEN,
    "check_identity": OPEN,
    "grant_right": frozenset(work.WORKING),
}
# acts that are allowed by another name
ALLOWED_BY = {"check_identity": "keep_right", "grant_right": "keep_right"}
# always legal and hardly ever needed: not listed among what may be done now
EXPLAIN = "explain_breach"
Verb = Callable[..., Any]


def _always(request: ServiceRequest) -> bool:
    return True


SENSIBLE: dict[str, Callable[[ServiceRequest], bool]] = {
    "confirm": lambda request: request.confirmed_at is None,
    "charge": lambda request: not request.is_chargeable,
    "check_identity": rights.is_missing,
    "grant_right": rights.is_missing,
}


def is_legal(request: ServiceRequest, act: str) -> bool:
    if act == EXPLAIN:
        return True
    if act in ACTS:
        return request.state in ACTS[act] and SENSIBLE.get(act, _always)(request)
    return act in LIFECYCLE.legal_moves(request.state)


def available(request: ServiceRequest, actor: Actor) -> tuple[str, ...]:
    """What this actor may do with the request now, moves of the lifecycle first."""
    acts = (*(move for move in LIFECYCLE.moves if move in services.MOVES), *ACTS)
    return tuple(
        act for act in acts if may(actor, ALLOWED_BY.get(act, act), request) and is_legal(request, act)
    )


def operation(summary: str, form: type[Strict], example: dict[str, Any] | None = None) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""
    examples = [OpenApiExample(summary, value=example, request_only=True)] if example is not None else []

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=shapes.RequestDetailShape,
            parameters=[schema.IF_MATCH], examples=examples, filters=False,
        )(handler)  # fmt: skip
        return action(detail=True, methods=["post"], url_path=handler.__name__.rstrip("_"))(described)

    return decorate


class Moves(ViewSet, ABC):
    """One method per act; all go through :meth:`act`."""

    @abstractmethod
    def ordered(self) -> ServiceRequest:
        """The request of the address, if the actor may see it; else Http404."""

    @abstractmethod
    def answer(self, number: str) -> Response:
        """The request as it is now."""

    def act(self, name: str, form: type[Strict], verb: Verb, *, versioned: bool = True) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        ordered = self.ordered()
        require(self.actor, ALLOWED_BY.get(name, name), ordered)
        expected = versions.expected(self.request, ordered.version, required=False)
        if expected is not None and expected != ordered.version:
            raise records.services.Stale(ordered, expected)
        if not is_legal(ordered, name):
            raise IllegalMove(name, ordered.state, available(ordered, self.actor))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing: dict[str, Any] = {"actor": self.actor, "now": self.now}
        if versioned:
            doing["expected_version"] = expected
        try:
            verb(ordered, **asked.validated_data, **doing)
        except IllegalMove as error:  # somebody was quicker
            raise IllegalMove(name, error.state, available(self.ordered(), self.actor)) from error
        return self.answer(ordered.number)

    @operation("Begin the work", shapes.Nothing, {})
    def start(self, request: Request, number: str) -> Response:
        return self.act("start", shapes.Nothing, services.start)

    @operation("Put on hold", shapes.HoldForm, {"reason": "customer", "note": "Which colour?"})
    def hold(self, request: Request, number: str) -> Response:
        return self.act("hold", shapes.HoldForm, services.hold)

    @operation("Go on after a hold", shapes.Nothing, {})
    def resume(self, request: Request, number: str) -> Response:
        return self.act("resume", shapes.Nothing, services.resume)

    @operation("Fulfil", shapes.FulfilForm, {"outcome": "Delivered to room 201."})
    def fulfil(self, request: Request, number: str) -> Response:
        return self.act("fulfil", shapes.FulfilForm, services.fulfil)

    @operation(
        "Answer that it cannot be met", shapes.RefuseForm,
        {"reason": "The model is no longer made.", "alternative": "Its successor, at the same price."},
    )  # fmt: skip
    def refuse(self, request: Request, number: str) -> Response:
        return self.act("refuse", shapes.RefuseForm, services.turn_down)

    @operation("Record the requester's confirmation", shapes.ConfirmForm, {"close": True})
    def confirm(self, request: Request, number: str) -> Response:
        def verb(ordered: ServiceRequest, *, close: bool, **rest: Any) -> Any:
            return services.confirm(ordered, close_too=close, **rest)

        return self.act("confirm", shapes.ConfirmForm, verb)

    @operation("Close", shapes.CloseForm, {"no_answer": "Called twice."})
    def close(self, request: Request, number: str) -> Response:
        return self.act("close", shapes.CloseForm, services.close)

    @operation("Reopen", shapes.ReasonForm, {"reason": "The charger is missing."})
    def reopen(self, request: Request, number: str) -> Response:
        return self.act("reopen", shapes.ReasonForm, services.reopen)

    @operation("Take the order back, as its customer", shapes.TakeBackForm, {})
    def take_back(self, request: Request, number: str) -> Response:
        return self.act("take_back", shapes.TakeBackForm, services.take_back)

    @operation("Give it up", shapes.ReasonForm, {"reason": "Ordered twice."})
    def cancel(self, request: Request, number: str) -> Response:
        return self.act("cancel", shapes.ReasonForm, services.cancel)

    @operation("Give it to a team or a person", shapes.AssignForm, {"team": "desk"})
    def assign(self, request: Request, number: str) -> Response:
        def verb(ordered: ServiceRequest, **asked: Any) -> Any:
            if not {"team", "assignee"} & set(asked):
                raise refuse("team", _("Name a team, a person, or both."), "required")
            asked.setdefault("team", ordered.team)
            asked.setdefault("assignee", None)
            return assignment.assign(ordered, **asked)

        return self.act("assign", shapes.AssignForm, verb)

    @operation("Take it oneself", shapes.Nothing, {})
    def accept(self, request: Request, number: str) -> Response:
        return self.act("accept", shapes.Nothing, assignment.accept)

    @operation("Hand it to a higher tier", shapes.EscalateForm, {"reason": "Needs a specialist."})
    def escalate(self, request: Request, number: str) -> Response:
        def verb(ordered: ServiceRequest, **asked: Any) -> Any:
            asked.setdefault("team", None)
            return assignment.escalate(ordered, **asked)

        return self.act("escalate", shapes.EscalateForm, verb)

    @operation("Mark it as chargeable", shapes.ChargeForm, {"why": "Outside the warranty"})
    def charge(self, request: Request, number: str) -> Response:
        """Then a quotation is sent, at `/quotations/` below it."""
        return self.act("charge", shapes.ChargeForm, charging.charge)

    @operation(
        "Record who the person is, for an access request", shapes.IdentityForm,
        {"how": "Called back on the number in the directory."},
    )  # fmt: skip
    def check_identity(self, request: Request, number: str) -> Response:
        return self.act("check_identity", shapes.IdentityForm, rights.check_identity, versioned=False)

    @operation(
        "Record the right granted, for an access request", shapes.GrantForm,
        {"right": "Read the ledger", "valid_from": "2026-03-02", "valid_until": "2026-12-31"},
    )  # fmt: skip
    def grant_right(self, request: Request, number: str) -> Response:
        return self.act("grant_right", shapes.GrantForm, rights.grant, versioned=False)

    @operation(
        "Explain a missed target", shapes.ExplainForm,
        {"clock": 7, "reason": "other", "note": "Part was late.", "no_action": "Ordered earlier now."},
    )  # fmt: skip
    def explain_breach(self, request: Request, number: str) -> Response:
        def verb(ordered: ServiceRequest, *, clock: int, **asked: Any) -> Any:
            rows = Breach.objects.filter(clock__record=ordered.pk, clock__support=None)
            breach = rows.filter(clock=clock).first()
            if breach is None:
                raise refuse("clock", _("No target of this clock was missed."))
            return services.explain_breach(ordered, breach, **asked)

        return self.act(EXPLAIN, shapes.ExplainForm, verb, versioned=False)
