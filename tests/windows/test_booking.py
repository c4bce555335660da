"""Times given to work: one of two gets it, whatever lies between what they touch."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Grant
from cmdb.models import Item, ItemService, ItemType, Relation, RelationType
from records.models import Record
from tests.cast import MONDAY, Cast, make_incident
from tests.records.test_alarms import together
from windows import booking, words
from windows.models import Claim, Window
from windows.reach import reach_of
from windows.slots import Kind

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def item(name: str, **fields: Any) -> Item:
    kind = ItemType.objects.get_or_create(code="server", defaults={"name_en": "Server"})[0]
    return Item.objects.create(name=name, type=kind, **fields)


def depends(source: Item, target: Item) -> None:
    """A failure of ``target`` hits ``source``."""
    kind = RelationType.objects.get_or_create(
        code="rests_on_for_test",
        defaults={"name_en": "rests on", "reverse_en": "carries", "impact": "backward"},
    )[0]
    Relation.objects.create(source=source, target=target, type=kind)


def claim(cast: Cast, record: Record, items: list[Item], *, start: datetime = MONDAY, **more: Any) -> Any:
    return booking.claim(
        record, start=start, end=start + HOUR, item_ids=[each.pk for each in items], service_ids=(),
        actor=cast.mona.actor, now=MONDAY, **more,
    )  # fmt: skip


@pytest.mark.req("CHG-16")
def test_two_that_share_an_item_do_not_get_one_time_without_an_exemption(cast: Cast) -> None:
    server = item("srv-mail-01")
    first, second = make_incident(cast), make_incident(cast)
    assert claim(cast, first, [server]) == []
    with pytest.raises(booking.Taken) as refused:
        claim(cast, second, [server])
    assert refused.value.conflicts[0].number == first.number
    (said,) = refused.value.message_dict["planned_start_at"]
    assert first.number in said
    assert "srv-mail-01" in said
    assert not Claim.objects.filter(record=second).exists()
    (known,) = claim(cast, second, [server], exempted={Kind.BOOKING})
    assert known.number == first.number
    assert Claim.objects.get(record=second).exempted == ["booking"]


def test_a_claim_again_takes_the_place_of_the_former_and_a_released_time_is_free(cast: Cast) -> None:
    server = item("srv-mail-01")
    first, second = make_incident(cast), make_incident(cast)
    claim(cast, first, [server])
    claim(cast, first, [server], start=MONDAY + 2 * HOUR)
    claim(cast, second, [server])
    with pytest.raises(booking.Taken):
        claim(cast, second, [server], start=MONDAY + 2.5 * HOUR)
    booking.release(first)
    booking.release(first)
    claim(cast, second, [server], start=MONDAY + 2.5 * HOUR)
    assert Claim.objects.count() == 1


@pytest.mark.req("CHG-16")
def test_what_depends_on_an_item_and_the_services_on_it_are_touched_with_it(cast: Cast) -> None:
    storage, mail_server, web_server = item("san-01"), item("srv-mail-01"), item("srv-web-01")
    depends(mail_server, storage)
    depends(web_server, storage)
    ItemService.objects.create(item=mail_server, service=cast.mail)
    first, second = make_incident(cast), make_incident(cast)
    claim(cast, first, [storage])
    kept = Claim.objects.get()
    assert set(kept.reach_items) == {storage.pk, mail_server.pk, web_server.pk}
    assert (kept.items, kept.reach_services) == ([storage.pk], [cast.mail.pk])
    with pytest.raises(booking.Taken):
        claim(cast, second, [web_server])
    found = booking.conflicts(MONDAY, MONDAY + HOUR, reach=reach_of((), [cast.mail.pk]))
    assert [each.number for each in found] == [first.number]
    assert words.said(found[0], cast.mona.actor).endswith(f"also touches {cast.mail.name}.")


def test_the_next_free_time_jumps_over_what_is_booked_and_frozen(cast: Cast) -> None:
    server = item("srv-mail-01")
    first, second = make_incident(cast), make_incident(cast)
    claim(cast, first, [server])
    freeze = Window.objects.create(
        kind="freeze", name_en="Closing", starts_at=MONDAY + HOUR, ends_at=MONDAY + 5 * HOUR,
        created_by=cast.mona, created_at=MONDAY,
    )  # fmt: skip
    freeze.items.add(server)
    options: dict[str, Any] = {"after": MONDAY, "reach": reach_of([server.pk], ())}
    assert booking.next_free(HOUR, **options, record=second) == MONDAY + 5 * HOUR
    assert booking.next_free(HOUR, **options, record=second, before=MONDAY + 4 * HOUR) is None
    with pytest.raises(booking.Taken) as refused:
        claim(cast, second, [server], start=MONDAY + 4 * HOUR, exempted={Kind.BOOKING})
    assert "Closing" in str(refused.value)
    assert claim(cast, second, [server], start=MONDAY + 5 * HOUR) == []


def test_a_time_that_is_none_is_refused(cast: Cast) -> None:
    record = make_incident(cast)
    for end in (MONDAY, MONDAY - HOUR, MONDAY + timedelta(days=40)):
        with pytest.raises(ValidationError, match="must lie after"):
            booking.claim(
                record, start=MONDAY, end=end, item_ids=(), service_ids=(), actor=cast.mona.actor, now=MONDAY
            )


def test_who_may_not_see_the_other_work_or_item_is_not_told_its_number_or_name(cast: Cast) -> None:
    hidden = item("globex-core", customer=cast.globex)
    ours = item("acme-web", customer=cast.acme)
    depends(ours, hidden)
    other = make_incident(cast)
    Record.objects.filter(pk=other.pk).update(customer=cast.globex)
    claim(cast, other, [hidden])
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    cast.alice.refresh_from_db()
    actor = type(cast.alice).objects.get(pk=cast.alice.pk).actor
    (found,) = booking.conflicts(MONDAY, MONDAY + HOUR, reach=reach_of([ours.pk], ()))
    said = words.said(found, actor)
    assert said.startswith("Other work is planned")
    assert other.number not in said
    assert "globex" not in said


@pytest.mark.req("CHG-16")
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_instant_exactly_one_gets_the_time(cast: Cast) -> None:
    storage, mail_server, web_server = item("san-01"), item("srv-mail-01"), item("srv-web-01")
    depends(mail_server, storage)
    depends(web_server, storage)
    works = [
        (make_incident(cast), [storage]),
        (make_incident(cast), [web_server]),
        (make_incident(cast), [mail_server, storage]),
    ]

    def schedule(record: Record, items: list[Item]) -> Callable[[], object]:
        def act() -> object:
            with transaction.atomic():
                return claim(cast, record, items)

        return act

    found = together(*(schedule(record, items) for record, items in works))
    assert sum(answer == [] for answer in found) == 1
    assert sum(isinstance(answer, booking.Taken) for answer in found) == 2
    assert Claim.objects.count() == 1
