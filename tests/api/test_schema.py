"""The OpenAPI document and its page."""

import re
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from incidents.lifecycle import LIFECYCLE


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Made as `manage.py spectacular --validate --fail-on-warn` does: a warning fails the test."""
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    found: dict[str, Any] = yaml.safe_load(out.getvalue())
    return found


@pytest.mark.req("PLT-04")
def test_the_document_is_valid_and_covers_every_move(document: dict[str, Any]) -> None:
    paths = document["paths"]
    for move in (*LIFECYCLE.moves, "confirm", "assign", "accept", "escalate", "link"):
        assert f"/api/v1/incidents/{{number}}/{move}/" in paths
    for path in ("/api/v1/sla/simulate/", "/api/v1/incidents/{number}/clocks/{id}/", "/api/v1/users/"):
        assert path in paths
    assert all(path.startswith("/api/v1/") for path in paths)


def test_errors_headers_and_examples_are_in_the_document(
    document: dict[str, Any],
) -> None:
    create = document["paths"]["/api/v1/incidents/"]["post"]
    assert {"201", "400", "401", "403", "409", "413", "415", "422", "429", "500"} <= set(create["responses"])
    assert "application/problem+json" in create["responses"]["400"]["content"]
    assert "Idempotency-Key" in [p["name"] for p in create["parameters"]]
    assert create["requestBody"]["content"]["application/json"]["examples"]
    patch = document["paths"]["/api/v1/incidents/{number}/"]["patch"]
    assert {"412", "428"} <= set(patch["responses"])
    assert next(p for p in patch["parameters"] if p["name"] == "If-Match")["required"] is True
    names = {p["name"] for p in document["paths"]["/api/v1/incidents/"]["get"]["parameters"]}
    assert {"state", "assignee", "q", "due_before", "cursor", "page_size", "ordering"} <= names


def test_the_document_is_served(db: None) -> None:
    answer = Client().get("/api/v1/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


def test_the_page_runs_from_our_own_files_under_the_usual_policy(db: None) -> None:
    answer = Client().get("/api/v1/docs/")
    page = answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "<style" not in page
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)
    for source in sources:
        assert Client().get(source.replace("&amp;", "&")).status_code == 200, source
