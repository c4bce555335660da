from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from itsm.migration import migrate, only_one
from itsm.settings import env_bool


class Command(BaseCommand):
    help = "Bring the database up to date, make the defaults, and load the demo (not with ITSM_DEMO=0)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        count = migrate(verbosity=options["verbosity"])
        if count:
            self.stdout.write(f"{count} migrations applied")
        with only_one():
            call_command("defaults", verbosity=options["verbosity"])
            if env_bool("ITSM_DEMO", default=True):
                call_command("demo", verbosity=options["verbosity"])
