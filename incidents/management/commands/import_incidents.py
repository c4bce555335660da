import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents.importing import run, servicenow
from incidents.importing.events import FileError, Reading

FORMATS: dict[str, Callable[..., Reading]] = {"servicenow": servicenow.read}
LINE_EVERY = 50
BAR = 40


class Command(BaseCommand):
    help = "Replay the incidents of another system's audit log. Running it again imports nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, UTF-8, one row per update of an incident")
        parser.add_argument("--format", required=True, help=", ".join(FORMATS))

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now().replace(microsecond=0)
        reading = self._read(options["file"], options["format"], now)
        for problem in reading.problems:
            self.stderr.write(str(problem))
        result = run.run(reading, now=now, progress=self._progress)
        for problem in result.problems:
            self.stderr.write(str(problem))
        self.stdout.write(
            f"imported {result.incidents} incidents, {result.events} events; "
            f"{result.already} already there; {result.rejected} rejected"
        )

    def _read(self, path: Path, name: str, now: datetime) -> Reading:
        if name not in FORMATS:
            raise CommandError(f"{name!r} is not a known format; known: {', '.join(FORMATS)}")
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise CommandError(f"{path}: there is no such file") from None
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from None
        try:
            return FORMATS[name](content, now=now)
        except FileError as error:
            raise CommandError(f"{path}: {error}") from None

    def _progress(self, done: int, total: int) -> None:
        """A bar where somebody watches, else a line now and then."""
        stream = getattr(self.stdout, "_out", sys.stdout)
        if stream.isatty():
            filled = BAR * done // total
            bar = "#" * filled + "." * (BAR - filled)
            stream.write(f"\r[{bar}] {done} of {total}" + ("\n" if done == total else ""))
            stream.flush()
        elif done % LINE_EVERY == 0 or done == total:
            self.stdout.write(f"{done} of {total} incidents")
            self.stdout.flush()
