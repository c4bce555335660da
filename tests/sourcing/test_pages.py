"""Pages of suppliers: contracts with warnings, figures that open their lists, files, and who may see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from suppliers.models import Supplier
from tests.cast import Cast

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]


def test_every_page_opens(client_of: Browser, cast: Cast) -> None:
    Supplier.objects.create(code="huaxun", name_en="Huaxun", name_zh="华讯")
    mona = client_of(cast.mona)
    for page in (
        "",
        "new/",
        "requests/",
        "huaxun/",
        "huaxun/edit/",
        "huaxun/tickets/",
        "huaxun/targets/",
        "huaxun/misses/",
        "huaxun/reports/",
    ):
        assert mona.get(f"/suppliers/{page}").status_code == 200, page
