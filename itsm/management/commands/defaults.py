from typing import Any

from django.core.management.base import BaseCommand

from itsm import defaults


class Command(BaseCommand):
    help = "Make the default calendars and the default commitment where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        if defaults.ensure() and options["verbosity"]:
            self.stdout.write("default calendars and commitment made")
