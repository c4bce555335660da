"""What a value is in a file: text that stays text, numbers that stay numbers, times in a zone. PURE.

Spreadsheets run a cell that begins with ``= + - @``, a tab or a line's end, whatever file it came from, and
some versions strip blanks or read full-width letters before they look. Such a text gets an apostrophe.
"""

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

LONGEST = 32_767  # units of UTF-16 that Excel keeps in a cell
EXACT = 10**15  # Excel counts in 15 digits: a longer number is written as text
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's day 0, which knows no zone
FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - before it Excel believes in 29 February 1900
# blanks, and what is not seen at all, before the sign that makes a formula; full-width signs count
_FORMULA = re.compile(
    r"[\s\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]|[\t\r\n]"
)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def is_dangerous(text: str) -> bool:
    """Whether some spreadsheet would take this text for a formula. A plain number is none."""
    return _FORMULA.match(text) is not None and _PLAIN_NUMBER.fullmatch(text) is None


def words(value: Any) -> str:
    """A text as both kinds of file can hold it: without control characters, lines ended by a line feed."""
    text = str(value).replace("\r\n", "\n")
    return _UNPRINTABLE.sub("", text)


def shortened(text: str) -> str:
    """As much of a text as a cell of Excel holds."""
    if len(text) <= LONGEST // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def seconds_of(value: timedelta | float) -> int:
    return int(value.total_seconds()) if isinstance(value, timedelta) else int(value)


def clock(value: timedelta | float) -> str:
    """A duration as hours, minutes and seconds: 123:04:05."""
    whole = seconds_of(value)
    minutes, seconds = divmod(abs(whole), 60)
    return f"{'-' if whole < 0 else ''}{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def local(value: datetime, zone: tzinfo) -> datetime:
    """A moment as the wall clock of a zone shows it, to the second, without its zone."""
    return value.astimezone(zone).replace(tzinfo=None, microsecond=0)


def instant(value: datetime, zone: tzinfo) -> str:
    return local(value, zone).isoformat(" ")


def number(value: Any) -> str:
    """A number in digits with a point, never in powers of ten."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return format(Decimal(repr(value)), "f") if isinstance(value, float) else str(value)


def days(value: datetime | date) -> float:
    """Excel's number for a moment (without zone) or a day."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (moment - EPOCH) / timedelta(days=1)


def is_datable(value: datetime | date) -> bool:
    """Whether Excel has a date for it; earlier ones are written as text."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return moment >= FIRST_DAY
