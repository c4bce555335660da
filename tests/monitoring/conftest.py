"""A monitoring system that reports to us, and what it says."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Token
from accounts.services import issue_token
from monitoring.models import Rule, Source
from tests.cast import MONDAY, Cast


class Monitoring:
    """Posts as robot's program at an instant that the test moves."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.client = Client(raise_request_exception=False)
        self.token = issue_token(cast.robot, name="monitoring", scope=Token.Scope.WRITE, lifetime=None)
        self.now = MONDAY

    def later(self, **span: int) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def post(self, path: str, body: Any, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        with time_machine.travel(self.now, tick=False):
            return self.client.generic(
                "POST", f"/api/v1/alerts/{path}", json.dumps(body), "application/json", headers=sent
            )

    def results(self, path: str, body: Any) -> list[str]:
        response = self.post(path, body)
        assert response.status_code == 200, response.content
        return [each["result"] for each in response.json()["results"]]

    def say(self, alarm: str = "disk-full", item: str = "db-1", status: str = "firing", **more: Any) -> str:
        """One plain alert; answers what became of it."""
        return self.results("", {"alarm": alarm, "item": item, "status": status, **more})[0]


@pytest.fixture
def monitoring(cast: Cast) -> Monitoring:
    return Monitoring(cast)


@pytest.fixture
def source(cast: Cast) -> Source:
    return Source.objects.create(account=cast.robot, code="json", kind="json", name="Checks")


@pytest.fixture
def rule(cast: Cast, source: Source) -> Callable[..., Rule]:
    """A rule of the source that is switched on and opens tickets for Acme; of another source by name."""

    def make(**over: Any) -> Rule:
        facts = {
            "source": source, "name": "All", "customer": cast.acme, "requester": cast.rita,
            "service": cast.mail, "is_active": True,
        }  # fmt: skip
        return Rule.objects.create(**{**facts, **over})

    return make
