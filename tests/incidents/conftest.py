"""An agent at her desk, and a ticket of these minutes."""

import pytest
from django.test import Client

from incidents.models import Incident
from tests.cast import Cast, make_incident
from tests.incidents.ticket import MINUTE, ClientOf, now


@pytest.fixture
def alice(cast: Cast, client_of: ClientOf) -> Client:
    return client_of(cast.alice)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    """Logged ten minutes ago, so that nothing has fallen due before the page is used."""
    return make_incident(cast, now=now() - 10 * MINUTE)
