"""From whatever a view raises to its problem details. Nothing of the inside leaks into a 500."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.access import Denied
from itsm.rest.problems import BY_STATUS, MEDIA_TYPE, TYPES, FieldError, Problem

log = logging.getLogger(__name__)

# Between a message and its hint; DRF copies errors as text, so the hint has to travel in it.
HINT = "\x1f"

E = TypeVar("E", bound=Exception)
_READERS: dict[type[Exception], Callable[[Any], Problem]] = {}


def register(kind: type[E], reader: Callable[[E], Problem]) -> None:
    """Teach the interface an app's own exception. Safe to repeat."""
    _READERS[kind] = reader


def handle(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every error is a problem, the unforeseen ones are logged."""
    set_rollback()
    problem = read(exc)
    if problem.slug == "internal":
        log.error("API error", exc_info=exc)
    request = context.get("request")
    return problem.response(request.path if request is not None else "")


def read(exc: Exception) -> Problem:
    """The problem an exception means."""
    if isinstance(exc, Problem):
        return exc
    for kind, reader in _READERS.items():
        if isinstance(exc, kind):
            return reader(exc)
    if isinstance(exc, exceptions.APIException):
        return _of_framework(exc)
    return _of_django(exc)


def _of_django(exc: Exception) -> Problem:
    match exc:
        case ValidationError():
            return _of_validation(exc)
        case Denied():
            return Problem(
                "forbidden", _("This account may not do that: %(action)s.") % {"action": exc.action}
            )
        case PermissionDenied():
            return Problem("forbidden")
        case Http404():
            return Problem("not-found", str(exc) if exc.args else "")
        case RequestDataTooBig():
            return Problem("too-large", _("The request is larger than is taken here."))
        case SuspiciousOperation() | BadRequest():
            return Problem("malformed-request")
        case OperationalError() | InterfaceError():
            log.error("database not available", exc_info=exc)
            return Problem("unavailable", headers={"Retry-After": "2"})
        case _:
            return Problem("internal")


def _of_validation(exc: ValidationError) -> Problem:
    errors = list(_django_errors(exc))
    only_size = all(e.code == "too_large" for e in errors)
    return Problem("too-large" if only_size else "validation", errors=errors)


def _django_errors(exc: ValidationError) -> Iterator[FieldError]:
    by_field = exc.error_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.error_list}
    for name, found in by_field.items():
        for error in found:
            message = " ".join(error.messages)
            yield FieldError(None if name == NON_FIELD_ERRORS else name, error.code or "invalid", message)


def _of_framework(exc: exceptions.APIException) -> Problem:
    match exc:
        case exceptions.ValidationError():
            return Problem("validation", errors=list(flatten(exc.detail)))
        case exceptions.ParseError():
            return Problem("malformed-request", exc.detail)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            challenge = getattr(exc, "auth_header", None)
            headers = {"WWW-Authenticate": challenge} if challenge else {}
            return Problem("not-authenticated" if challenge else "forbidden", exc.detail, headers=headers)
        case exceptions.Throttled():
            wait = str(max(1, int(getattr(exc, "wait", None) or 1)))
            return Problem("too-many-requests", headers={"Retry-After": wait})
        case exceptions.MethodNotAllowed() | exceptions.UnsupportedMediaType() | exceptions.NotAcceptable():
            return Problem(BY_STATUS[exc.status_code], exc.detail)
    return Problem(BY_STATUS.get(exc.status_code, "internal"), exc.detail)


def flatten(detail: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested error detail as a flat list with paths such as ``targets[2].amount``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if isinstance(name, int):  # so a list field names its members
                yield from flatten(inner, f"{path}[{name}]")
                continue
            own = "" if name in ("non_field_errors", NON_FIELD_ERRORS) else str(name)
            yield from flatten(inner, f"{path}.{own}" if path and own else path or own)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from flatten(inner, f"{path}[{place}]" if nested else path)
    else:
        message, _mark, hint = str(detail).partition(HINT)
        yield FieldError(path or None, getattr(detail, "code", "invalid"), message, hint)


def outside_views(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A problem for a path that no view of the interface answers."""
    response = Problem(slug).response(request.path)
    return JsonResponse(
        response.data,
        status=TYPES[slug].status,
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )
