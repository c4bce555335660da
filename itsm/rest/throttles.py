"""Rate limits per token or person: fixed windows counted by Redis in one step, so that bursts cannot pass."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import Token

WINDOW_SECONDS = 60


class PerCaller(BaseThrottle):
    """Reads and writes are counted apart. Without Redis nothing is limited: the service goes on."""

    def allow_request(self, request: Request, view: Any) -> bool:
        is_read = request.method in SAFE_METHODS
        limit = settings.API_READS_PER_MINUTE if is_read else settings.API_WRITES_PER_MINUTE
        if not limit:
            return True
        caller = request.auth.digest[:24] if isinstance(request.auth, Token) else f"u{request.user.pk}"
        return self._count(f"api:{caller}:{'r' if is_read else 'w'}") <= limit

    @staticmethod
    def _count(name: str) -> int:
        key = f"{name}:{int(time.time()) // WINDOW_SECONDS}"
        try:
            if cache.add(key, 1, timeout=2 * WINDOW_SECONDS):
                return 1
            return int(cache.incr(key))
        except Exception:  # noqa: BLE001 - whatever ails the cache, people must be served
            return 0

    def wait(self) -> float:
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS
