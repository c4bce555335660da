"""Raw mail as a value: who, to whom, about what, the words, the files, and what kind of mail it is. PURE.

Nothing a stranger can send makes it fail except :class:`Unreadable`, which says why: parts, depth and sizes
are limited, headers are read with the most forgiving policy, and every decoding has a last resort.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import Header, decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime

from channels import charsets, quoting

MAX_RAW = 50 * 1024 * 1024
MAX_PARTS = 200
MAX_DEPTH = 20
MAX_HEADER = 20_000  # characters of one header that are read
MAX_TEXT = 1_000_000
MAX_ADDRESSES = 100
_ADDRESS = re.compile(r"^[^\s@<>\"(),:;\[\]\\]{1,64}@(?!-)[a-z0-9.\u0080-\uffff-]{1,250}(?<![.-])$")
_IDS = re.compile(r"<[^<>\s]{1,500}>")
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")


class Unreadable(Exception):
    """It cannot be taken for a mail; the message says why, in English."""


@dataclass(frozen=True)
class File:
    """A part that is not the text. ``name`` is as it was sent, decoded and nothing else."""

    name: str
    content_type: str
    data: bytes
    is_inline: bool = False


@dataclass(frozen=True)
class Report:
    """What a mail system says about a mail of ours: ``action`` as in RFC 3464, or "" where it is not said."""

    action: str
    status: str
    reason: str
    about: str  # the original's headers and whatever else may name it


@dataclass(frozen=True)
class Mail:
    """One mail. Addresses are in lower case; ``text`` is all of it, ``html`` what was sent as HTML."""

    message_id: str
    subject: str
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    references: tuple[str, ...]  # In-Reply-To first, then References, the newest first
    sent_at: datetime | None
    text: str
    html: str
    files: tuple[File, ...]
    body_hash: str
    headers: dict[str, list[str]] = field(default_factory=dict)
    report: Report | None = None

    def header(self, name: str) -> str:
        """The first header of that name, decoded; "" where there is none."""
        return next(iter(self.headers.get(name, ())), "")

    @property
    def has_null_path(self) -> bool:
        """Sent so that nobody can answer: by a mail system itself."""
        return any(value.strip() == "<>" for value in self.headers.get("return-path", ()))


def parse(raw: bytes) -> Mail:
    """The mail in ``raw``. Unreadable if it is too large, too nested, or not from exactly one address."""
    if len(raw) > MAX_RAW:
        raise Unreadable(f"it is larger than {MAX_RAW // 2**20} MB")
    try:
        return _parsed(raw)
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from error


def _parsed(raw: bytes) -> Mail:
    message = message_from_bytes(raw)
    parts = list(_parts(message, 0))
    headers = _headers(message)
    sender_name, sender = _sender(headers)
    body = _Body(parts)
    return Mail(
        message_id=next(iter(_ids(headers, "message-id")), "")[:500],
        subject=_one_line(" ".join(headers.get("subject", [])[:1]))[:1000],
        sender=sender,
        sender_name=_one_line(sender_name)[:150],
        recipients=tuple(_addresses([v for name in _TO for v in headers.get(name, ())])),
        references=tuple([*_ids(headers, "in-reply-to"), *reversed(_ids(headers, "references"))][:50]),
        sent_at=_sent_at(headers),
        text=body.text(),
        html=body.html(),
        files=tuple(body.files),
        body_hash=hashlib.sha256(_body_of(raw)).hexdigest(),
        headers=headers,
        report=_report(message, parts),
    )


def glance(raw: bytes) -> dict[str, object]:
    """Subject and sender as far as they can be made out, of what could not be read."""
    head = raw[:100_000].partition(b"\r\n\r\n")[0]
    try:
        headers = _headers(message_from_bytes(head))
        subject = _one_line(" ".join(headers.get("subject", [])[:1]))[:1000]
        found = _addresses(headers.get("from", [])[:1])
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return {}
    return {"subject": subject, "sender": found[0] if len(found) == 1 else ""}


# --- headers ---------------------------------------------------------------------------------


def _headers(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower().strip(), []).append(words_of(value))
    return found


def words_of(value: object) -> str:
    """A header's value as text: encoded words decoded, raw 8-bit bytes read as they seem to be."""
    text = str(value) if not isinstance(value, Header) else str(value.encode())
    text = re.sub(r"[\r\n]+(?=[ \t])", "", text[: 4 * MAX_HEADER])[:MAX_HEADER]
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError, LookupError):
        pieces = [(text, None)]
    return "".join(_piece(piece, charset) for piece, charset in pieces)


def _piece(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return charsets.decode(_bytes(piece), "")
    # what stands between encoded words comes as escaped ASCII
    return charsets.decode(piece if charset else _bytes(piece.decode("latin-1")), charset or "")


def _bytes(text: str) -> bytes:
    """The bytes as they came: the parser keeps 8-bit bytes as half surrogates."""
    try:
        return text.encode("ascii", "surrogateescape")
    except UnicodeError:  # decoded already
        return text.encode("utf-8", "replace")


def _one_line(text: str) -> str:
    """Without control and direction characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _addresses(values: list[str]) -> list[str]:
    found = [a.lower() for _n, a in getaddresses([v[:MAX_HEADER] for v in values[:50]])[: 2 * MAX_ADDRESSES]]
    return [each for each in dict.fromkeys(found) if is_address(each)][:MAX_ADDRESSES]


def is_address(text: str) -> bool:
    return len(text) <= 254 and _ADDRESS.match(text) is not None


def _sender(headers: dict[str, list[str]]) -> tuple[str, str]:
    """The one address it says it is from. Several, or none, is no mail anybody can be answered."""
    values = headers.get("from", [])
    pairs = [(n, a.strip().lower()) for n, a in getaddresses(values) if a.strip()]
    if len(values) > 1 or len(pairs) != 1 or not is_address(pairs[0][1]):
        raise Unreadable("it is not from exactly one address")
    return pairs[0]


def _ids(headers: dict[str, list[str]], name: str) -> list[str]:
    return [each for value in headers.get(name, [])[:5] for each in _IDS.findall(value)][-50:]


def _sent_at(headers: dict[str, list[str]]) -> datetime | None:
    for value in headers.get("date", [])[:1]:
        try:
            at = parsedate_to_datetime(value[:200])
            at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
        return at if 1990 < at.year < 2200 else None
    return None


def _body_of(raw: bytes) -> bytes:
    """What comes after the headers: the same for one mail that was delivered twice."""
    found = re.search(rb"\r?\n\r?\n", raw)
    return raw[found.end() :].rstrip() if found else b""


# --- parts -----------------------------------------------------------------------------------


def _parts(message: Message, depth: int, found: list[int] | None = None) -> Iterator[Message]:
    """The parts that hold something; a mail in the mail counts as one."""
    count = found if found is not None else [0]
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_PARTS:
        raise Unreadable("it has too many parts, or they are nested too deeply")
    payload = message.get_payload()
    if isinstance(payload, list) and message.get_content_maintype() == "multipart":
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1, count)
    else:
        yield message


class _Body:
    """The text, the HTML and the files of a mail's parts."""

    def __init__(self, parts: list[Message]) -> None:
        self.plain: list[str] = []
        self.pages: list[str] = []
        self.files: list[File] = []
        for part in parts:
            self._take(part)

    def _take(self, part: Message) -> None:
        kind = part.get_content_type()
        is_file = _disposition(part) == "attachment" or bool(_name(part))
        if kind in ("text/plain", "text/html") and not is_file:
            text = charsets.decode(_payload(part), _charset(part))[:MAX_TEXT]
            (self.plain if kind == "text/plain" else self.pages).append(text)
        elif kind in ("message/delivery-status", "text/rfc822-headers"):
            return  # read by _report
        else:
            inline = _disposition(part) == "inline" or bool(part.get("Content-ID"))
            self.files.append(File(_name(part), charsets.clean(kind), _payload(part), inline))

    def text(self) -> str:
        """All the words: as sent in plain text, else the HTML without its dress."""
        plain = "\n\n".join(each.strip() for each in self.plain if each.strip())
        return (plain or "\n\n".join(quoting.text_of(page) for page in self.pages).strip())[:MAX_TEXT]

    def html(self) -> str:
        return "\n".join(self.pages)[:MAX_TEXT]


def _disposition(part: Message) -> str:
    return words_of(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()


def _charset(part: Message) -> str:
    value = part.get_param("charset", "")
    return str(collapse_rfc2231_value(value) if isinstance(value, tuple) else value)[:50]


def _name(part: Message) -> str:
    """The file name, however it was encoded; "" where there is none."""
    try:
        given = part.get_param("filename", None, "content-disposition") or part.get_param("name", None)
        if isinstance(given, tuple):
            charset, _language, text = given
            return charsets.decode(text.encode("latin-1", "replace"), charset or "")[:500]
        return words_of(given)[:500] if given else ""
    except (ValueError, LookupError, TypeError, UnicodeError):
        return "attachment"


def _payload(part: Message) -> bytes:
    """The bytes of a part; what is wrongly encoded comes as it stands."""
    inner = part.get_payload()
    try:
        if isinstance(inner, list):
            return b"\n".join(bytes(each) for each in inner if isinstance(each, Message))
        decoded = part.get_payload(decode=True)
        return decoded if isinstance(decoded, bytes) else b""
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return str(inner).encode("utf-8", "replace")


# --- what mail systems say -------------------------------------------------------------------


def _report(message: Message, parts: list[Message]) -> Report | None:
    """A delivery status report, in the standard's form."""
    if message.get_content_type() != "multipart/report":
        return None
    status = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not status:
        return None
    blocks = [b for part in status for b in (part.get_payload() or []) if isinstance(b, Message)]

    def said(name: str) -> str:
        return next((words_of(b[name]).strip() for b in blocks if b.get(name)), "")

    rest = [part for part in parts if "rfc822" in part.get_content_type() or part in status]
    about = "\n".join(_payload(part).decode("latin-1")[:MAX_HEADER] for part in rest)
    reason = said("diagnostic-code").partition(";")[2].strip() or said("status")
    return Report(said("action").lower(), said("status"), _one_line(reason)[:250], about)
