"""GET /healthz/: is each part of this service well? For load balancers and for whoever is called at night."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

import psycopg2
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from itsm import heartbeat
from itsm.version import VERSION

OK = "ok"
LATE_AFTER_SECONDS = 20
PATIENCE_SECONDS = 1.9
REUSE_SECONDS = 1.0
REASONS = {
    "refused": "connection refused",
    "timeout": "no answer in time",
    "timed out": "no answer in time",
    "no such file": "not running",
    "starting up": "starting up",
    "shutting down": "shutting down",
    "too many": "too many clients",
    "authentication": "login refused",
}
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")
_lock = threading.Lock()
_last: tuple[float, dict[str, str]] = (float("-inf"), {})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when every part says "ok", else 503; within two seconds either way."""
    parts = examine()
    is_well = set(parts.values()) == {OK}
    response = JsonResponse(parts | {"version": VERSION}, status=200 if is_well else 503)
    # Django would log every 503 as an error: a probe every second would bury the cause.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def examine() -> dict[str, str]:
    """What each part says; while all is well, asked at most once a second however many ask us."""
    global _last  # noqa: PLW0603
    with _lock:
        # Bad news is looked at again at once, or two web processes would contradict each other for a second.
        if set(_last[1].values()) != {OK} or time.monotonic() - _last[0] > REUSE_SECONDS:
            _last = (time.monotonic(), _examine())
        return _last[1]


def _examine() -> dict[str, str]:
    started = time.monotonic()
    database, signs = _pool.submit(ask_database), _pool.submit(ask_redis)

    def answer(future: "Future[dict[str, str]]", silent: dict[str, str]) -> dict[str, str]:
        try:
            return future.result(timeout=max(0.0, started + PATIENCE_SECONDS - time.monotonic()))
        except FutureTimeout:
            return silent

    late = "down: no answer within 2 s"
    return answer(database, {"database": late}) | answer(signs, _without_redis(late))


def ask_database() -> dict[str, str]:
    """A connection of its own: a new one shows whether new ones are possible, and libpq limits the wait."""
    limits = {"connect_timeout": 2, "options": "-c statement_timeout=1000"}
    parameters = connection.get_connection_params() | limits
    for name in ("cursor_factory", "isolation_level"):
        parameters.pop(name, None)
    try:
        session = psycopg2.connect(**parameters)
        try:
            with session.cursor() as cursor:
                cursor.execute("SELECT 1")
        finally:
            session.close()
    except psycopg2.Error as error:
        return {"database": f"down: {_reason(error)}"}
    return {"database": OK}


def ask_redis() -> dict[str, str]:
    try:
        ages = heartbeat.ages("worker", "worker-process", "beat")
    except heartbeat.HeartbeatError as error:
        return _without_redis(f"down: {_reason(error)}")
    beat = _judge(ages["beat"])
    worker = _judge(ages["worker"])
    if worker != OK and beat != OK:
        # Without beat nobody sends the worker its heartbeat task: its process speaks for it.
        worker = _judge(ages["worker-process"])
    return {"redis": OK, "worker": worker, "beat": beat}


def _without_redis(why: str) -> dict[str, str]:
    unknown = "unknown: redis is down"
    return {"redis": why, "worker": unknown, "beat": unknown}


def _judge(age: float | None) -> str:
    if age is None:
        return "down: no heartbeat"
    return OK if age < LATE_AFTER_SECONDS else f"down: no heartbeat for {age:.0f} s"


def _reason(error: Exception) -> str:
    """What is wrong in a few words; addresses and user names are nobody's business here."""
    text = str(error).lower()
    return next((words for sign, words in REASONS.items() if sign in text), "not reachable")
