"""What kind of mail it is, told by its headers: ours, automatic, found forged. PURE."""

import re

from channels.parsing import Mail

_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(automatic reply|auto(?:matic)?[- ]?re(?:ply|sponse)|out of (?:the )?office"
    r"|自动回复|自動回覆|自动答复|休假回复)",
    re.IGNORECASE,
)
_ANSWERING = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply")
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_DAEMONS = frozenset({"mailer-daemon", "postmaster"})
PREFIXES = re.compile(
    r"^\s*(?:(?:re|aw|sv|antw|fw|fwd|wg|tr|答复|回复|回覆|答覆|转发|轉寄|轉發)(?:\[\d{1,3}\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)


def is_automatic(mail: Mail) -> bool:
    """Written by a program (RFC 3834, and what mail programs do besides): not answered, joins nothing."""
    said = mail.header("auto-submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        return True
    if mail.has_null_path or any(mail.headers.get(name) for name in _ANSWERING):
        return True
    if mail.header("precedence").strip().lower() in _PRECEDENCE or mail.headers.get("list-id"):
        return True
    suppresses = {w.strip().lower() for w in mail.header("x-auto-response-suppress").split(",")}
    answers = bool(mail.references)
    return (bool(suppresses & {"all", "oof", "autoreply"}) and answers) or bool(
        _AUTOMATIC_SUBJECT.match(mail.subject)
    )


def is_returned(mail: Mail) -> bool:
    """A mail system tells what became of a mail of ours."""
    if mail.report is not None:
        return True
    return mail.sender.partition("@")[0] in _DAEMONS and (
        mail.has_null_path or not mail.headers.get("return-path")
    )


def has_failed(mail: Mail) -> bool:
    """The mail that came back will not be delivered; a delay is only news."""
    if mail.report is None:
        return True
    return mail.report.action == "failed" or (not mail.report.action and mail.report.status.startswith("5"))


def is_forged(mail: Mail, trusted: str) -> bool:
    """Our own mail server (its authserv-id is ``trusted``) found that the sender is not who it says.

    Only its own header counts, and of those the first: servers put theirs above what was there.
    """
    if not trusted:
        return False
    for value in mail.headers.get("authentication-results", []):
        server, _semicolon, found = value.partition(";")
        if server.split()[:1] != [trusted]:
            continue
        results: dict[str, str] = dict(re.findall(r"\b(dmarc|spf|dkim)\s*=\s*([a-z]+)", found.lower()))
        if "dmarc" in results and results["dmarc"] in ("pass", "fail"):
            return results["dmarc"] == "fail"
        return bool(results.get("spf") == "fail" and results.get("dkim") != "pass")
    return False


def bare_subject(subject: str) -> str:
    """Without what mail programs put before it."""
    return PREFIXES.sub("", subject).strip()
