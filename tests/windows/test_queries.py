"""Windows as rows: what of them concerns work at a time."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from cmdb.models import Item, ItemType
from tests.cast import Cast
from windows import queries
from windows.models import Window
from windows.slots import Kind, conflicts

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# a Wednesday, 10:00 in Shanghai
WEDNESDAY = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def window(cast: Cast, **fields: Any) -> Window:
    facts = {"kind": "maintenance", "name_en": "Window", "starts_at": WEDNESDAY, "created_by": cast.mona}
    return Window.objects.create(**{**facts, "created_at": WEDNESDAY, **fields})


def weekly(cast: Cast, **fields: Any) -> Window:
    rule = {"recurs": "weekly", "weekday": 6, "from_time": time(2), "until_time": time(6)}
    return window(cast, **{**rule, "starts_at": WEDNESDAY - 30 * DAY, **fields})


def against(cast: Cast, start: datetime, *, items: tuple[int, ...] = (), **more: Any) -> list[Kind]:
    """The kinds of conflicts of two hours of work on the mail service."""
    services = more.get("services", (cast.mail.pk,))
    end = start + timedelta(hours=2)
    found = queries.spans(start, end, item_ids=items, service_ids=services)
    return [
        each.kind
        for each in conflicts(start, end, items=items, services=services, bookings=[], windows=found)
    ]


def test_work_on_a_service_with_a_weekly_window_belongs_inside_it(cast: Cast) -> None:
    row = weekly(cast)
    row.services.add(cast.mail)
    sunday = datetime(2026, 3, 7, 18, 0, tzinfo=UTC)  # 02:00 on Sunday in Shanghai
    assert against(cast, WEDNESDAY) == [Kind.OUTSIDE]
    assert against(cast, sunday) == []
    assert against(cast, sunday + timedelta(hours=3)) == [Kind.OUTSIDE]
    assert against(cast, WEDNESDAY, services=()) == []


def test_a_weekly_window_binds_only_while_it_is_in_force_and_not_when_cancelled(cast: Cast) -> None:
    row = weekly(cast, ends_at=WEDNESDAY + 10 * DAY)
    row.services.add(cast.mail)
    assert against(cast, WEDNESDAY - 40 * DAY) == []
    assert against(cast, WEDNESDAY + 11 * DAY) == []
    assert against(cast, WEDNESDAY + DAY) == [Kind.OUTSIDE]
    Window.objects.filter(pk=row.pk).update(is_cancelled=True)
    assert against(cast, WEDNESDAY + DAY) == []


def test_a_window_that_comes_once_keeps_work_waiting_until_it_is_over(cast: Cast) -> None:
    row = window(cast, starts_at=WEDNESDAY + 5 * DAY, ends_at=WEDNESDAY + 6 * DAY)
    row.services.add(cast.mail)
    assert against(cast, WEDNESDAY) == [Kind.OUTSIDE]
    assert against(cast, WEDNESDAY + 5 * DAY) == []
    assert against(cast, WEDNESDAY + 6 * DAY) == []


@pytest.mark.req("CHG-16")
def test_a_freeze_stands_against_work_of_its_scope_alone(cast: Cast) -> None:
    item = Item.objects.create(
        name="srv-mail-01",
        type=ItemType.objects.get_or_create(code="server", defaults={"name_en": "Server"})[0],
    )
    row = window(cast, kind="freeze", starts_at=WEDNESDAY - DAY, ends_at=WEDNESDAY + DAY)
    row.items.add(item)
    assert against(cast, WEDNESDAY) == []
    assert against(cast, WEDNESDAY, items=(item.pk,)) == [Kind.FREEZE]
    assert against(cast, WEDNESDAY + 2 * DAY, items=(item.pk,)) == []
    Window.objects.filter(pk=row.pk).update(everything=True)
    assert against(cast, WEDNESDAY) == [Kind.FREEZE]
