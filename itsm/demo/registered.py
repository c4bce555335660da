"""The demo's customers and suppliers were there before its story: their histories begin a year earlier."""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps

BEFORE = timedelta(days=400)
HISTORIES = ("accounts.OrganisationEvent", "suppliers.SupplierEvent")


def make(now: datetime) -> None:
    """Date back how they were registered. The database stamps it with its own clock."""
    for name in HISTORIES:
        rows: Any = apps.get_model(name)._default_manager.filter(pgh_label="insert")
        rows.update(pgh_created_at=now - BEFORE)
