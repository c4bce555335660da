import json
import re
from types import SimpleNamespace

import pytest
import redis
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings

from itsm import health, heartbeat
from itsm.version import VERSION, read_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REUSE_SECONDS", -1.0)
    heartbeat.client.cache_clear()
    for name in ("worker", "worker-process", "beat"):
        heartbeat.mark(name)


def age(name: str, seconds: int) -> None:
    heartbeat.client().set(heartbeat.key(name), "1", ex=heartbeat.LIFETIME_SECONDS - seconds)


def ask() -> tuple[int, dict[str, str]]:
    response = Client().get("/healthz/")
    return response.status_code, json.loads(response.content)


def test_all_well_is_200_without_login() -> None:
    status, parts = ask()
    assert status == 200
    assert parts == dict.fromkeys(("database", "redis", "worker", "beat"), "ok") | {"version": VERSION}


def test_a_silent_worker_is_named_with_the_time_since_its_last_sign() -> None:
    age("worker", 43)
    status, parts = ask()
    assert status == 503
    assert re.fullmatch(r"down: no heartbeat for 4\d s", parts["worker"])
    assert parts["beat"] == "ok"


def test_a_dead_beat_is_not_taken_for_a_dead_worker() -> None:
    age("beat", 60)
    age("worker", 60)
    status, parts = ask()
    assert status == 503
    assert parts["worker"] == "ok"
    assert re.fullmatch(r"down: no heartbeat for 6\d s", parts["beat"])


def test_a_worker_that_never_was_is_down() -> None:
    heartbeat.client().delete(heartbeat.key("worker"))
    assert ask()[1]["worker"] == "down: no heartbeat"


def test_redis_away_is_named_and_nothing_else_is_blamed(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    heartbeat.client.cache_clear()
    status, parts = ask()
    heartbeat.client.cache_clear()
    assert status == 503
    assert parts["redis"] == "down: connection refused"
    assert parts["worker"] == parts["beat"] == "unknown: redis is down"
    assert parts["database"] == "ok"


def test_the_database_away_is_named_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = SimpleNamespace(get_connection_params=lambda: {"host": "/nowhere", "dbname": "secret"})
    monkeypatch.setattr(health, "connection", nowhere)
    status, parts = ask()
    assert status == 503
    assert parts["database"] == "down: not running"
    assert parts["redis"] == "ok"


def test_a_database_that_does_not_answer_costs_two_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    release = threading.Event()

    def hang() -> dict[str, str]:
        release.wait(10)
        return {}

    monkeypatch.setattr(health, "ask_database", hang)
    started = time.monotonic()
    parts = health.examine()
    release.set()
    assert time.monotonic() - started < 2.5
    assert parts["database"] == "down: no answer within 2 s"
    assert parts["redis"] == "ok"


def test_nobody_can_post_to_it() -> None:
    assert Client().post("/healthz/").status_code == 405


def test_the_answer_is_not_cached() -> None:
    assert "no-store" in Client().get("/healthz/").headers["Cache-Control"]


def test_it_asks_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "REUSE_SECONDS", 60.0)
    asked: list[int] = []

    def examine() -> dict[str, str]:
        asked.append(1)
        return {"database": "ok"}

    monkeypatch.setattr(health, "_examine", examine)
    monkeypatch.setattr(health, "_last", (float("-inf"), {}))
    health.healthz(_get())
    health.healthz(_get())
    assert len(asked) == 1


def _get() -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    return request


def test_a_heartbeat_that_redis_refuses_is_said_so(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    heartbeat.client.cache_clear()
    with pytest.raises(heartbeat.HeartbeatError):
        heartbeat.mark("worker")
    heartbeat.client.cache_clear()


def test_the_client_answers_or_fails_within_a_second() -> None:
    assert isinstance(heartbeat.client(), redis.Redis)
    assert heartbeat.client().connection_pool.connection_kwargs["socket_timeout"] == 1


def test_the_version_is_the_newest_heading_of_the_changelog() -> None:
    assert read_version("# Changelog\n\n## 1.4.0 - a day\n\n## 1.3.9\n") == "1.4.0"
    assert read_version("nothing here") == "unknown"
