import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from records import alarms

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Raise due SLA alarms in a loop, for installations without Celery beat. Any number may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between two looks")
        parser.add_argument("--once", action="store_true", help="raise what is due now and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["interval"] <= 0:
            raise CommandError("--interval must be more than 0 seconds")
        if options["once"]:
            self.stdout.write(f"{self._round()} clocks handled")
            return
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            self._safely()
            stop.wait(options["interval"])

    @staticmethod
    def _round() -> int:
        total = 0
        while handled := alarms.sweep(settle=alarms.SETTLE):
            total += handled
        return total

    def _safely(self) -> None:
        """One round; a clock or a database that fails is logged and tried again, it does not end the loop."""
        try:
            close_old_connections()
            self._round()
        except Exception:
            log.exception("the sweep failed; going on")
