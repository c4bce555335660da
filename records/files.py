"""Attachments: checked by name and size, stored outside the web root under generated names."""

import hashlib
import mimetypes
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    Upload = UploadedFile[bytes]
else:
    Upload = UploadedFile

MAX_SIZE = 25 * 1024 * 1024
MAX_COUNT = 20
MAX_TOGETHER = 50 * 1024 * 1024
MAX_NAME = 200
KEY = re.compile(r"[0-9a-f]{32}")
# What a person opens with a double click and regrets.
REFUSED_ENDINGS = frozenset(
    [
        ".exe",
        ".bat",
        ".cmd",
        ".com",
        ".scr",
        ".pif",
        ".msi",
        ".vbs",
        ".vbe",
        ".js",
        ".jse",
        ".wsf",
        ".wsh",
        ".ps1",
        ".hta",
        ".lnk",
        ".jar",
        ".cpl",
        ".reg",
    ]
)


@dataclass(frozen=True)
class StoredFile:
    key: str
    name: str
    size: int
    content_type: str
    sha256: str


def check(files: list[Upload]) -> None:
    """Raise ValidationError on ``attachments``, naming the file and what would be right."""
    if len(files) > MAX_COUNT:
        raise _refusal(_("At most %(n)s files at once.") % {"n": MAX_COUNT}, "too_many")
    if sum(f.size or 0 for f in files) > MAX_TOGETHER:
        raise _refusal(
            _("Together the files may have at most %(n)s MB.") % {"n": MAX_TOGETHER // 2**20}, "too_large"
        )
    for file in files:
        check_name(file.name or "")
        if (file.size or 0) > MAX_SIZE:
            raise _refusal(
                _("“%(name)s” is too large: at most %(n)s MB per file.")
                % {"name": file.name, "n": MAX_SIZE // 2**20},
                "too_large",
            )
        if not file.size:
            raise _refusal(_("“%(name)s” is empty.") % {"name": file.name}, "empty")


def check_name(name: str) -> None:
    """Refuse names that hide what they are: paths, control and direction characters, programs."""
    shown = "".join(c if c.isprintable() else "?" for c in name[:60])
    if not name.strip(" .") or "/" in name or "\\" in name:
        raise _refusal(
            _("“%(name)s” is not a file name: leave out folders, slashes and lone dots.") % {"name": shown},
            "bad_name",
        )
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        raise _refusal(
            _("The name “%(name)s” holds invisible or control characters; rename the file.")
            % {"name": shown},
            "bad_name",
        )
    if len(name) > MAX_NAME:
        raise _refusal(
            _("The file name is too long: at most %(n)s characters.") % {"n": MAX_NAME}, "bad_name"
        )
    if Path(name).suffix.lower() in REFUSED_ENDINGS:
        raise _refusal(
            _("“%(name)s” is a program and cannot be attached; put it into an archive.") % {"name": shown},
            "bad_type",
        )


def _refusal(message: str, code: str) -> ValidationError:
    return ValidationError({"attachments": ValidationError(message, code=code)})


def path_of(key: str) -> Path:
    """Where the bytes of a key lie. The key is generated, never a person's text."""
    return Path(settings.MEDIA_ROOT) / key[:2] / key


def store(file: Upload) -> StoredFile:
    """Write the bytes to disk, surely, before any row names them; a file without a row is swept later.

    See :func:`orphans`.
    """
    key = secrets.token_hex(16)
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as out:
        for chunk in file.chunks():
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    name = file.name or key
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return StoredFile(key, name, file.size or 0, guessed, digest.hexdigest())


ORPHAN_AFTER = 24 * 3600  # seconds; a row comes with the transaction that stored the file, or never
_KEEPERS: list[type[Model]] = []


def keep(model: type[Model]) -> None:
    """Rows of this model name files of ours too, in a column ``key``. Called from AppConfig.ready()."""
    if model not in _KEEPERS:
        _KEEPERS.append(model)


def orphans(now: datetime) -> Iterator[Path]:
    """Files under a generated name that are older than a day and that no row names."""
    from records.models import Attachment  # models are loaded after this module

    folders = Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]")
    for folder in sorted(folders):
        old = {
            path.name: path
            for path in folder.iterdir()
            if KEY.fullmatch(path.name) and now.timestamp() - path.stat().st_mtime > ORPHAN_AFTER
        }
        models: list[type[Model]] = [Attachment, *_KEEPERS]
        named = {
            key
            for model in models
            for key in model._default_manager.filter(key__in=old).values_list("key", flat=True)
        }
        yield from (old[key] for key in sorted(old.keys() - named))
