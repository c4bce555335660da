"""docker-compose.yml and Dockerfile, as far as they can be judged without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

BASE_DIR = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_parts_are_there_and_each_says_whether_it_is_well(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"prepare", "web", "worker", "slow", "beat", "database", "redis"}
    assert all("healthcheck" in service for name, service in services.items() if name != "prepare")


def test_web_and_worker_are_replicated_and_beat_is_not(compose: dict[str, Any]) -> None:
    replicas = {
        name: service.get("deploy", {}).get("replicas", 1) for name, service in compose["services"].items()
    }
    assert replicas["web"] == replicas["worker"] == 2
    assert replicas["beat"] == 1


def test_every_volume_that_is_mounted_is_named_below(compose: dict[str, Any]) -> None:
    mounted = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(compose["volumes"]) == {"database", "redis", "attachments"}


def test_no_secret_has_a_value_in_the_file(compose: dict[str, Any]) -> None:
    environment = compose["services"]["web"]["environment"]
    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]


def test_every_variable_that_must_be_set_is_in_the_example() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", (BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")))
    example = set(
        re.findall(r"^(\w+)=", (BASE_DIR / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert wanted - example <= {"LOG_LEVEL"}


def test_redis_keeps_what_it_was_told(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_image_does_not_run_as_root() -> None:
    lines = (BASE_DIR / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER itsm"]
