"""Programs that talk to the interface, as in its own tests."""

from tests.api.conftest import api

__all__ = ["api"]
