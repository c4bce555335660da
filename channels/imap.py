"""One mailbox over IMAP: what is new in it, the bytes of a mail, and what to do with it afterwards.

Nothing is changed on the server by reading (BODY.PEEK). Every failure of the server or the line is an
:class:`ImapError` with words for an administrator; passwords are never part of them.
"""

import base64
import contextlib
import imaplib
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from channels.models import Mailbox

TIMEOUT = 20  # seconds for each answer of the server
WINDOW = 10_000  # UIDs asked for in one question
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"UID (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]{10,40})"')


class ImapError(Exception):
    """The mailbox could not be read; the message says why."""


@dataclass(frozen=True)
class Fetched:
    raw: bytes
    received_at: datetime | None


def password_of(mailbox: Mailbox) -> str:
    """From the environment: the variable the mailbox names, or the file that variable_FILE names."""
    name = mailbox.password_variable
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImapError(_("The file named by %(name)s_FILE cannot be read.") % {"name": name}) from error
    if found := os.environ.get(name):
        return found
    raise ImapError(_("The environment variable %(name)s is not set.") % {"name": name})


@contextlib.contextmanager
def opened(mailbox: Mailbox) -> Iterator["Folder"]:
    """The mailbox's folder, selected. ImapError for whatever goes wrong, also inside the block."""
    password = password_of(mailbox)
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _connected(mailbox)
        connection.login(mailbox.username, password)
        yield Folder(connection, mailbox)
    except (imaplib.IMAP4.error, OSError, ssl.SSLError, UnicodeError) as error:
        raise ImapError(_words(error, password)) from error
    finally:
        if connection is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                connection.logout()


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if mailbox.security == Mailbox.Security.TLS:
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT)
    connection = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
    if mailbox.security == Mailbox.Security.STARTTLS:
        connection.starttls(context)
    return connection


def _words(error: Exception, password: str) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
    return f"{type(error).__name__}: {text}".replace(password, "***")[:300]


class Folder:
    """A selected folder. ``validity`` says whether UIDs seen earlier still mean the same mails."""

    def __init__(self, connection: imaplib.IMAP4, mailbox: Mailbox) -> None:
        self._connection = connection
        self._check(connection.select(_quoted(mailbox.folder)))
        self.validity = self._number("UIDVALIDITY")
        self.next_uid = self._number("UIDNEXT")
        # what it can is told anew after the login
        said = self._check(connection.capability())
        self._can = {
            w.decode("ascii", "replace").upper() for s in said if isinstance(s, bytes) for w in s.split()
        }

    def _number(self, name: str) -> int:
        _kind, data = self._connection.response(name)
        if not data or not isinstance(data[0], bytes) or not data[0].isdigit():
            raise ImapError(
                _("The server does not tell %(name)s; it cannot be read safely.") % {"name": name}
            )
        return int(data[0])

    @staticmethod
    def _check(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
        kind, data = answer
        if kind != "OK":
            raise imaplib.IMAP4.error(data[0] if data else kind)
        return data

    def count(self) -> int:
        """How many mails lie in the folder."""
        return len(self._search(1, self.next_uid))

    def after(self, uid: int, limit: int) -> list[int]:
        """Up to ``limit`` UIDs above ``uid``, in order."""
        found: list[int] = []
        low = uid + 1
        while low < self.next_uid and len(found) < limit:
            found += self._search(low, low + WINDOW - 1)
            low += WINDOW
        return found[:limit]

    def _search(self, low: int, high: int) -> list[int]:
        data = self._check(self._connection.uid("SEARCH", "UID", f"{low}:{high}"))
        words = b" ".join(line for line in data if isinstance(line, bytes)).split()
        return sorted(n for n in map(int, words) if low <= n <= high)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Bytes of each mail."""
        if not uids:
            return {}
        data = self._check(self._connection.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"))
        lines = [line for line in data if isinstance(line, bytes)]
        pairs = [(_UID.search(line), _SIZE.search(line)) for line in lines]
        return {int(uid[1]): int(size[1]) for uid, size in pairs if uid and size}

    def fetch(self, uid: int, *, only_head: bool = False) -> Fetched | None:
        """The mail as it lies there, or its headers alone; None if it is gone."""
        what = "BODY.PEEK[HEADER]" if only_head else "BODY.PEEK[]"
        data = self._check(self._connection.uid("FETCH", str(uid), f"(UID INTERNALDATE {what})"))
        for item in data:
            if isinstance(item, tuple) and b"BODY[" in item[0]:
                about = b" ".join(_head_of(part) for part in data)
                return Fetched(bytes(item[1]), _date(about))
        return None

    def settle(self, uids: Sequence[int], after: str, move_to: str) -> None:
        """Do with stored mails what the mailbox wants done. Safe to repeat."""
        if not uids:
            return
        listed = ",".join(map(str, uids))
        if after == Mailbox.After.KEEP:
            self._check(self._connection.uid("STORE", listed, "+FLAGS.SILENT", r"(\Seen)"))
            return
        if after == Mailbox.After.MOVE:
            if "MOVE" in self._can:
                self._check(self._connection.uid("MOVE", listed, _quoted(move_to)))
                return
            self._check(self._connection.uid("COPY", listed, _quoted(move_to)))
        self._check(self._connection.uid("STORE", listed, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._can:  # else the server's owner expunges: we would take others' deletions along
            self._check(self._connection.uid("EXPUNGE", listed))


def _head_of(part: object) -> bytes:
    """What the server says about a mail, without the mail."""
    head = part[0] if isinstance(part, tuple) and part else part
    return head if isinstance(head, bytes) else b""


def _date(about: bytes) -> datetime | None:
    found = _DATE.search(about)
    if found is None:
        return None
    try:
        at = datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None
    return at.astimezone(UTC)


def _quoted(folder: str) -> str:
    """A folder's name as the protocol wants it: quoted, letters beyond ASCII in modified UTF-7."""
    coded = "".join(_coded(run) for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder))
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _coded(run: str) -> str:
    if run.isascii() and run.isprintable():
        return run.replace("&", "&-")

    packed = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    return f"&{packed.decode('ascii')}-"
