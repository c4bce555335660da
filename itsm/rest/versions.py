"""ETag and If-Match: which version of a record a writer has seen."""

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from itsm.rest.problems import Problem

_TAGS = re.compile(r'\s*(?:W/)?"([^"]*)"\s*(?:,|$)')


def etag(version: int) -> str:
    return f'"v{version}"'


def expected(request: Request, current: int, *, required: bool) -> int | None:
    """The version named by ``If-Match`` that a verb shall insist on; None for any.

    Of several tags the one that fits counts. A tag that fits nothing asks for version 0, which never is:
    the verb itself then refuses and says what happened since. 428 where the header is ``required``.
    """
    text = request.headers.get("If-Match", "").strip()
    if not text:
        if required:
            raise Problem("precondition-required")
        return None
    if text == "*":
        return None
    tags = _TAGS.findall(text)
    if not tags:
        raise Problem(
            "precondition-required",
            _("“If-Match: %(given)s” is no ETag; write it as %(right)s.")
            % {"given": text[:60], "right": etag(current)},
        )
    versions = [int(tag[1:]) for tag in tags if re.fullmatch(r"v[0-9]{1,9}", tag)]
    return current if current in versions else max(versions, default=0)
