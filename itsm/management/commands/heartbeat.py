from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from itsm import heartbeat
from itsm.health import LATE_AFTER_SECONDS


class Command(BaseCommand):
    help = "Say when a background process last gave a sign of life; exit code 1 when that is too long ago."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", choices=["worker", "worker-process", "beat"])

    def handle(self, *args: Any, **options: Any) -> None:
        who = options["who"]
        try:
            age = heartbeat.ages(who)[who]
        except heartbeat.HeartbeatError as error:
            raise CommandError(f"Redis cannot be asked: {error}") from error
        if age is None or age > LATE_AFTER_SECONDS:
            raise CommandError(f"{who}: no heartbeat" + (f" for {age:.0f} s" if age else ""))
        self.stdout.write(f"{who}: {age:.0f} s ago")
