from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from itsm.migration import migrate, only_one
from itsm.settings import env_bool


class Command(BaseCommand):
    help = "Bring the database up to date and load the demo organisation (not with ITSM_DEMO=0)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        count = migrate(verbosity=options["verbosity"])
        if count:
            self.stdout.write(f"{count} migrations applied")
        if env_bool("ITSM_DEMO", default=True) and "demo" in get_commands():
            with only_one():
                call_command("demo", verbosity=options["verbosity"])
