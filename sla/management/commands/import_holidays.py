from argparse import ArgumentParser, ArgumentTypeError
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.services import system_actor
from sla import calendars, public_holidays
from sla.models import Calendar, CalendarVersion
from sla.public_holidays import Day


class Command(BaseCommand):
    help = "Show the public holidays and make-up days of a country and year; --apply adds them to calendars."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("country", help="such as CN, HK or TW")
        parser.add_argument("year", type=int)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--calendar", help="code; default: every calendar that keeps holidays already")
        which.add_argument("--all-calendars", action="store_true")
        parser.add_argument(
            "--apply", action="store_true", help="write it, as a new edition of each calendar"
        )
        parser.add_argument(
            "--effective-from", type=_instant, help="such as 2026-01-01T00:00+08:00; default: now"
        )
        parser.add_argument(
            "--follow", action="store_true",
            help="open clocks go over to it from then on; else they keep the hours they began with",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now().replace(microsecond=0)
        country, year = options["country"].upper(), options["year"]
        try:
            days = public_holidays.official(country, year)
        except public_holidays.UnknownCountry as error:
            raise CommandError(str(error)) from None
        except public_holidays.UnknownYear as error:
            raise CommandError(
                f"{error} What it has are plain feasts and weekends; nothing was changed."
            ) from None
        for calendar in self._calendars(options):
            self._one(calendar, days, year, options, now)
        if not options["apply"]:
            self.stdout.write("Nothing was written. Run it again with --apply to write this.")

    def _calendars(self, options: dict[str, Any]) -> list[Calendar]:
        known = list(Calendar.objects.order_by("code"))
        codes = ", ".join(calendar.code for calendar in known) or "none"
        if options["all_calendars"]:
            wanted = known
        elif code := options["calendar"]:
            wanted = [calendar for calendar in known if calendar.code == code]
            if not wanted:
                raise CommandError(f"There is no calendar {code!r}. There are: {codes}")
        else:
            keeping = CalendarVersion.objects.exclude(holidays_known_until=None).values_list(
                "calendar", flat=True
            )
            wanted = [calendar for calendar in known if calendar.pk in set(keeping)]
        if not wanted:
            raise CommandError(f"No calendar keeps holidays; choose one with --calendar. There are: {codes}")
        return wanted

    def _one(
        self, calendar: Calendar, days: list[Day], year: int, options: dict[str, Any], now: datetime
    ) -> None:
        latest = calendars.latest_version(calendar)
        if latest is None:
            raise CommandError(f"Calendar {calendar.code} has no edition yet.")
        definition, changes = calendars.with_days(latest.definition, days)
        known = max(date(year, 12, 31), latest.holidays_known_until or date.min)
        self._show(calendar, days, changes)
        if not changes and known == latest.holidays_known_until:
            self.stdout.write(f"{calendar.code}: all of it is there already")
            return
        if not options["apply"]:
            return
        try:
            version = calendars.new_version(
                calendar,
                definition,
                effective_from=options["effective_from"] or now,
                actor=system_actor(),
                now=now,
                note=f"holidays {options['country'].upper()} {year}",
                holidays_known_until=known,
                day_names={**latest.day_names, **public_holidays.names(options["country"].upper(), year)},
                follow=options["follow"],
            )
        except ValidationError as error:
            raise CommandError(f"{calendar.code}: {'; '.join(error.messages)}") from None
        self.stdout.write(
            f"{calendar.code}: edition {version.number} written, in force from {version.effective_from}; "
            f"open clocks {'follow it' if options['follow'] else 'keep their hours'}"
        )

    def _show(self, calendar: Calendar, days: list[Day], changes: dict[date, str]) -> None:
        self.stdout.write(f"{calendar.code} ({calendar.name_en})")
        for day in days:
            kind = f"worked as {day.worked_as}" if day.kind == "makeup" else "holiday"
            name = f"for {day.instead_of}" if day.instead_of else day.name
            change = changes.get(day.on, "there already")
            self.stdout.write(f"  {day.on} {day.on:%a}  {kind:<14}  {change:<13}  {name}")


def _instant(text: str) -> datetime:
    """An instant with its offset."""
    at: datetime | None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} is not an instant; write it as 2026-01-01T00:00+08:00")
    return at
