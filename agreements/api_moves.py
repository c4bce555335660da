"""The acts on an edition: POST /editions/<number>/<act>/. Each answers the edition as it is then."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Actor, may, require
from agreements import ending, services
from agreements.api_shapes import (
    AgreeForm,
    BecauseForm,
    CountersignForm,
    EditionDetailShape,
    ExcuseForm,
    LegalityForm,
    NoWords,
    SignForm,
    SubmitForm,
    TerminateForm,
)
from agreements.lifecycle import IN_FORCE, IN_MAKING, INTERNAL_REVIEW, LIFECYCLE, PARTY_REVIEW, TO_SIGN
from agreements.models import Edition
from itsm.rest import schema, versions
from itsm.rest.serializers import Strict
from itsm.rest.views import ViewSet
from records.lifecycle import IllegalMove
from records.services import Stale
from sla.terms import FIELDS

# The moves a person makes; superseding and expiring come by themselves.
MOVES = ("submit", "offer", "agree", "activate", "return", "withdraw", "terminate")
# Besides them: the states in which a decision can be recorded.
DECISIONS = {
    "countersign": frozenset({INTERNAL_REVIEW}),
    "check_legality": frozenset({INTERNAL_REVIEW, PARTY_REVIEW, TO_SIGN}),
    "sign": frozenset({TO_SIGN}),
    "excuse": IN_MAKING,
}
CALL_OFF = "call_off_end"
ACTS = (*MOVES, *DECISIONS, CALL_OFF)
Verb = Callable[..., Any]


def is_legal(edition: Edition, act: str) -> bool:
    if act == CALL_OFF:
        return edition.state == IN_FORCE and ending.pending(edition.agreement) is not None
    if act in DECISIONS:
        return edition.state in DECISIONS[act]
    return act in LIFECYCLE.legal_moves(edition.state)


def available(edition: Edition, actor: Actor) -> tuple[str, ...]:
    """What this actor's role may do with the edition now; who may decide on whose draft is for the verbs."""
    return tuple(act for act in ACTS if is_legal(edition, act) and may(actor, act, edition))


def check_version(edition: Edition, expected: int | None) -> None:
    if expected is not None and expected != edition.version:
        raise Stale(edition, expected)


def operation(summary: str, form: type[Strict], example: dict[str, Any]) -> Callable[..., Any]:
    """An act as a route and as an operation of the OpenAPI document."""

    def decorate(handler: Callable[..., Any]) -> Any:
        described = extend_schema(
            summary=summary, request=form, responses=EditionDetailShape, parameters=[schema.IF_MATCH],
            examples=[OpenApiExample(summary, value=example, request_only=True)], filters=False,
            tags=["agreements"],
        )(handler)  # fmt: skip
        name = handler.__name__.rstrip("_")
        return action(detail=True, methods=["post"], url_path=name, url_name=name.replace("_", "-"))(
            described
        )

    return decorate


def _in_terms(refused: ValidationError) -> ValidationError:
    """What is wrong inside the terms, with the path it has in an edition."""
    inside = ("calendar", *FIELDS)
    return ValidationError(
        {
            f"terms.{field}" if re.split(r"[.\[]", field)[0] in inside else field: errors
            for field, errors in refused.error_dict.items()
        }
    )


class Moves(ViewSet, ABC):
    """One method per act; all go through :meth:`act`."""

    @abstractmethod
    def edition(self) -> Edition:
        """The edition of the path; 404 where it is invisible."""

    @abstractmethod
    def answer(self, number: str) -> Response:
        """The edition as it is now, with its ETag."""

    def act(self, name: str, form: type[Strict], verb: Verb, *, versioned: bool = True) -> Response:
        """Refuse in the order invisible, not allowed, stale, not possible now, wrongly asked; or do it."""
        edition = self.edition()
        require(self.actor, name, edition)
        expected = versions.expected(self.request, edition.version, required=False)
        check_version(edition, expected)
        if not is_legal(edition, name):
            raise IllegalMove(name, edition.state, available(edition, self.actor))
        asked = form(data=self.request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        doing: dict[str, Any] = {"actor": self.actor, "now": self.now}
        if versioned:
            doing["expected_version"] = expected
        try:
            verb(edition, **asked.validated_data, **doing)
        except IllegalMove as error:  # somebody was quicker
            raise IllegalMove(name, error.state, available(self.edition(), self.actor)) from error
        return self.answer(edition.number)

    @operation("Submit for internal review", SubmitForm, {"reviewers": ["mona", "alice"]})
    def submit(self, request: Request, number: str) -> Response:
        return self.act("submit", SubmitForm, services.submit)

    @operation(
        "Countersign, or object", CountersignForm, {"result": "approved", "comment": "Fits our hours."}
    )
    def countersign(self, request: Request, number: str) -> Response:
        return self.act("countersign", CountersignForm, services.countersign, versioned=False)

    @operation("Record the legality check", LegalityForm, {"result": "passed", "note": "Checked by counsel."})
    def check_legality(self, request: Request, number: str) -> Response:
        return self.act("check_legality", LegalityForm, services.check_legality, versioned=False)

    @operation("Offer it to the other party", NoWords, {})
    def offer(self, request: Request, number: str) -> Response:
        return self.act("offer", NoWords, services.offer)

    @operation("Record the other party's agreement", AgreeForm, {"note": "Ms Li, by letter of 1 March."})
    def agree(self, request: Request, number: str) -> Response:
        return self.act("agree", AgreeForm, services.agree)

    @operation(
        "Record a signature",
        SignForm,
        {"party": "counterparty", "person": "Li Na", "role": "Director", "signed_on": "2026-03-01"},
    )
    def sign(self, request: Request, number: str) -> Response:
        return self.act("sign", SignForm, services.sign, versioned=False)

    @operation(
        "Accept a looser promise behind a target",
        ExcuseForm,
        {"target_key": "resolution//1", "reason": "The carrier's contract ends in June."},
    )
    def excuse(self, request: Request, number: str) -> Response:
        return self.act("excuse", ExcuseForm, services.excuse, versioned=False)

    @operation("Put it in force from its date", NoWords, {})
    def activate(self, request: Request, number: str) -> Response:
        def verb(edition: Edition, **doing: Any) -> Any:
            try:
                return services.activate(edition, **doing)
            except ValidationError as refused:
                raise _in_terms(refused) from refused

        return self.act("activate", NoWords, verb)

    @operation("Send it back to draft", BecauseForm, {"reason": "The price has changed."})
    def return_(self, request: Request, number: str) -> Response:
        return self.act("return", BecauseForm, services.send_back)

    @operation("Withdraw it", BecauseForm, {"reason": "The customer chose another package."})
    def withdraw(self, request: Request, number: str) -> Response:
        return self.act("withdraw", BecauseForm, services.withdraw)

    @operation("Call off its end, before its day", BecauseForm, {"reason": "They stay."})
    def call_off_end(self, request: Request, number: str) -> Response:
        return self.act(CALL_OFF, BecauseForm, ending.call_off_of, versioned=False)

    @operation(
        "End the agreement",
        TerminateForm,
        {"at": "2026-06-30T16:00:00Z", "reason": "The customer moves away."},
    )
    def terminate(self, request: Request, number: str) -> Response:
        return self.act("terminate", TerminateForm, ending.request)
