"""Log lines: one event is one line, also with a traceback, so that counting lines counts events."""

import logging
from datetime import UTC, datetime


class LineFormatter(logging.Formatter):
    """`2026-01-31T09:15:00.123Z WARNING sla.services: text`, line breaks shown as a mark."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return (
            datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z")
        )

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\r", "").replace("\n", " ⏎ ")
