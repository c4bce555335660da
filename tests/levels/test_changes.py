"""A change's planned outage against what was promised, and its announcement that follows the change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, Organisation
from announcements.models import Announcement
from changes import deciding, services, writing
from changes.models import Change
from levels import at_stake, change_panel, changing, tasks
from levels.change_models import AgreedNotice, ChangeInterruption
from levels.models import PlannedInterruption
from records.models import Delivery
from sla.models import Agreement
from tests.cast import MONDAY, Cast, make_agreement
from tests.changes.making import START, approve, assessed
from tests.levels.test_standing import outage, terms

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WORDS = {"reason_en": "New disks.", "reason_zh": "更换磁盘。"}


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    return make_agreement(cast.calendar, cast.acme, terms=terms(services=["mail"])).agreement


def planned(cast: Cast, minutes: int = 30, **over: Any) -> Change:
    """Approved, with an outage at its beginning: Wednesday 10:00 in Shanghai, within service hours."""
    change = assessed(cast, **over)
    facts = {"outage_from": START, "outage_until": START + minutes * MINUTE}
    change = writing.write(change, facts, actor=cast.sven.actor, now=MONDAY)
    return approve(deciding.put_up(change, actor=cast.mona.actor, now=MONDAY), cast.mona)


def stakes(cast: Cast, change: Change, agreement: Agreement, **over: Any) -> Any:
    facts = {"actor": cast.mona.actor, "now": MONDAY, "told": None}
    found = at_stake.affected(change, **{**facts, **over})
    return next(each for each in found if each.agreement == agreement)


def announce(cast: Cast, change: Change, **over: Any) -> PlannedInterruption:
    return changing.announce(change, **{**WORDS, "actor": cast.mona.actor, "now": MONDAY, **over})


def moved(cast: Cast, change: Change, by: timedelta) -> Change:
    """Planned later, and approved anew."""
    names = ("planned_start_at", "planned_end_at", "outage_from", "outage_until")
    facts = {name: getattr(change, name) + by for name in names}
    change = writing.write(change, facts, actor=cast.sven.actor, now=MONDAY)
    return approve(Change.objects.get(pk=change.pk), cast.mona)


@pytest.mark.req("CHG-16")
def test_beside_the_change_stands_what_is_left_of_the_month_after_the_outage(
    cast: Cast, acme: Agreement
) -> None:
    outage(cast, 0.25, day=2)
    change = planned(cast)
    found = stakes(cast, change, acme, now=MONDAY + DAY)
    (stake,) = found.stakes
    # 22 working days of 8 hours, of which a half percent may be missing
    assert stake.allowed == 22 * 8 * 3600 * 5 // 1000
    assert (stake.used, stake.uses) == (900, 1800)
    assert stake.left == stake.allowed - 900 - 1800
    assert not stake.is_missed
    panel = change_panel.content(change, cast.mona.actor, now=MONDAY + DAY)
    assert panel is not None
    assert panel["affected"][0]["stakes"][0]["left"] == timedelta(seconds=stake.left)


def test_an_outage_longer_than_what_is_left_is_said_to_miss_the_promise(cast: Cast, acme: Agreement) -> None:
    (stake,) = stakes(cast, planned(cast, 60), acme).stakes
    assert (stake.uses, stake.left) == (3600, stake.allowed - 3600)
    assert stake.is_missed


def test_an_outage_over_the_end_of_a_month_is_told_of_each_month(cast: Cast, acme: Agreement) -> None:
    change = planned(cast)
    Change.objects.filter(pk=change.pk).update(
        outage_from=START + 26 * DAY, outage_until=START + 28 * DAY + 60 * MINUTE
    )
    found = stakes(cast, Change.objects.get(pk=change.pk), acme)
    assert [str(stake.month) for stake in found.stakes] == ["2026-03", "2026-04"]
    assert all(stake.uses for stake in found.stakes)
    assert found.stakes[1].used == 0


@pytest.mark.req("CHG-16")
def test_the_customers_named_in_the_agreements_are_told_once_before_it_begins(
    cast: Cast, acme: Agreement
) -> None:
    change = planned(cast)
    named = changing.customers_of(change, now=MONDAY)
    first = announce(cast, change)
    assert announce(cast, change) == first
    assert PlannedInterruption.objects.count() == 1
    assert (first.starts_at, first.ends_at) == (change.outage_from, change.outage_until)
    assert list(first.customers.all()) == named
    original = Announcement.objects.originals().get()
    told = Delivery.objects.filter(activity__verb="announcement.announce", channel="in_app")
    assert {row.recipient_id for row in told} >= {cast.rita.pk, cast.carla.pk}
    assert len({(row.recipient_id, row.activity_id) for row in told}) == told.count()
    panel = change_panel.content(change, cast.mona.actor, now=MONDAY)
    assert panel is not None
    assert (panel["told"], panel["announcement"], panel["fits"]) == (first, original, True)
    assert not panel["may_announce"]


@pytest.mark.req("CHG-16")
def test_what_was_announced_moves_and_is_cancelled_with_the_change(cast: Cast, acme: Agreement) -> None:
    change = planned(cast)
    first = announce(cast, change, agreed_with="Carla")
    assert changing.follow_all(now=MONDAY) == 0
    change = moved(cast, change, DAY)
    assert changing.follow_all(now=MONDAY) == 1
    assert changing.follow_all(now=MONDAY) == 0
    second = changing.announced(change)
    assert second is not None
    first.refresh_from_db()
    assert first.cancelled_at is not None
    assert (second.starts_at, second.agreed_with) == (START + DAY, "")
    assert Announcement.objects.originals().get().told.starts_at == START + DAY
    services.cancel(change, reason="Not needed.", actor=cast.mona.actor, now=MONDAY)
    assert tasks.follow_changes() >= 0
    assert changing.follow_all(now=MONDAY) == 1
    assert changing.announced(change) is None
    assert Announcement.objects.originals().get().state == "over"
    assert ChangeInterruption.objects.filter(change=change).count() == 2


def test_a_time_that_is_being_planned_anew_stands_until_it_is_near(cast: Cast, acme: Agreement) -> None:
    change = planned(cast)
    first = announce(cast, change)
    names = ("planned_start_at", "planned_end_at", "outage_from", "outage_until")
    facts = {name: getattr(change, name) + 5 * DAY for name in names}
    writing.write(change, facts, actor=cast.sven.actor, now=MONDAY)
    changing.follow_all(now=MONDAY)
    assert changing.announced(change) == first
    changing.follow_all(now=START - 60 * MINUTE)
    assert changing.announced(change) is None


def test_what_is_not_approved_or_without_outage_is_announced_to_nobody(cast: Cast, acme: Agreement) -> None:
    change = assessed(cast)
    with pytest.raises(ValidationError, match="plans no interruption"):
        announce(cast, change)
    facts = {"outage_from": START, "outage_until": START + 30 * MINUTE}
    change = writing.write(change, facts, actor=cast.sven.actor, now=MONDAY)
    with pytest.raises(ValidationError, match="Only what is approved"):
        announce(cast, change)
    assert not Announcement.objects.exists()
    assert change_panel.content(assessed_without(cast), cast.mona.actor, now=MONDAY) is None


def assessed_without(cast: Cast) -> Change:
    return assessed(cast, title="Without an outage")


def test_what_was_agreed_beforehand_does_not_count_and_notice_is_kept_or_not(
    cast: Cast, acme: Agreement
) -> None:
    change = planned(cast)
    AgreedNotice.objects.create(agreement=acme, hours=24)
    assert stakes(cast, change, acme).is_in_time is True
    assert stakes(cast, change, acme, now=START - 60 * MINUTE).is_in_time is False
    told = announce(cast, change, agreed_with="Carla")
    found = stakes(cast, change, acme, told=told, now=START - 60 * MINUTE)
    assert found.is_in_time is True
    assert found.stakes[0].left == found.stakes[0].allowed


def test_it_is_announced_on_a_page_and_the_notice_recorded_on_another(
    cast: Cast, acme: Agreement, client_of: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("levels.change_views.now_utc", lambda: MONDAY)
    change = planned(cast)
    mona, path = client_of(cast.mona), f"/levels/changes/{change.number}/announce/"
    assert client_of(cast.alice).get(path).status_code == 403
    assert mona.get(path).status_code == 200
    assert mona.post(path, {"reason_en": "New disks."}).status_code == 422
    assert mona.post(path, WORDS).status_code == 302
    assert changing.announced(change) is not None
    assert mona.post("/levels/notices/", {"agreement": acme.pk, "hours": 120}).status_code == 302
    assert "120" in mona.get("/levels/notices/").content.decode()
    assert mona.post("/levels/notices/", {"agreement": acme.pk, "hours": 0}).status_code == 422
    assert mona.post("/levels/notices/", {"agreement": acme.pk}).status_code == 302
    assert not AgreedNotice.objects.exists()


def test_who_covers_other_customers_sees_nothing_of_the_agreement(cast: Cast, acme: Agreement) -> None:
    change = planned(cast)
    Grant.objects.filter(user=cast.mona).update(organisation=cast.globex)
    actor = type(cast.mona).objects.get(pk=cast.mona.pk).actor
    found = at_stake.affected(change, actor=actor, now=MONDAY, told=None)
    assert acme not in [each.agreement for each in found]


def test_the_panel_asks_as_much_for_many_agreements_as_for_one(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    tickets = terms(services=["mail"], measures=[], credits=[])
    make_agreement(cast.calendar, cast.acme, terms=tickets)
    change = planned(cast)
    with CaptureQueriesContext(connection) as one:
        first = change_panel.content(change, cast.mona.actor, now=MONDAY)
    for n in range(3):
        customer = Organisation.objects.create(code=f"more{n}", name_en=f"More {n}", kind="customer")
        make_agreement(cast.calendar, customer, terms=tickets)
    with django_assert_max_num_queries(len(one.captured_queries)):
        panel = change_panel.content(change, cast.mona.actor, now=MONDAY)
    assert first is not None
    assert panel is not None
    left = [row["misses_left"] for row in panel["affected"] if not row["stakes"]]
    assert len(panel["affected"]) == len(first["affected"]) + 3
    assert len(left) >= 4
    assert None not in left


@pytest.mark.req("CHG-16")
def test_nobody_is_told_but_the_customers_whose_agreements_name_the_service(
    cast: Cast, acme: Agreement
) -> None:
    Agreement.objects.filter(customer=None).update(ended_at=MONDAY - DAY)
    make_agreement(cast.calendar, cast.globex, terms=terms(services=["no-such-service"]))
    change = planned(cast)
    assert changing.customers_of(change, now=MONDAY) == [cast.acme]
    row = announce(cast, change)
    assert list(row.customers.all()) == [cast.acme]
    told = Delivery.objects.filter(activity__verb="announcement.announce").values_list("recipient", flat=True)
    assert cast.charlie.pk not in set(told)
    assert cast.rita.pk in set(told)
    Agreement.objects.filter(pk=acme.pk).update(ended_at=MONDAY - DAY)
    with pytest.raises(ValidationError, match="nobody to be told"):
        announce(cast, moved(cast, change, 2 * DAY))
