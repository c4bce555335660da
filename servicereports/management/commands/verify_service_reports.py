from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from servicereports import freezing
from servicereports.models import FrozenReport


class Command(BaseCommand):
    help = (
        "Hash every frozen service report again and compute the newest ones anew; ends with 1 if any differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="*", help="only these reports (RPT...)")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = FrozenReport.objects.select_related("report__agreement").order_by("report", "number")
        if options["numbers"]:
            rows = rows.filter(report__number__in=[number.upper() for number in options["numbers"]])
        now = timezone.now().replace(microsecond=0)
        found = [freezing.verify(row, now=now) for row in rows]
        for seen in found:
            words = "intact" if seen.is_intact else "DAMAGED"
            if seen.changes:
                words += f", {len(seen.changes)} figures differ when computed anew"
            self.stdout.write(
                f"{seen.row.report.number} edition {seen.row.number}: {words} {seen.row.sha256}"
            )
        bad = [seen for seen in found if not (seen.is_intact and seen.is_current)]
        if bad:
            raise CommandError(f"{len(bad)} of {len(found)} editions are damaged or differ")
