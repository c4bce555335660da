"""Malformed mails made from good ones: always the same two thousand for the same seed."""

import base64
import quopri
import random
from collections.abc import Callable
from email.message import EmailMessage

Bytes = bytes
CHINESE = "打印机无法打印，请尽快处理。谢谢！"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def good(sender: str, to: str) -> list[bytes]:
    """Well-formed mails of every sort a desk gets; NUMBER stands for what differs."""
    return [bytes(m) for m in _messages(sender, to)] + [_raw_chinese(sender, to)]


def _start(sender: str, to: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = f"<NUMBER.{len(subject)}@mail.example.org>"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0800"
    return message


def _messages(sender: str, to: str) -> list[EmailMessage]:
    plain = _start(sender, to, "Printer NUMBER is on fire")
    plain.set_content("It burns.\n\nOn Mon, 2 Mar 2026, Desk wrote:\n> Hello\n")
    both = _start(sender, to, "打印机 故障")
    both.set_content(CHINESE)
    both.add_alternative(f"<html><body><p>{CHINESE}</p><script>alert(1)</script></body></html>", "html")
    files = _start(sender, to, "With files NUMBER")
    files.set_content("See the log.")
    files.add_attachment(b"line\n" * 50, "application", "octet-stream", filename="日志.log")
    files.add_attachment(PNG, "image", "png", filename="screen.png", cid="<one>")
    page = _start(sender, to, "Only a page NUMBER")
    page.set_content(f"<div>{CHINESE}<br><blockquote>old</blockquote></div>", subtype="html", cte="base64")
    forwarded = _start(sender, to, "Fwd: look NUMBER")
    forwarded.set_content("As an attachment.")
    forwarded.add_attachment(plain)
    found = [plain, both, files, page, forwarded]
    for n, message in enumerate(found):
        if message.is_multipart():  # its own would differ from run to run
            message.set_boundary(f"=={n}==")
    return found


def _raw_chinese(sender: str, to: str) -> bytes:
    """8-bit headers and a body in another character set than it says."""
    head = f"From: {sender}\r\nTo: {to}\r\nMessage-ID: <cNUMBER@mail.example.org>\r\nSubject: "
    return (
        head.encode() + "邮件 NUMBER".encode("gb18030")
        + b"\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + CHINESE.encode("gbk") + b"\r\n"
    )  # fmt: skip


# --- breaking them ---------------------------------------------------------------------------


def truncated(raw: Bytes, chance: random.Random) -> Bytes:
    return raw[: chance.randrange(1, len(raw) + 1)]


def noise(raw: Bytes, chance: random.Random) -> Bytes:
    found = bytearray(raw)
    for _n in range(chance.randrange(1, 40)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def nulls(raw: Bytes, chance: random.Random) -> Bytes:
    place = chance.randrange(len(raw))
    return raw[:place] + b"\0" * chance.randrange(1, 20) + raw[place:]


def bad_charset(raw: Bytes, chance: random.Random) -> Bytes:
    names = (b"x-unknown-9", b"zip", b"utf-8\xff", b"gb2312", b"idna", b"utf-16", b"=?utf-8?q?x?=", b"")
    return raw.replace(b"utf-8", chance.choice(names)).replace(b"us-ascii", chance.choice(names))


def bad_base64(raw: Bytes, chance: random.Random) -> Bytes:
    return (
        raw.replace(b"base64", b"BASE64")
        .replace(b"=\n", b"=*&!\n")
        .replace(b"A", chance.choice((b"", b"@", b"=")))
    )


def no_boundary(raw: Bytes, chance: random.Random) -> Bytes:
    choices = (b"", b'boundary=""', b"boundary=other", b"boundary=" + b"x" * 300)
    return raw.replace(b"boundary=", chance.choice(choices) + b"; x=", 1)


def giant_header(raw: Bytes, chance: random.Random) -> Bytes:
    name = chance.choice((b"Subject", b"To", b"References", b"X-Long", b"Content-Type", b"Received"))
    return (
        name
        + b": "
        + chance.choice((b"a", b"<a@b> ", b"(", b"=?utf-8?q?")) * chance.randrange(1000, 9000)
        + b"\n"
        + raw
    )


def many_headers(raw: Bytes, chance: random.Random) -> Bytes:
    return b"X-Trace: 1\n" * chance.randrange(500, 2000) + raw


def nested(raw: Bytes, chance: random.Random) -> Bytes:
    depth = chance.randrange(2, 400)
    body = b"\n\ndeep\n"
    for n in range(depth):
        body = (
            f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n'.encode()
            + body
            + f"\n--b{n}--\n".encode()
        )
    return raw.partition(b"\n\n")[0].replace(b"Content-", b"X-") + b"\n" + body


def many_parts(raw: Bytes, chance: random.Random) -> Bytes:
    parts = b"--p\n\nx\n" * chance.randrange(150, 600)
    head = raw.partition(b"\n\n")[0].replace(b"Content-", b"X-")
    return head + b"\nContent-Type: multipart/mixed; boundary=p\n\n" + parts + b"--p--\n"


def raw_headers(raw: Bytes, chance: random.Random) -> Bytes:
    value = chance.choice(
        (b"\xb4\xf2\xd3\xa1\xbb\xfa", b"\xff\xfe\xfd", "打印机".encode("big5", "replace"), b"=?gb2312?b?zzz")
    )
    name = chance.choice((b"Subject: ", b"From: ", b"Content-Disposition: attachment; filename=", b"Date: "))
    return raw.replace(b"Subject: ", name + value + b"\nX-Subject: ", 1)


def no_head(raw: Bytes, chance: random.Random) -> Bytes:
    return raw.partition(b"\n\n")[2] or b"x"


def only_head(raw: Bytes, chance: random.Random) -> Bytes:
    return raw.partition(b"\n\n")[0]


def twice(raw: Bytes, chance: random.Random) -> Bytes:
    return raw + b"\n" + raw


def evil_names(raw: Bytes, chance: random.Random) -> Bytes:
    names = (
        b"../../etc/passwd",
        b"a\\b.exe",
        b"\xe2\x80\xaegnp.exe",
        b"x" * 400 + b".png",
        b"CON",
        b".",
        b"a\tb",
    )
    return raw.replace(b"screen.png", chance.choice(names))


def wrong_encoding(raw: Bytes, chance: random.Random) -> Bytes:
    wanted = chance.choice((b"quoted-printable", b"x-uuencode", b"7bit", b"binary", b"rot13", b"base64"))
    return raw.replace(b"8bit", wanted).replace(b"base64", wanted)


def bad_addresses(raw: Bytes, chance: random.Random) -> Bytes:
    froms = (
        b"",
        b"<>",
        b"a@b@c",
        b'"x',
        b"rita@example.org, x@y.z",
        b"undisclosed-recipients:;",
        b"<rita@example.org",
        b"\x00",
    )
    return b"From: " + chance.choice(froms) + b"\n" + raw.replace(b"From: ", b"X-From: ", 1)


def deep_html(raw: Bytes, chance: random.Random) -> Bytes:
    tag = chance.choice((b"<div>", b"<b>", b"<table><tr><td>", b"<blockquote>", b"<!--", b"<![CDATA["))
    head = raw.partition(b"\n\n")[0].replace(b"Content-", b"X-")
    return head + b"\nContent-Type: text/html\n\n" + tag * chance.randrange(100, 5000) + b"hello"


def endings(raw: Bytes, chance: random.Random) -> Bytes:
    return raw.replace(b"\n", chance.choice((b"\r\n", b"\n\r", b"\r", b"\n\n")))


def quoted(raw: Bytes, chance: random.Random) -> Bytes:
    head, _line, body = raw.partition(b"\n\n")
    return (
        head
        + b"\nContent-Transfer-Encoding: quoted-printable\n\n"
        + quopri.encodestring(body).replace(b"=", b"==", 3)
    )


BREAKS: list[Callable[[Bytes, random.Random], Bytes]] = [
    truncated, noise, nulls, bad_charset, bad_base64, no_boundary, giant_header, many_headers, nested,
    many_parts, raw_headers, no_head, only_head, twice, evil_names, wrong_encoding, bad_addresses, deep_html,
    endings, quoted,
]  # fmt: skip


def mails(count: int, *, senders: list[tuple[str, str]], seed: int = 20260302) -> list[bytes]:
    """So many different malformed mails; ``senders`` are pairs of From and To."""
    chance = random.Random(seed)
    whole = [raw for sender, to in senders for raw in good(sender, to)]
    found: dict[bytes, None] = {}
    while len(found) < count:
        raw = chance.choice(whole).replace(b"NUMBER", str(len(found)).encode())
        for _n in range(chance.choice((1, 1, 2, 3))):
            raw = chance.choice(BREAKS)(raw, chance) or b"x"
        found[raw[:400_000]] = None
    return list(found)
