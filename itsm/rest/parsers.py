"""Reading bodies: JSON strictly as RFC 8259 has it, and forms with files; each with its limits."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.parsers import MultiPartParser as FrameworkMultiPartParser
from rest_framework.utils.mediatypes import _MediaType

from itsm.rest.problems import Problem

MAX_DEPTH = 32


class JSONParser(BaseParser):
    """One JSON document in UTF-8: no NaN, no repeated names, no lone surrogates, within limits."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        charset = _MediaType(media_type or "").params.get("charset", "utf-8")
        if charset.lower().strip('"') not in ("utf-8", "utf8"):
            raise UnsupportedMediaType(str(media_type), _("JSON is taken in UTF-8 only."))
        text = self._text(stream, parser_context or {})
        try:
            found = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
        except RecursionError:
            raise ParseError(_too_deep()) from None
        except ValueError as error:
            raise ParseError(_("This is not JSON: %(why)s.") % {"why": error}) from None
        _check(found)
        return found

    @staticmethod
    def _text(stream: BinaryIO, context: Mapping[str, Any]) -> str:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        request = context.get("request")
        length = int(request.META.get("CONTENT_LENGTH") or 0) if request is not None else 0
        if length > limit:
            raise too_large(limit)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise too_large(limit)
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            raise ParseError(_("This is not JSON: the text is not UTF-8.")) from None


class FormParser(FrameworkMultiPartParser):
    """A multipart form with files, its size checked before it is read."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        limit = getattr(context["view"], "largest_form", settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
        if int(context["request"].META.get("CONTENT_LENGTH") or 0) > limit:
            raise too_large(limit)
        return super().parse(stream, media_type, parser_context)


def too_large(limit: int) -> Problem:
    return Problem("too-large", _("The request may have at most %(n)s MB.") % {"n": limit // 2**20})


def _too_deep() -> str:
    return _("The document is nested deeper than %(n)s levels.") % {"n": MAX_DEPTH}


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!a} occurs twice in one object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _check(value: Any) -> None:
    """Refuse what is too deep, and text that cannot be written as UTF-8 anywhere."""
    try:
        for text in _texts(value, 1):
            text.encode()
    except UnicodeEncodeError:
        raise ParseError(_("A text holds half of a surrogate pair, which is no character.")) from None


def _texts(value: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise ParseError(_too_deep())
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, depth + 1)
