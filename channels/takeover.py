"""From a mail's parts to a ticket's: title, text within limits, and files that may be attached."""

import mimetypes
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from channels.kinds import bare_subject
from channels.parsing import File, Mail
from channels.quoting import own_words
from records import files
from records.files import Upload
from records.services import MAX_TEXT

MAX_TITLE = 200
ROOM = 1_500  # characters kept free for what is said about files left out


@dataclass
class Taken:
    """Files to attach, and for those left out the name and why."""

    uploads: list[Upload] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def title_of(mail: Mail) -> str:
    """The subject without "Re:", or a word for none."""
    found = bare_subject(mail.subject)
    if not any(c.isprintable() and not c.isspace() for c in found):
        found = _("(no subject)")
    return found[: MAX_TITLE - 1] + "…" if len(found) > MAX_TITLE else found


def text_of(mail: Mail, taken: Taken, *, is_answer: bool) -> str:
    """The words for the ticket; of an answer without the quoted mail. What is missing is said below."""
    text = own_words(mail.text) if is_answer else mail.text.strip()
    notes = [
        _("Not taken over: “%(name)s” (%(why)s).") % {"name": name, "why": why}
        for name, why in taken.left_out[:10]
    ]
    if len(text) > MAX_TEXT - ROOM:
        text = text[: MAX_TEXT - ROOM]
        notes.insert(0, _("The text was cut; the original has all of it."))
    return "\n\n".join(part for part in (text, "\n".join(notes)) if part)


def take_files(given: Sequence[File]) -> Taken:
    """What may be attached, under safe names; whatever is refused stays in the original."""
    taken = Taken()
    total = 0
    for number, file in enumerate(given, start=1):
        name = safe_name(file, number)
        upload = SimpleUploadedFile(name, file.data, file.content_type)
        total += len(file.data)
        if len(taken.uploads) >= files.MAX_COUNT or total > files.MAX_TOGETHER:
            taken.left_out.append((name, _("too many files")))
            total -= len(file.data)
            continue
        try:
            files.check([upload])
        except ValidationError as refused:
            taken.left_out.append((name, " ".join(refused.messages)))
            total -= len(file.data)
        else:
            taken.uploads.append(upload)
    return taken


def safe_name(file: File, number: int) -> str:
    """A name without folders, control or direction characters; made up where there is none."""
    name = unicodedata.normalize("NFC", file.name).replace("\\", "/").rpartition("/")[2]
    name = "".join(
        c for c in name if unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp")
    )
    name = re.sub(r"\s+", " ", name).strip(" .")
    if not name:
        ending = (
            ".eml"
            if file.content_type.startswith("message/")
            else mimetypes.guess_extension(file.content_type)
        )
        return f"{_('attachment')}-{number}{ending or '.bin'}"
    if len(name) > 150:
        ending = PurePosixPath(name).suffix[:20]
        name = name[: 150 - len(ending)] + ending
    return name
