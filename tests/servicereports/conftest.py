"""Acme's own agreement, whose reports are written here."""

import pytest

from sla.models import Agreement
from tests.cast import Cast, make_agreement


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    return make_agreement(cast.calendar, cast.acme).agreement
