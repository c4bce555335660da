"""A refused attempt is kept, whatever becomes of the transaction around it, and nobody waits for himself."""

import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection, connections, transaction

from cmdb import services
from cmdb.models import Alteration, Item
from tests.cast import MONDAY, Cast
from tests.cmdb.made import an_item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("CMDB-05")]


def alter(cast: Cast, item: Item, **facts: Any) -> Item:
    return services.alter_item(item, facts, actor=cast.mona.actor, now=MONDAY)


def kept(item: Item) -> int:
    return Alteration.objects.filter(item=item, is_refused=True, refusal="no_change").count()


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_it_outlives_the_transaction_around_it_and_leaves_no_connection_behind(cast: Cast) -> None:
    item, ours, before = an_item(cast), connections["default"], sessions()
    for n in range(3):
        with pytest.raises(ValidationError), transaction.atomic():
            alter(cast, item, state="maintenance")
        assert kept(item) == n + 1
    assert connections["default"] is ours
    assert not connection.in_atomic_block
    deadline = time.monotonic() + 5  # a session ends a moment after its connection
    while sessions() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sessions() == before


def test_it_is_kept_once_where_the_transaction_around_it_goes_on(cast: Cast) -> None:
    item = an_item(cast)
    with transaction.atomic():
        with pytest.raises(ValidationError):
            alter(cast, item, state="maintenance")
        Item.objects.filter(pk=item.pk).update(site="Hall 2")
    assert kept(item) == 1
    item.refresh_from_db()
    assert item.site == "Hall 2"


def test_an_item_held_or_made_by_the_transaction_around_it_is_no_deadlock(cast: Cast) -> None:
    item, began = an_item(cast), time.monotonic()
    with transaction.atomic():
        Item.objects.select_for_update().get(pk=item.pk)  # the strongest lock there is on a row
        with pytest.raises(ValidationError):
            alter(cast, item, state="maintenance")
        new = an_item(cast, name="new")
        with pytest.raises(ValidationError):
            alter(cast, new, state="maintenance")
    assert (kept(item), kept(new)) == (1, 1)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("fault", [OperationalError("too many connections"), InterfaceError("closed")])
def test_without_a_second_connection_the_refusal_is_still_the_answer(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    item, ours = an_item(cast), connections["default"]
    make = connections.create_connection

    def broken(alias: str) -> Any:
        made = make(alias)

        def connect() -> None:
            raise fault

        monkeypatch.setattr(made, "connect", connect)
        return made

    monkeypatch.setattr(connections, "create_connection", broken)
    with transaction.atomic(), pytest.raises(ValidationError):
        alter(cast, item, state="maintenance")
    assert connections["default"] is ours
    assert kept(item) == 1
