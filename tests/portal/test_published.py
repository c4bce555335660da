"""Hours, ways to reach us, procedures and prices stand in the portal (SD-27)."""

from typing import Any

import pytest
from django.urls import reverse

from calls.models import Hotline
from records import contacts
from tests.cast import Cast
from tests.fulfilment.orders import make_offering


@pytest.mark.req("SD-27")
def test_the_help_page_tells_hours_ways_procedure_and_charging(cast: Cast, client_of: Any) -> None:
    Hotline.objects.create(code="main", name_en="Main line", name_zh="总机", number="400 820 8820")
    Hotline.objects.create(
        code="old", name_en="Old line", name_zh="旧", number="400 820 0000", is_active=False
    )
    text = client_of(cast.rita).get(reverse("portal:help")).content.decode()
    assert "Monday to Friday" in text
    assert 'href="tel:4008208820"' in text
    assert "400 820 0000" not in text
    assert "What happens with a request" in text
    assert "nothing begins before you accept it" in text


@pytest.mark.req("SD-27")
def test_prices_stand_where_things_are_ordered(cast: Cast, client_of: Any) -> None:
    make_offering(cast, price="120.00", currency="CNY", unit={"en": "piece", "zh": "件"})
    text = client_of(cast.rita).get(reverse("portal:catalogue")).content.decode()
    assert "CNY 120.00 / piece" in text


def test_a_way_that_is_registered_is_told(cast: Cast, client_of: Any, monkeypatch: Any) -> None:
    way = contacts.Way("Counter", "Ground floor", "https://example.org/", "map-pin")
    monkeypatch.setitem(contacts._WAYS, "9", lambda: [way])
    assert "Ground floor" in client_of(cast.rita).get(reverse("portal:help")).content.decode()
