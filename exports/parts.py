"""The files of an export while it is made: the rows' keys in their order, and what is written of them.

They lie where finished files lie, under names the download never looks for. Each claim of an export has files
of its own: a worker that was thought dead and wakes up writes into files nobody reads any more.
"""

import os
import re
import secrets
import shutil
import time
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from records import files

OURS = re.compile(r"[0-9a-f]{32}\.(rows|keys|new)")
OLD = 2 * 24 * 3600  # seconds; nobody has written here for two days


def new_name() -> str:
    return secrets.token_hex(16)


def rows_path(part: str) -> Path:
    """What is written so far."""
    return _path(part, "rows")


def keys_path(part: str) -> Path:
    """The keys of the rows, in the order of the list."""
    return _path(part, "keys")


def packed_path(part: str) -> Path:
    """The whole file before it has its final name."""
    return _path(part, "new")


def _path(part: str, ending: str) -> Path:
    path = files.path_of(part)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f"{part}.{ending}")


def freeze(part: str, keys: Iterable[int]) -> int:
    """Keep the keys of a list in their order; answers how many they are."""
    kept = array("q", keys)
    path = keys_path(part)
    with path.open("wb") as out:
        kept.tofile(out)
    return len(kept)


def keys_from(part: str, position: int, most: int) -> list[int]:
    """At most so many keys from a position on."""
    found = array("q")
    with keys_path(part).open("rb") as kept:
        kept.seek(position * found.itemsize)
        found.frombytes(kept.read(most * found.itemsize))
    return found.tolist()


def inherit(old: str, new: str, offset: int) -> bool:
    """Take over what a claim before has surely written; False where it is not there, and all begins again.

    It is copied, not renamed: whoever wrote it may still be alive, and writes behind ``offset`` only.
    """
    rows, keys = rows_path(old), keys_path(old)
    if not old or not rows.exists() or not keys.exists() or rows.stat().st_size < offset:
        return False
    shutil.copyfile(keys, keys_path(new))
    with rows.open("rb") as source, rows_path(new).open("wb") as out:
        left = offset
        while left and (piece := source.read(min(left, 1 << 20))):
            out.write(piece)
            left -= len(piece)
    remove(old)
    return not left


def append(part: str, offset: int, content: bytes) -> int:
    """Write behind ``offset``, over whatever was left there unconfirmed; answers the new end."""
    path = rows_path(part)
    with path.open("r+b" if path.exists() else "wb") as out:
        out.truncate(offset)
        out.seek(offset)
        out.write(content)
        return out.tell()


def sync(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())


def remove(part: str) -> None:
    """Remove what a claim has written. Nothing there is well, too."""
    for path in (rows_path(part), keys_path(part), packed_path(part)) if part else ():
        path.unlink(missing_ok=True)


def left_over() -> Iterator[Path]:
    """Unfinished files that nobody has touched for two days: their worker was killed."""
    for path in Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]/*.*"):
        if OURS.fullmatch(path.name) and time.time() - path.stat().st_mtime > OLD:
            yield path
