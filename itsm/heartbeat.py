"""Signs of life of the background processes, kept in Redis and read by /healthz/.

A mark is a key that expires; its age follows from the time it has left, so only Redis's clock counts.
"""

from functools import cache

import redis
from django.conf import settings

LIFETIME_SECONDS = 3600


class HeartbeatError(Exception):
    """Redis did not take or give a heartbeat."""


@cache
def client() -> "redis.Redis":
    """Answers or fails within a second."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def key(who: str) -> str:
    return f"itsm:heartbeat:{who}"


def mark(who: str) -> None:
    """`who` is alive now. Raises HeartbeatError when Redis cannot be told."""
    try:
        client().set(key(who), "1", ex=LIFETIME_SECONDS)
    except redis.RedisError as error:
        raise HeartbeatError(str(error)) from error


def ages(*names: str) -> dict[str, float | None]:
    """Seconds since each name's last mark; None where there was none within the last hour."""
    pipeline = client().pipeline(transaction=False)
    for name in names:
        pipeline.pttl(key(name))
    try:
        left = pipeline.execute()
    except redis.RedisError as error:
        raise HeartbeatError(str(error)) from error
    return {
        name: LIFETIME_SECONDS - milliseconds / 1000 if milliseconds >= 0 else None
        for name, milliseconds in zip(names, left, strict=True)
    }
