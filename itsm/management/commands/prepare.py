from typing import Any

from django.core.management.base import BaseCommand

from itsm.migration import migrate, only_one
from itsm.programs import fill


class Command(BaseCommand):
    help = "Bring the database up to date, make the defaults, and load the demo (not with ITSM_DEMO=0)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        count = migrate(verbosity=options["verbosity"])
        if count:
            self.stdout.write(f"{count} migrations applied")
        with only_one():
            fill()
