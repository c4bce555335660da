import http.client
import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from itsm.claim import ClaimError, hold, require_free_port
from itsm.local import LocalServerError, Postgres, Redis
from itsm.migration import migrate
from itsm.programs import fill, programs
from itsm.settings import env, env_bool, env_int
from itsm.supervisor import Child, Fork, StopRequested, Supervisor, describe, raise_on_stop_signals, say

HEALTHY_WITHIN_SECONDS = 60


class Command(BaseCommand):
    help = "Run the whole service here: web, worker, beat and, where no URL is given, PostgreSQL and Redis."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.root: Path = settings.DATA_ROOT
        self.host, self.port = env("BIND", "127.0.0.1"), env_int("PORT", 8000)
        self.supervisor = Supervisor()
        raise_on_stop_signals()
        started = time.monotonic()
        try:
            with hold(self.root, settings.SITE_URL) as was_unclean:
                self._run(started, was_unclean=was_unclean)
        except StopRequested:
            say("\n[itsm] stopped")
        except (ClaimError, LocalServerError, RuntimeError) as error:
            raise CommandError(str(error)) from error

    def _run(self, started: float, *, was_unclean: bool) -> None:
        if was_unclean:
            say("[itsm] the last run did not end cleanly; recovering")
        require_free_port(self.host, self.port, patience=6.0 if was_unclean else 0.0)
        try:
            self._start_servers()
            rest = self._prepare_database()
            for name, run in programs(self.host, self.port, self.root).items():
                self.supervisor.start(Child(name, run=run))
            self._wait_until_healthy()
            self._finish(rest)
            self._greet(time.monotonic() - started)
            self.supervisor.watch()
        finally:
            self._stop()

    def _start_servers(self) -> None:
        if not env("REDIS_URL"):
            redis = Redis(self.root)
            child = Child("redis", redis.command, prepare=redis.prepare, stop_signal=redis.stop_signal)
            child.log = self.root / "redis.log"
            self.supervisor.start_and_wait(child, redis.is_ready)
        if not env("DATABASE_URL"):
            postgres = Postgres(self.root)
            if not postgres.data.exists():
                say("[itsm] making a new PostgreSQL database ...")
            child = Child(
                "postgres", postgres.command, prepare=postgres.prepare, stop_signal=postgres.stop_signal
            )
            child.log = self.root / "postgres.log"
            self.supervisor.start_and_wait(child, postgres.is_ready)
            postgres.ensure_database()

    def _prepare_database(self) -> Fork:
        """Migrate; the rest of the preparation needs no wait where there was nothing to migrate."""
        count = migrate()
        connections.close_all()
        rest = Fork(fill)
        if count:
            say(f"[itsm] {count} migrations applied")
            self._finish(rest)
        return rest

    def _finish(self, rest: Fork) -> None:
        if code := rest.wait():
            raise RuntimeError(f"The database could not be prepared ({describe(code)}); see the lines above.")

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
        answer: dict[str, str] = {}
        while time.monotonic() < deadline:
            status, answer = ask_health(self.host, self.port)
            if status == 200:
                return
            for child in self.supervisor.children:
                if not child.is_running:
                    raise RuntimeError(f"{child.name} does not start; see the lines above.")
            time.sleep(0.1)
        say(f"[itsm] not healthy after {HEALTHY_WITHIN_SECONDS} s: {answer or 'no answer'}")

    def _greet(self, seconds: float) -> None:
        say(f"\n[itsm] ready after {seconds:.1f} s: {settings.SITE_URL}/\n")
        if env_bool("ITSM_DEMO", default=True) and "demo" in get_commands():
            table = StringIO()
            call_command("demo", accounts=True, stdout=table)
            connections.close_all()
            say(table.getvalue())
        say("[itsm] Ctrl-C stops everything")

    def _stop(self) -> None:
        self.supervisor.stop(["web", "worker", "slow", "beat"])
        self.supervisor.stop(["redis", "postgres"])


def ask_health(host: str, port: int) -> tuple[int, dict[str, str]]:
    """Status and body of /healthz/; 0 while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=3)  # noqa: S104
    try:
        connection.request("GET", "/healthz/", headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()
