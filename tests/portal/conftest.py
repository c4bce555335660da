"""An agreement offered to Acme, as on the Monday of the tests."""

from typing import Any

import pytest
import time_machine

from agreements.models import Edition
from sla.models import Agreement
from tests.cast import MONDAY, Cast
from tests.portal.agreeing import draft, offer


@pytest.fixture
def monday() -> Any:
    with time_machine.travel(MONDAY, tick=True):
        yield


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


@pytest.fixture
def offered(cast: Cast, agreement: Agreement) -> Edition:
    return offer(cast, draft(cast, agreement))
