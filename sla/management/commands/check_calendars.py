from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sla.queries import calendars_running_out


class Command(BaseCommand):
    help = "List calendars whose known holidays end within 60 days; ends with 1 if there are any."

    def handle(self, *args: Any, **options: Any) -> None:
        found = calendars_running_out(timezone.now())
        for each in found:
            self.stdout.write(
                f"{each.calendar.code} ({each.calendar.name_en}): holidays are known until {each.known_until}"
            )
        if found:
            self.stdout.write("Add a year with: manage.py import_holidays COUNTRY YEAR --calendar CODE")
            raise SystemExit(1)
        self.stdout.write("All calendars know their holidays for 60 days and more.")
