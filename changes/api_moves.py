"""The acts on a change: POST /changes/<number>/<act>/. Each answers the change as it is then."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Actor, may, require
from changes import api_shapes as shapes
from changes import assessing, carrying, closing, deciding, lifecycle, risks, services, waiting, writing
from changes.assessing import Judged
from changes.models import Change
from itsm.rest import schema, versions
from itsm.rest.problems import refuse
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet
from records import assignment
from records.lifecycle import IllegalMove
from records.services import Stale

# the acts that are moves of the lifecycle, by their routes
ROUTES = {
    "submit": "submit_change",
    "take": "take_standard",
    "accept": "accept_change",
    "return": "return_change",
    "put_up": "put_up_change",
    "refuse": "refuse_change",
    "authorise": "authorise_change",
    "start": "begin_change",
    "complete": "complete_change",
    "close": "close_change",
    "cancel": "cancel_change",
}
_RUNNING = frozenset({lifecycle.IMPLEMENTING})
# the others: permission, and the states in which they make sense
ACTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "decide": ("decide_change", frozenset({lifecycle.APPROVING})),
    "hand_over": ("decide_change", frozenset({lifecycle.APPROVING})),
    "verify": ("verify_change", frozenset({lifecycle.VERIFYING})),
    "review": ("review_change", frozenset({lifecycle.VERIFYING, lifecycle.REVIEWING})),
    "scope": ("work_change", lifecycle.WRITABLE),
    "risk": ("work_change", lifecycle.WRITABLE),
    "assess": ("work_change", lifecycle.WRITABLE),
    "judge": ("work_change", lifecycle.WRITABLE),
    "test": ("work_change", lifecycle.WRITABLE),
    "exempt": ("exempt_change", lifecycle.WRITABLE),
    "met": ("work_change", frozenset({lifecycle.APPROVING, lifecycle.APPROVED})),
    "step": ("work_change", _RUNNING),
    "alter": ("work_change", _RUNNING),
    "assign": ("assign", lifecycle.UNFINISHED),
}


def permission_of(act: str) -> str:
    return ROUTES.get(act) or ACTS[act][0]


def is_legal(change: Change, act: str) -> bool:
    if act in ACTS:
        return change.state in ACTS[act][1]
    if act == "refuse" and change.state == lifecycle.APPROVING:
        return False  # that is for who decides
    return ROUTES[act] in services.legal_moves(change)


def available(change: Change, actor: Actor) -> tuple[str, ...]:
    """What this actor may do with the change now, moves of the lifecycle first."""
    acts = (*ROUTES, *ACTS)
    return tuple(a for a in acts if is_legal(change, a) and may(actor, permission_of(a), change))


def operation(summary: str, form: type[Strict], example: Mapping[str, Any]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=shapes.ChangeDetailShape,
            parameters=[schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=dict(example), request_only=True)], filters=False,
            tags=["changes"],
        )(handler)  # fmt: skip
        name = handler.__name__.rstrip("_")
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


class Moves(ViewSet, ABC):
    """One method per act; all go through :meth:`take_act`."""

    @abstractmethod
    def change(self) -> Change:
        """The change of the address, if the actor may see it; else Http404."""

    @abstractmethod
    def answer(self) -> Response:
        """The change as it is now."""

    def take_act(
        self, act: str, form: type[Strict], verb: Callable[..., Any], *, versioned: bool = True
    ) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        row = self.change()
        require(self.actor, permission_of(act), row)
        expected = versions.expected(self.request, row.version, required=False)
        if expected is not None and expected != row.version:
            raise Stale(row, expected)
        if not is_legal(row, act):
            raise IllegalMove(act, row.state, available(row, self.actor))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing = {"expected_version": expected} if versioned else {}
        try:
            verb(row, **asked.validated_data, **doing, actor=self.actor, now=self.now)
        except IllegalMove as error:  # somebody was quicker
            raise IllegalMove(act, error.state, available(self.change(), self.actor)) from error
        return self.answer()

    @operation("Submit it", shapes.ChangeNothingForm, {})
    def submit(self, request: Request, number: str) -> Response:
        return self.take_act("submit", shapes.ChangeNothingForm, services.submit)

    @operation("Take the plan of its model (standard)", shapes.ChangeNothingForm, {})
    def take(self, request: Request, number: str) -> Response:
        return self.take_act("take", shapes.ChangeNothingForm, services.take_standard)

    @operation("Accept it", shapes.ChangeNothingForm, {})
    def accept(self, request: Request, number: str) -> Response:
        return self.take_act("accept", shapes.ChangeNothingForm, services.accept)

    @operation("Return it to be completed", shapes.ChangeReasonForm, {"reason": "Which servers?"})
    def return_(self, request: Request, number: str) -> Response:
        return self.take_act("return", shapes.ChangeReasonForm, services.give_back)

    @operation("Put it up for approval", shapes.ChangeNothingForm, {})
    def put_up(self, request: Request, number: str) -> Response:
        return self.take_act("put_up", shapes.ChangeNothingForm, deciding.put_up)

    @operation("Reject the request", shapes.ChangeReasonForm, {"reason": "Not this year."})
    def refuse(self, request: Request, number: str) -> Response:
        return self.take_act("refuse", shapes.ChangeReasonForm, services.refuse_request)

    @operation("Authorise an emergency", shapes.AuthoriseForm, {"words": "Mail is down for everybody."})
    def authorise(self, request: Request, number: str) -> Response:
        return self.take_act("authorise", shapes.AuthoriseForm, deciding.authorise)

    @operation(
        "Approve or reject it",
        shapes.DecideChangeForm,
        {"approve": True, "conditions": "Tell the customers."},
    )
    def decide(self, request: Request, number: str) -> Response:
        return self.take_act("decide", shapes.DecideChangeForm, _decide)

    @operation(
        "Let somebody else decide", shapes.HandOverChangeForm,
        {"person": "li.na", "words": "I am away until Monday."},
    )  # fmt: skip
    def hand_over(self, request: Request, number: str) -> Response:
        return self.take_act("hand_over", shapes.HandOverChangeForm, waiting.hand_over)

    @operation(
        "Name items and services", shapes.ChangeScopeForm, {"items": ["SRV000012"], "services": ["email"]}
    )
    def scope(self, request: Request, number: str) -> Response:
        return self.take_act("scope", shapes.ChangeScopeForm, _scope)

    @operation(
        "Answer the risk questions", shapes.ChangeRiskForm,
        {"answers": {"reach": 1, "backout": 0, "experience": 1, "parts": 0, "security": 0}},
    )  # fmt: skip
    def risk(self, request: Request, number: str) -> Response:
        return self.take_act("risk", shapes.ChangeRiskForm, risks.answer)

    @operation(
        "Judge an aspect", shapes.AssessChangeForm,
        {"aspect": "security", "judgement": "none", "words": "No port is opened."},
    )  # fmt: skip
    def assess(self, request: Request, number: str) -> Response:
        return self.take_act("assess", shapes.AssessChangeForm, _assess)

    @operation(
        "Judge the effect on a promise", shapes.JudgeEffectForm,
        {"agreement": "acme", "target": "resolution//1", "effect": "at_risk", "words": "Two hours without."},
    )  # fmt: skip
    def judge(self, request: Request, number: str) -> Response:
        return self.take_act("judge", shapes.JudgeEffectForm, _judge)

    @operation(
        "Record the test of the plan", shapes.TestChangeForm, {"result": "passed", "words": "Log of today."}
    )
    def test(self, request: Request, number: str) -> Response:
        return self.take_act("test", shapes.TestChangeForm, carrying.note_test)

    @operation("Give an exemption", shapes.ExemptForm, {"guard": "test", "reason": "There is no copy."})
    def exempt(self, request: Request, number: str) -> Response:
        return self.take_act("exempt", shapes.ExemptForm, carrying.exempt, versioned=False)

    @operation("Note a condition as met", shapes.MetForm, {"condition": 7, "words": "Told by mail."})
    def met(self, request: Request, number: str) -> Response:
        return self.take_act("met", shapes.MetForm, _met, versioned=False)

    @operation("Name who carries it out", shapes.AssignChangeForm, {"assignee": "li.na"})
    def assign(self, request: Request, number: str) -> Response:
        def verb(row: Change, **words: Any) -> Any:
            return assignment.assign(row, team=None, **words)

        return self.take_act("assign", shapes.AssignChangeForm, verb)

    @operation("Begin the implementation", shapes.ChangeNothingForm, {})
    def start(self, request: Request, number: str) -> Response:
        return self.take_act("start", shapes.ChangeNothingForm, carrying.start)

    @operation(
        "Note a step", shapes.ChangeStepForm,
        {"what": "Snapshot", "started_at": "2026-03-04T22:00:00+08:00",
         "ended_at": "2026-03-04T22:10:00+08:00"},
    )  # fmt: skip
    def step(self, request: Request, number: str) -> Response:
        return self.take_act("step", shapes.ChangeStepForm, carrying.log_step, versioned=False)

    @operation("Alter an item", shapes.AlterItemForm, {"item": "SRV000012", "revision": "2.4"})
    def alter(self, request: Request, number: str) -> Response:
        def verb(row: Change, *, item: Any, **facts: Any) -> Any:
            doing = {name: facts.pop(name) for name in ("actor", "now")}
            return carrying.alter(row, item, facts, **doing)

        return self.take_act("alter", shapes.AlterItemForm, verb, versioned=False)

    @operation(
        "End the implementation", shapes.CompleteChangeForm, {"outcome": "success", "words": "As planned."}
    )
    def complete(self, request: Request, number: str) -> Response:
        return self.take_act("complete", shapes.CompleteChangeForm, carrying.complete)

    @operation(
        "Verify the result", shapes.VerifyChangeForm, {"is_reached": True, "words": "Mail takes 20 s."}
    )
    def verify(self, request: Request, number: str) -> Response:
        return self.take_act("verify", shapes.VerifyChangeForm, closing.verify)

    @operation(
        "Review it", shapes.ReviewChangeForm,
        {"answers": {"plan": {"yes": True}, "time": {"yes": False, "words": "An hour late."},
                     "cost": {"yes": True}, "side_effects": {"yes": True}, "people": {"yes": True}},
         "lessons": "Plan for a slower copy."},
    )  # fmt: skip
    def review(self, request: Request, number: str) -> Response:
        return self.take_act("review", shapes.ReviewChangeForm, _review)

    @operation("Close it", shapes.ChangeNothingForm, {})
    def close(self, request: Request, number: str) -> Response:
        return self.take_act("close", shapes.ChangeNothingForm, closing.close)

    @operation("Cancel it", shapes.ChangeReasonForm, {"reason": "No longer needed."})
    def cancel(self, request: Request, number: str) -> Response:
        return self.take_act("cancel", shapes.ChangeReasonForm, services.cancel)


def _decide(row: Change, *, conditions: str = "", **words: Any) -> Any:
    """What the board decides comes from its meeting (cab-meetings), never from here."""
    return deciding.decide(row, by_board=None, conditions=conditions, **words)


def _scope(row: Change, *, items: list[Any], services: list[Any], untouched: Any = (), **doing: Any) -> Any:
    pairs = [(item, False) for item in untouched] + [(item, True) for item in items]
    return writing.set_scope(row, items=pairs, services=services, **doing)


def _assess(row: Change, *, aspect: str, judgement: str, words: str, **doing: Any) -> Any:
    return assessing.assess(row, {aspect: Judged(judgement, words)}, **doing)


def _judge(row: Change, *, agreement: Any, target: str, effect: str, words: str = "", **doing: Any) -> Any:
    return assessing.judge_targets(row, {(agreement.pk, target): Judged(effect, words)}, **doing)


def _met(row: Change, *, condition: int, words: str = "", **doing: Any) -> Any:
    found = row.conditions.filter(pk=condition).first() if 0 < condition < 2**63 else None
    if found is None:
        raise refuse("condition", _("This change has no such condition."), "does_not_exist")
    return deciding.note_met(found, words=words, **doing)


def _review(row: Change, *, answers: Mapping[str, Any], **doing: Any) -> Any:
    given = {question: (answer["yes"], answer.get("words", "")) for question, answer in answers.items()}
    return closing.review(row, answers=given, **doing)
