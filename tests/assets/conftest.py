"""Programs, as the tests of the interface have them."""

from tests.api.conftest import api

__all__ = ["api"]
