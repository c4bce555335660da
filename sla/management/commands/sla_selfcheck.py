from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sla import selfcheck


class Command(BaseCommand):
    help = "Recompute every SLA clock from its events and list what differs; ends with 1 if anything does."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now().replace(microsecond=0)
        report = selfcheck.check(selfcheck.Report(started_at=now.isoformat()), now=now)
        selfcheck.store(report)
        for words in report.differences:
            self.stdout.write(words)
        if report.different > len(report.differences):
            self.stdout.write(f"and {report.different - len(report.differences)} more")
        self.stdout.write(f"{report.checked} clocks checked, {report.different} differences")
        if report.different:
            raise SystemExit(1)
