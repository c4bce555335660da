"""Problem details (RFC 9457): the one shape of every error, and the list of their types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
TYPES_PATH = "/api/v1/errors/"


@dataclass(frozen=True)
class Type:
    """A kind of error. ``slug`` is the end of its stable URI; ``help`` says what to do about it."""

    slug: str
    status: int
    title: Any
    help: Any

    @property
    def uri(self) -> str:
        return TYPES_PATH + self.slug


TYPES: Mapping[str, Type] = {
    each.slug: each
    for each in (
        Type(
            "validation",
            400,
            _("The request holds values that are not accepted"),
            _("Each entry of “errors” names a field, why it was refused and what would be right."),
        ),
        Type(
            "malformed-request",
            400,
            _("The request cannot be read"),
            _("Send one JSON document (RFC 8259) in UTF-8, or a multipart form where files are taken."),
        ),
        Type(
            "not-authenticated",
            401,
            _("Nobody is logged in"),
            _("Send a valid token: “Authorization: Bearer <token>”."),
        ),
        Type(
            "forbidden",
            403,
            _("You may not do this"),
            _("The role of this account or the scope of this token does not cover the act."),
        ),
        Type(
            "not-found",
            404,
            _("There is no such thing here"),
            _("It does not exist, or this account may not know of it."),
        ),
        Type(
            "method-not-allowed",
            405,
            _("This method is not offered here"),
            _("The header “Allow” lists the methods. Tickets are never deleted; their state is moved."),
        ),
        Type("not-acceptable", 406, _("Only JSON is answered"), _("Accept application/json.")),
        Type(
            "conflict",
            409,
            _("This does not fit the present state"),
            _("Read the resource again and decide anew."),
        ),
        Type(
            "illegal-move",
            409,
            _("This move is not possible now"),
            _("“legal_moves” lists what this account may do with the ticket now."),
        ),
        Type(
            "duplicate",
            409,
            _("This exists already"),
            _("“existing” names the record with this source and external reference, if you may see it."),
        ),
        Type(
            "in-progress",
            409,
            _("The same request is being carried out"),
            _("Repeat it with the same Idempotency-Key after the seconds in “Retry-After”."),
        ),
        Type(
            "stale",
            412,
            _("Somebody has changed it since you read it"),
            _("“changes” lists what happened since. Read it again and repeat with the new ETag."),
        ),
        Type(
            "too-large",
            413,
            _("This is too large"),
            _("The detail names the limit."),
        ),
        Type(
            "unsupported-media-type",
            415,
            _("This content type is not taken here"),
            _("Send “Content-Type: application/json”; files go as multipart/form-data."),
        ),
        Type(
            "idempotency-key-reused",
            422,
            _("This Idempotency-Key was used for another request"),
            _("Use a new key for each new request, the same key only to repeat one."),
        ),
        Type(
            "precondition-required",
            428,
            _("Say which version you are changing"),
            _('Send the ETag of the version you read: “If-Match: "v3"”.'),
        ),
        Type(
            "too-many-requests",
            429,
            _("Too many requests"),
            _("Go on after the seconds in “Retry-After”."),
        ),
        Type(
            "internal",
            500,
            _("Something went wrong on our side"),
            _("It was logged. Repeating the request with the same Idempotency-Key is safe."),
        ),
        Type(
            "unavailable",
            503,
            _("The service cannot answer just now"),
            _("Repeat after the seconds in “Retry-After”, with the same Idempotency-Key."),
        ),
    )
}
BY_STATUS: Mapping[int, str] = {
    400: "validation",
    401: "not-authenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    412: "stale",
    413: "too-large",
    415: "unsupported-media-type",
    422: "idempotency-key-reused",
    428: "precondition-required",
    429: "too-many-requests",
    503: "unavailable",
}


@dataclass(frozen=True)
class FieldError:
    """One refused value. ``field`` is a path such as ``targets[2].amount``; None: the request as a whole."""

    field: str | None
    code: str
    message: str
    hint: str = ""

    @property
    def data(self) -> dict[str, Any]:
        shown = {"field": self.field, "code": self.code, "message": self.message}
        return {**shown, "hint": self.hint} if self.hint else shown


@dataclass
class Problem(Exception):
    """An error to be answered as it is. ``slug`` is a key of :data:`TYPES`; ``extra`` are further members."""

    slug: str
    detail: Any = ""
    errors: Iterable[FieldError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None

    def response(self, instance: str) -> Response:
        """The answer to a request of the path ``instance``."""
        type_ = TYPES[self.slug]
        status = self.status or type_.status
        errors = list(self.errors)
        body: dict[str, Any] = {
            "type": type_.uri,
            "title": str(type_.title),
            "status": status,
            "detail": str(self.detail) or _summary(errors) or str(type_.help),
            "instance": instance,
            **self.extra,
        }
        if errors:
            body["errors"] = [error.data for error in errors]
        return Response(body, status=status, headers=dict(self.headers), content_type=MEDIA_TYPE)


def _summary(errors: list[FieldError]) -> str:
    return " ".join(f"{e.field}: {e.message}" if e.field else e.message for e in errors[:5])


def refuse(field_name: str | None, message: Any, code: str = "invalid", hint: Any = "") -> Problem:
    """A validation problem on one field."""
    return Problem("validation", errors=[FieldError(field_name, code, str(message), str(hint))])
