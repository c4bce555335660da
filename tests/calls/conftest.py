"""A hotline with a menu, and calls through the real verb."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Grant, User
from calls import services
from calls.models import Branch, CallRecord, Hotline
from tests.cast import MONDAY, Cast, make_user

Store = Callable[..., CallRecord]
RITA = "0512-6288 1234"


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    """The main number; its branch 2 is for e-mail and the second line."""
    row = Hotline.objects.create(code="main", name_en="Main line", name_zh="总机", number="400-820-8820")
    Branch.objects.create(
        hotline=row, code="2", name_en="Mail", name_zh="邮件", service=cast.mail, team=cast.second
    )
    return row


@pytest.fixture
def store(cast: Cast, hotline: Hotline) -> Store:
    """``store(answered=True, at=minutes after MONDAY, ...)``."""

    def make(*, answered: bool = True, at: int = 0, **over: Any) -> CallRecord:
        began = MONDAY + timedelta(minutes=at)
        reached = "answered_at" if answered else "abandoned_at"
        facts = {"hotline": hotline, "number": "13800000000", "offered_at": began,
                 reached: began + timedelta(seconds=10), "agent": cast.alice, **over}  # fmt: skip
        call, _is_new = services.store(facts, actor=cast.alice.actor, now=MONDAY + timedelta(days=1))
        return call

    return make


@pytest.fixture
def narrow(cast: Cast) -> User:
    """An agent who works for Globex alone."""
    user = make_user("nina", cast.provider)
    Grant.objects.create(user=user, role="agent", organisation=cast.globex)
    return user
