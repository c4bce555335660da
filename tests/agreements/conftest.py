"""An agreement of Acme, and a manager at her desk."""

import pytest
from django.test import Client

from sla.models import Agreement
from tests.cast import Cast


@pytest.fixture
def agreement(cast: Cast) -> Agreement:
    return Agreement.objects.create(code="acme", customer=cast.acme, name_en="Acme SLA", name_zh="艾可美协议")


@pytest.fixture
def mona(cast: Cast, client: Client) -> Client:
    client.force_login(cast.mona)
    return client
