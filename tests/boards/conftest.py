"""A board with two members and a chair, and words compared in English."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.api.conftest import api
from tests.boards.making import make_board
from tests.cast import Cast

__all__ = ["api"]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def board(cast: Cast) -> Cast:
    """Alice and sven sit on the board and vote; mona takes the chair."""
    make_board(cast)
    return cast
