"""Signs in our mails by which an answer finds its ticket, and a returned mail its message. Not guessable.

The address of an answer names the ticket and whom we wrote to; a Message-ID names the delivery. Both carry a
code made with the service's secret key, so that nobody who did not get our mail can write one.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from records.models import Delivery

_ADDRESS = re.compile(r"^[^@]*\+([a-z]{2,5}[0-9]{5,12})-([0-9]{1,18})-([a-z2-7]{20})@", re.IGNORECASE)
_LOOKS_SO = re.compile(r"^[^@]*\+[a-z]{2,5}[0-9]{5,12}-[^@]*@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([0-9]{1,18})\.([a-z2-7]{20})@[^<>\s@]{1,255}>")


@dataclass(frozen=True)
class Token:
    """The ticket's number, and the person our mail went to."""

    number: str
    user_id: int


def _code(kind: str, value: str, secret: str | bytes | None = None) -> str:
    digest = salted_hmac(f"channels.{kind}", value, secret=secret, algorithm="sha256").digest()
    return base64.b32encode(digest[:12]).decode().rstrip("=").lower()


def _is_code(given: str, kind: str, value: str) -> bool:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(given.lower(), _code(kind, value, secret)) for secret in secrets)


def address_for(mailbox: str, *, number: str, user_id: int) -> str:
    """The address an answer to this person about this ticket goes to: desk+inc0000042-7-code@example.org."""
    local, _at, domain = mailbox.rpartition("@")
    return f"{local}+{number.lower()}-{user_id}-{_code('answer', f'{number}:{user_id}')}@{domain}"


def token_in(addresses: Iterable[str]) -> Token | None:
    """The first true token in some addresses."""
    for address in addresses:
        if match := _ADDRESS.match(address):
            number, user_id, code = match[1].upper(), int(match[2]), match[3]
            if _is_code(code, "answer", f"{number}:{user_id}"):
                return Token(number, user_id)
    return None


def has_token_like(addresses: Iterable[str]) -> bool:
    """Something that was made to look like a token, true or not."""
    return any(_LOOKS_SO.match(address) for address in addresses)


def message_id(delivery: Delivery) -> str:
    """The Message-ID of a delivery, the same on every attempt."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{delivery.pk}.{_code('message', delivery.key)}@{host}>"


def deliveries_named(ids: Iterable[str]) -> list[Delivery]:
    """Deliveries whose Message-ID is among ``ids``, in their order; invented ones are left out."""
    asked = [match for each in ids if (match := _MESSAGE_ID.fullmatch(each))]
    rows = Delivery.objects.select_related("activity__record", "recipient", "activity__actor").in_bulk(
        {int(match[1]) for match in asked}
    )
    found = [(rows.get(int(match[1])), match[2]) for match in asked]
    return [row for row, code in found if row is not None and _is_code(code, "message", row.key)]


def own_ids(text: str) -> list[str]:
    """Everything in a text that has the shape of one of our Message-IDs, at most fifty."""
    return [match[0] for _n, match in zip(range(50), _MESSAGE_ID.finditer(text), strict=False)]
