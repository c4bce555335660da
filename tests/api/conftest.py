"""Programs that ask the REST interface: one per person of the cast, with a token of their own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Token, User
from accounts.services import issue_token
from tests.cast import Cast, make_incident

V1 = "/api/v1"


class Api:
    """A program with a token. Paths are given below /api/v1; bodies are sent as JSON."""

    def __init__(self, token: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = None, **headers: Any) -> Any:
        """``raw=`` sends bytes as they are; all other names are headers."""
        raw: bytes | None = headers.pop("raw", None)
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        full = path if path.startswith(("http", "/api")) else V1 + path
        return self.client.generic(
            method, full, content, content_type=sent.pop("Content-Type", "application/json"),
            headers={**self.headers, **sent},
        )  # fmt: skip

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **headers)

    def send_form(self, path: str, form: dict[str, Any], **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(V1 + path, form, headers={**self.headers, **sent})


def is_problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """The response is a problem of this kind, in the shape every problem has."""
    assert response.status_code == status, response.content[:500]
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"/api/v1/errors/{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/api")
    return body


def refused(response: Any, *fields: str | None, code: str | None = None) -> dict[str, Any]:
    """A 400 that names exactly these fields, each with code and message."""
    body = is_problem(response, 400, "validation")
    assert {error["field"] for error in body["errors"]} == set(fields)
    assert all(error["code"] and error["message"] for error in body["errors"])
    if code:
        assert {error["code"] for error in body["errors"]} == {code}
    return body


@pytest.fixture
def api(cast: Cast) -> Callable[..., Api]:
    """``api(cast.alice)``: what alice's program can do."""

    def make(user: User | None, scope: str = Token.Scope.WRITE) -> Api:
        return Api(issue_token(user, name="test", scope=scope, lifetime=None) if user else None)

    return make


@pytest.fixture
def number(cast: Cast) -> str:
    """An incident of rita's."""
    return str(make_incident(cast).number)
