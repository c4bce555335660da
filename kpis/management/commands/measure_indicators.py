from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kpis import measuring
from records import spans


class Command(BaseCommand):
    help = "Count the indicators of past spans of time, for all customers together and for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=24, help="how many months back (default 24)")
        parser.add_argument(
            "--kind", choices=spans.KINDS, action="append", help="which spans (default: month)"
        )
        parser.add_argument("--again", action="store_true", help="also what was counted for good")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["months"] <= 240:
            raise CommandError("--months: from 1 to 240")
        now = timezone.now().replace(microsecond=0)
        zone = measuring.house_zone()
        today = timezone.localdate(now, zone)
        first = spans.of("month", today, zone).moved(1 - options["months"]).first
        stored = 0
        for kind in options["kind"] or ["month"]:
            for span in spans.within(kind, first, today, zone):
                customers = measuring.promised(span, now=now)
                stored += measuring.measure(span, now=now, again=options["again"])
                stored += measuring.measure_customers(span, customers, now=now, again=options["again"])
                if options["verbosity"] > 1:
                    self.stdout.write(f"{span.code}: {stored} figures so far")
        if options["verbosity"]:
            self.stdout.write(f"{stored} figures measured")
