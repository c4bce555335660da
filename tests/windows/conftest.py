"""Programs of each role, and words compared in English."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests.api.conftest import api
from tests.cast import Cast

__all__ = ["api"]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def mona(cast: Cast, client_of: Callable[[Any], Client]) -> Client:
    return client_of(cast.mona)


@pytest.fixture
def alice(cast: Cast, client_of: Callable[[Any], Client]) -> Client:
    return client_of(cast.alice)
