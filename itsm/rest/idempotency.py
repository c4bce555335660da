"""Idempotency-Key: a POST that is repeated with its key is carried out once and answered alike.

The key's row is claimed in the transaction of the write itself: of two requests at the same time the second
waits at the unique index, then finds the first one's answer. An error rolls the claim back, so it is not
remembered and the request can be corrected and sent again under the same key.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyKey
from accounts.tasks import IDEMPOTENCY_KEPT
from itsm.rest.problems import Problem, refuse

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Location", "ETag", "Content-Language")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_CLAIM = """
    INSERT INTO accounts_idempotencykey AS k (user_id, key, request_hash, headers, body, created_at)
    VALUES (%s, %s, %s, '{}', '', %s)
    ON CONFLICT (user_id, key) DO UPDATE
    SET request_hash = EXCLUDED.request_hash, status = NULL, headers = '{}', body = '',
        created_at = EXCLUDED.created_at
    WHERE k.created_at < %s
    RETURNING id
"""
# lock_not_available, query_canceled
STILL_HELD = ("55P03", "57014")
Handler = Callable[..., HttpResponseBase]


def key_of(request: Request) -> str:
    """The key of a request, "" where it has none."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    key = key.strip().removeprefix('"').removesuffix('"')
    if not _KEY.fullmatch(key):
        raise refuse(HEADER, _("1 to 200 visible ASCII characters, for example a UUID."))
    return key


def once(handler: Handler, key: str) -> Handler:
    """``handler`` as it is carried out for a request that has a key."""

    def run(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = int(request.user.pk or 0)
        fingerprint = request_hash(request)
        with transaction.atomic():
            row = _claim(user, key, fingerprint)
            if row is None:
                return _replay(user, key, fingerprint)
            response = handler(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
            else:
                _store(row, response)
        return response

    return run


def request_hash(request: Request) -> str:
    """A fingerprint of what is asked: method, path, and the meaning of the body."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if isinstance(data, MultiValueDict):
        for name in sorted(data):
            for value in data.getlist(name):
                digest.update(f"{name}\0".encode())
                digest.update(_content(value))
    else:
        digest.update(json.dumps(data, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()


def _content(value: Any) -> bytes:
    if not isinstance(value, UploadedFile):
        return f"{value}\0".encode()
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return f"{value.name}\0".encode() + digest.digest()


def _claim(user: int, key: str, fingerprint: str) -> int | None:
    """The id of the row that is now ours, None if an earlier request has it."""
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [user, key, fingerprint, now, now - IDEMPOTENCY_KEPT])
            row = cursor.fetchone()
    except OperationalError as error:
        # the other one holds the row longer than the lock timeout allows us to wait
        if getattr(error.__cause__, "pgcode", "") not in STILL_HELD:
            raise
        raise Problem("in-progress", headers={"Retry-After": "2"}) from error
    return row[0] if row else None


def _replay(user: int, key: str, fingerprint: str) -> HttpResponse:
    earlier = IdempotencyKey.objects.get(user=user, key=key)
    if earlier.request_hash != fingerprint:
        raise Problem("idempotency-key-reused")
    headers = {**earlier.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(earlier.body, status=earlier.status, headers=headers, content_type="application/json")


def _store(row: int, response: HttpResponseBase) -> None:
    data = response.data if isinstance(response, Response) else None
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = JSONRenderer().render(data).decode() if data is not None else ""
    IdempotencyKey.objects.filter(pk=row).update(status=response.status_code, headers=headers, body=body)
