"""Tables written to files: one way for whatever leaves this program as CSV or Excel.

Rows are taken one by one and never kept. Labels and words are in ``language``, moments in ``zone``, which
the head names.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from exports import csv_table, sheet_table
from exports.columns import Column

CHUNK = 1000
FORMATS: dict[str, ModuleType] = {"csv": csv_table, "xlsx": sheet_table}


def labels_of(columns: Sequence[Column], zone: tzinfo) -> list[str]:
    """The head's words in the active language; a column of moments names the zone they are told in."""
    return [f"{c.label} ({zone})" if c.kind == "moment" else str(c.label) for c in columns]


def write_csv(
    path: Path, columns: Sequence[Column], rows: Iterable[Any], *, language: str, zone: tzinfo
) -> int:
    """Write a table as CSV and answer how many rows it has. ``path`` is there only when it is whole."""
    return _write(csv_table, path, columns, rows, language=language, zone=zone, name="")


def write_xlsx(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    language: str,
    zone: tzinfo,
    name: str = "",
) -> int:
    """Write a table as a workbook with one sheet, called ``name``; answers how many rows it has.

    ValueError for more rows than a sheet can hold (``sheet_table.MOST_ROWS``).
    """
    return _write(sheet_table, path, columns, rows, language=language, zone=zone, name=name)


def csv_lines(
    columns: Sequence[Column], rows: Iterable[Any], *, language: str, zone: tzinfo
) -> Iterator[bytes]:
    """A table as CSV in pieces, for an answer that is sent while it is made."""
    with translation.override(language), timezone.override(zone):
        yield csv_table.head(columns, labels_of(columns, zone))
    walk = iter(rows)
    while True:
        with translation.override(language), timezone.override(zone):
            some = list(islice(walk, CHUNK))
            piece = csv_table.lines(columns, some, zone, 0)
        if not some:
            return
        yield piece


def sent_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[bytes]:
    """The same in the reader's language and zone, for a page that answers with a small table itself."""
    zone = timezone.get_current_timezone()
    return csv_lines(columns, rows, language=translation.get_language() or settings.LANGUAGE_CODE, zone=zone)


def _write(
    table: ModuleType,
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Any],
    *,
    language: str,
    zone: tzinfo,
    name: str,
) -> int:
    part, whole, count, walk = (
        path.with_name(f"{path.name}.part"),
        path.with_name(f"{path.name}.new"),
        0,
        iter(rows),
    )
    with translation.override(language), timezone.override(zone), part.open("wb") as out:
        out.write(table.head(columns, labels_of(columns, zone)))
        while some := list(islice(walk, CHUNK)):
            if table is sheet_table and count + len(some) > sheet_table.MOST_ROWS:
                raise ValueError(f"more than {sheet_table.MOST_ROWS} rows")
            out.write(table.lines(columns, some, zone, count))
            count += len(some)
    table.close(part, whole, count=count, width=len(columns), name=name)
    whole.replace(path)
    part.unlink(missing_ok=True)
    return count
