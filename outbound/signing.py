"""How receivers know that a message is ours: webhooks (Standard Webhooks), DingTalk, Feishu. PURE."""

import base64
import binascii
import hashlib
import hmac
import secrets
from urllib.parse import quote_plus

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret; one that is not in our form is taken as it is written."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()


def webhook_headers(secret: str, *, key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Signed is "key.timestamp.body"; the receiver refuses old timestamps and keys it has seen."""
    signed = f"{key}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return {
        "Webhook-Id": key,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def dingtalk_query(secret: str, *, milliseconds: int) -> str:
    """What DingTalk wants behind the address: HMAC of "timestamp\\nsecret" with the secret as its key."""
    digest = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return f"timestamp={milliseconds}&sign={quote_plus(base64.b64encode(digest).decode())}"


def feishu_fields(secret: str, *, timestamp: int) -> dict[str, str]:
    """What Feishu wants in the body: HMAC of nothing, with "timestamp\\nsecret" as its key."""
    digest = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": str(timestamp), "sign": base64.b64encode(digest).decode()}
