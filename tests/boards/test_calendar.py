"""The change calendar: lanes, windows, collisions in words, the next free time, the feed."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Grant
from boards import collisions, feed, ical, lanes, panels, slotting
from boards.models import Feed
from changes import carrying, deciding, writing
from changes.models import Change
from cmdb.models import ItemService, Relation, RelationType
from records.models import Record
from tests.boards.making import another_service, make_meeting, waiting
from tests.cast import MONDAY, Cast
from tests.changes.making import END, START, assessed, make_item, put_up
from windows.models import Window

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
DAY = timedelta(days=1)


def window(cast: Cast, name: str, start: datetime, end: datetime, **fields: Any) -> Window:
    facts = {"name_en": name, "name_zh": name, "created_by": cast.mona, "created_at": MONDAY}
    return Window.objects.create(**{"kind": "freeze", **facts, "starts_at": start, "ends_at": end, **fields})


def depends(source: Any, target: Any) -> None:
    """A failure of ``target`` hits ``source``."""
    names = {"name_en": "rests on", "reverse_en": "carries", "impact": "backward"}
    kind = RelationType.objects.get_or_create(code="rests_on_for_test", defaults=names)[0]
    Relation.objects.create(source=source, target=target, type=kind)


def colliding(cast: Cast) -> tuple[Change, Change]:
    """Storage and a web server that depends on it through the mail server, at one time, by exemption."""
    storage, server, web = (make_item(cast, name) for name in ("san-01", "mail-01", "web-01"))
    ItemService.objects.all().delete()
    depends(server, storage)
    depends(web, server)
    first = put_up(cast, items=[storage], services=[another_service("storage")])
    second = assessed(cast, items=[web], services=[another_service("web")])
    carrying.exempt(second, guard="collision", reason="One night only.", actor=cast.mona.actor, now=MONDAY)
    return first, deciding.put_up(second, actor=cast.mona.actor, now=MONDAY)


@pytest.mark.req("CHG-16")
def test_the_week_shows_changes_in_lanes_and_as_a_list_with_what_collides_in_words(
    cast: Cast, client_of: Browser
) -> None:
    first, second = colliding(cast)
    mona = client_of(cast.mona)
    page = mona.get("/change-calendar/?day=2026-03-04").content.decode()
    for words in (
        first.number,
        second.number,
        "Storage",
        "Web",
        "2 changes have something against their time",
    ):
        assert words in page
    assert f"web-01 ({second.number}) depends on san-01 ({first.number}) through mail-01." in page
    assert page.count(f'href="/changes/{first.number}/"') >= 2
    other = mona.get("/change-calendar/?day=2026-03-11").content.decode()
    assert first.number not in other
    assert "No change is planned then" in other
    month = mona.get("/change-calendar/?day=2026-03-31&view=month&by=item").content.decode()
    assert "web-01" in month
    assert first.number in month
    assert mona.get("/change-calendar/?day=nonsense&view=year&by=mood").status_code == 200


def test_two_that_work_on_one_thing_are_told_what_it_is(cast: Cast) -> None:
    first = put_up(cast)
    second = assessed(cast)
    said = collisions.of_change(second, cast.mona.actor)
    assert said == [f"Both this change and {first.number} work on E-mail."]
    assert collisions.of_change(first, cast.mona.actor) == []


def test_beside_a_change_nothing_is_asked_twice(cast: Cast) -> None:
    """The change that is in the way has its time; this one's reach is found for all the panel says."""
    san, web = make_item(cast, "san-01"), make_item(cast, "web-01")
    depends(web, san)
    first = put_up(cast, items=[san])
    second = assessed(cast, items=[san])
    with CaptureQueriesContext(connection) as asked:
        shown = panels.content(second, cast.mona.actor, now=MONDAY)
    assert shown is not None
    assert first.number in shown["said"][0]
    assert shown["next"]
    queries = [each["sql"] for each in asked.captured_queries]
    # the calendar is asked about two spans of time by statements that differ; who the system is, twice
    assert [sql for sql, n in Counter(queries).items() if n > 1 and "accounts_" not in sql] == []


@pytest.mark.req("CHG-16")
def test_freezes_and_maintenance_windows_are_drawn_and_named(cast: Cast, client_of: Browser) -> None:
    row = window(cast, "Closing", START - DAY, END + DAY, everything=True)
    change = assessed(cast)
    page = client_of(cast.alice).get("/change-calendar/?day=2026-03-04").content.decode()
    assert f'href="/windows/{row.pk}/"' in page
    assert "is-freeze" in page
    assert "It lies in the freeze “Closing”" in page
    assert change.number in page


def test_the_calendar_names_nothing_of_other_customers_to_who_covers_some(
    cast: Cast, client_of: Browser
) -> None:
    first, second = colliding(cast)
    Record.objects.filter(pk=first.pk).update(customer=cast.globex)
    Record.objects.filter(pk=second.pk).update(customer=cast.acme)
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    page = client_of(cast.alice).get("/change-calendar/?day=2026-03-04").content.decode()
    assert second.number in page
    assert first.number not in page
    for person in (cast.carla, cast.charlie):
        assert client_of(person).get("/change-calendar/").status_code in (302, 403)


@pytest.mark.req("CHG-16")
def test_the_next_free_time_is_proposed_around_what_is_booked_and_frozen(
    cast: Cast, client_of: Browser
) -> None:
    put_up(cast)
    window(cast, "Closing", END, END + DAY).services.add(cast.mail)
    change = assessed(cast)
    assert slotting.next_times(change, after=START, now=MONDAY, count=1) == [
        (END + DAY, END + DAY + (END - START))
    ]
    page = client_of(cast.bob).get(f"/change-calendar/slot/?change={change.number}&minutes=30")
    assert page.status_code == 200
    assert "Nothing is booked then" in page.content.decode()
    wrong = client_of(cast.bob).get("/change-calendar/slot/?change=CHG9999999&minutes=0")
    assert wrong.status_code == 422


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 60)), max_size=12),
)
def test_bars_of_one_row_never_cover_each_other(spans: list[tuple[int, int]]) -> None:
    start, end = MONDAY, MONDAY + timedelta(minutes=100)
    bars = [
        lanes.place(MONDAY + timedelta(minutes=a), MONDAY + timedelta(minutes=a + n), start, end)
        for a, n in spans
    ]
    rows = lanes.stacked([dict(bar) for bar in bars])
    assert sum(len(row) for row in rows) == len(bars)
    for row in rows:
        for one, other in pairwise(row):
            assert one["until"] <= other["from"] + 1e-9 or one["from"] == other["from"] == 100


# --- the feed ----------------------------------------------------------------------------------------


def unfolded(text: str) -> list[str]:
    """The lines of a calendar, as RFC 5545 3.1 has them put together again."""
    assert text.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").rstrip("\r\n").split("\r\n")


def events(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for line in unfolded(text):
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and ":" in line:
            name, _colon, value = line.partition(":")
            found[-1].setdefault(name, value)
    return found


def feed_of(cast: Cast, client_of: Browser, person: Any) -> str:
    page = client_of(person).post("/change-calendar/feed/", {"act": "make"}).content.decode()
    found = re.search(r"(/change-calendar/feed/[^\"]+\.ics)", page)
    assert found
    return found[1]


@pytest.mark.req("CHG-16")
def test_a_calendar_program_reads_what_its_owner_may_see_at_a_secret_address(
    cast: Cast, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boards.feed_views.now_utc", lambda: MONDAY)
    change = waiting(cast)
    meeting = make_meeting(cast, place="会议室, 3楼; 东")
    path = feed_of(cast, client_of, cast.mona)
    answer = Client().get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    by = {event["SUMMARY"].split(" ")[0]: event for event in events(answer.content.decode())}
    entry = by[change.number]
    assert (entry["DTSTART"], entry["DTEND"]) == ("20260304T020000Z", "20260304T040000Z")
    assert entry["STATUS"] == "TENTATIVE"
    assert by[meeting.number]["LOCATION"] == "会议室\\, 3楼\\; 东"
    moved = writing.write(
        change,
        {"planned_start_at": START + DAY, "planned_end_at": END + DAY},
        actor=cast.bob.actor,
        now=MONDAY,
    )
    later = {event["UID"]: event for event in events(Client().get(path).content.decode())}[entry["UID"]]
    assert later["DTSTART"] == "20260305T020000Z"
    assert int(later["SEQUENCE"]) > int(entry["SEQUENCE"])
    Record.objects.filter(pk=moved.pk).update(state="cancelled")
    gone = {event["UID"]: event for event in events(Client().get(path).content.decode())}[entry["UID"]]
    assert gone["STATUS"] == "CANCELLED"
    Grant.objects.filter(user=cast.mona).update(organisation=cast.acme)
    assert change.number not in Client().get(path).content.decode()


def test_an_address_that_was_taken_back_or_renewed_or_whose_owner_left_is_not_answered(
    cast: Cast, client_of: Browser
) -> None:
    first = feed_of(cast, client_of, cast.alice)
    assert Client().get(first).status_code == 200
    assert Feed.objects.get().token_hash not in first
    second = feed_of(cast, client_of, cast.alice)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assert Client().post(second).status_code == 405
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert Client().get(second).status_code == 404
    type(cast.alice).objects.filter(pk=cast.alice.pk).update(is_active=True)
    client_of(cast.alice).post("/change-calendar/feed/", {"act": "revoke"})
    assert Client().get(second).status_code == 404
    assert feed.reader_of("nothing", now=MONDAY) is None


@given(st.text(max_size=300))
def test_texts_survive_escaping_and_folding(text: str) -> None:
    line = f"SUMMARY:{ical.escaped(text)}"
    folded = ical.folded(line)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == line
    value = line.removeprefix("SUMMARY:")
    assert "\n" not in value
    plain = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value, flags=re.DOTALL)
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert plain == "".join(c for c in kept if c in "\t\n" or (ord(c) >= 32 and ord(c) != 127))


def test_an_instant_without_zone_is_no_instant() -> None:
    with pytest.raises(ValueError, match="has an offset"):
        ical.instant(datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point
    assert ical.instant(datetime(2026, 3, 2, 10, tzinfo=UTC)) == "20260302T100000Z"
