import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from itsm import settings as module
from itsm.headers import CONTENT_SECURITY_POLICY
from itsm.logging import LineFormatter
from itsm.settings import celery_url, email_settings, env, env_bool, env_int, env_list, stored_secret_key

BASE_DIR = Path(__file__).resolve().parents[2]


def test_a_redis_socket_is_spelt_the_way_celery_wants_it() -> None:
    assert celery_url("unix:///tmp/x/redis.sock?db=3") == "redis+socket:///tmp/x/redis.sock?virtual_host=3"
    assert celery_url("redis://host:6379/1") == "redis://host:6379/1"


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "secret"))
    assert env("SOME_KEY") == "from the file"


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("0", False), ("", False), ("off", False)]
)
def test_a_switch_is_1_or_0(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("SWITCH", value)
    assert env_bool("SWITCH") is expected


def test_nonsense_in_a_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCH", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="SWITCH must be 1 or 0"):
        env_bool("SWITCH")
    with pytest.raises(ImproperlyConfigured, match="SWITCH must be a whole number"):
        env_int("SWITCH", 1)


def test_a_list_is_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", " a.example, b.example ,")
    assert env_list("HOSTS") == ["a.example", "b.example"]


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret_key"
    key = stored_secret_key(path)
    assert stored_secret_key(path) == key
    assert len(key) > 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret_key"]


def test_mail_settings_come_from_one_url() -> None:
    found = email_settings("smtp://desk%40example.com:p%40ss@mail.example.com:587?tls=1")
    assert found["EMAIL_HOST"] == "mail.example.com"
    assert found["EMAIL_HOST_USER"] == "desk@example.com"
    assert (found["EMAIL_HOST_PASSWORD"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("p@ss", 587, True)
    assert email_settings("smtps://mail.example.com")["EMAIL_PORT"] == 465
    assert email_settings("file:///var/mail%20box")["EMAIL_FILE_PATH"] == "/var/mail box"


def test_an_unknown_kind_of_mail_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must begin with"):
        email_settings("pigeon://coop")


def test_debug_is_off_unless_asked_for() -> None:
    assert module.DEBUG is False


def load_settings(expression: str, tmp_path: Path, **environment: str) -> str:
    """What `expression` is in settings loaded with `environment`, by a process of its own."""
    keep = {key: os.environ[key] for key in ("PATH", "DATABASE_URL", "REDIS_URL") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", f"from itsm import settings; print(({expression}))"],
        env=keep | {"ITSM_DATA": str(tmp_path)} | environment,
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_cookies_are_secure_when_the_site_is_https(tmp_path: Path) -> None:
    expression = (
        "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"
    )
    assert load_settings(expression, tmp_path, SITE_URL="https://desk.example.com") == "(True, True, True)"
    assert load_settings(expression, tmp_path, SITE_URL="http://localhost:8000") == "(False, False, False)"


def test_the_site_s_own_host_is_allowed(tmp_path: Path) -> None:
    expression = "settings.ALLOWED_HOSTS[3:], settings.CSRF_TRUSTED_ORIGINS"
    told = load_settings(
        expression, tmp_path, SITE_URL="https://desk.example.com:8443", ALLOWED_HOSTS="other"
    )
    assert told == "(['desk.example.com', 'other'], ['https://desk.example.com:8443'])"


def test_limits_of_a_session_reach_the_database_and_the_url_has_the_last_word(tmp_path: Path) -> None:
    expression = "settings.DATABASES['default']['OPTIONS']['options']"
    assert load_settings(expression, tmp_path, DB_STATEMENT_TIMEOUT="5s") == "-c statement_timeout=5s"
    expression = "settings.DATABASES['default']['OPTIONS']['connect_timeout']"
    url = "postgres://u:p@db.example.com/itsm?connect_timeout=9"
    assert load_settings(expression, tmp_path, DATABASE_URL=url) == "9"


def test_every_page_carries_the_headers_that_keep_it_to_itself() -> None:
    headers = Client().get("/healthz/").headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "'unsafe-inline'" not in CONTENT_SECURITY_POLICY.partition("style-src-attr")[0]
    assert "unsafe-eval" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_an_event_with_a_traceback_is_one_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("a.b", logging.ERROR, "", 0, "it broke", None, sys.exc_info())
    line = LineFormatter().format(record)
    assert "\n" not in line
    assert "ERROR a.b: it broke" in line
    assert "ValueError: first" in line
