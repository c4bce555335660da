"""Freezes and maintenance windows as people and programs enter, change and cancel them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import Grant
from cmdb.models import Item, ItemType
from tests.cast import Cast
from windows.models import Window

pytestmark = pytest.mark.django_db
LATER = datetime(2031, 3, 4, 2, 0, tzinfo=UTC)
WEEKLY = {
    "kind": "maintenance", "recurs": "weekly", "name_zh": "每周维护", "name_en": "Weekly maintenance",
    "starts_at": "2026-01-01T00:00", "weekday": "6", "from_time": "02:00", "until_time": "06:00",
    "time_zone": "Asia/Shanghai",
}  # fmt: skip


def item(name: str, **fields: Any) -> Item:
    kind = ItemType.objects.get_or_create(code="server", defaults={"name_en": "Server"})[0]
    return Item.objects.create(name=name, type=kind, **fields)


@pytest.mark.req("CHG-16")
def test_a_manager_enters_a_weekly_window_for_a_service_and_an_item_and_all_staff_read_it(
    cast: Cast, mona: Client, alice: Client
) -> None:
    server = item("srv-mail-01")
    data = {**WEEKLY, "services": [cast.mail.pk], "items": f"{server.number}, "}
    answer = mona.post("/windows/new/", data)
    row = Window.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, row.get_absolute_url())
    assert (list(row.services.all()), list(row.items.all())) == ([cast.mail], [server])
    page = alice.get("/windows/").content.decode()
    assert "Weekly maintenance" in page
    assert "every Sunday 02:00–06:00 (Asia/Shanghai)" in page
    assert "srv-mail-01" in page
    assert alice.get("/windows/new/").status_code == 403


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"services": []}, "Say what it is for"),
        ({"everything": "on"}, "It is for everything already"),
        ({"weekday": ""}, "on which day of the week"),
        ({"until_time": "02:00"}, "no time at all"),
        ({"until_time": ""}, "from which time to which"),
        ({"time_zone": "Mars/Base"}, "IANA name"),
        ({"ends_at": "2025-01-01T00:00"}, "must lie after the beginning"),
        ({"recurs": "once"}, "Say when it ends"),
        ({"items": "no-such"}, "not the number or name of one item"),
        ({"name_en": ""}, "required"),
        ({"starts_at": "0001-01-01T00:00"}, "Give a date and a time"),
        ({"ends_at": "9999-12-31T23:59"}, "Give a date and a time"),
    ],
)
def test_a_window_that_says_nothing_sensible_is_refused_in_words(
    cast: Cast, mona: Client, changed: dict[str, Any], words: str
) -> None:
    answer = mona.post("/windows/new/", {**WEEKLY, "services": [cast.mail.pk], **changed})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Window.objects.exists()


def test_who_was_second_to_save_a_window_is_told_and_a_cancelled_one_stays_to_be_read(
    cast: Cast, mona: Client
) -> None:
    mona.post("/windows/new/", {**WEEKLY, "services": [cast.mail.pk]})
    row = Window.objects.get()
    changed = {**WEEKLY, "services": [cast.mail.pk], "version": 1, "until_time": "05:00"}
    assert mona.post(f"/windows/{row.pk}/edit/", changed).status_code == 302
    late = mona.post(f"/windows/{row.pk}/edit/", {**changed, "until_time": "07:00"})
    assert late.status_code == 422
    assert "Somebody has changed it" in late.content.decode()
    assert mona.post(f"/windows/{row.pk}/cancel/", {"reason": ""}).status_code == 422
    assert mona.post(f"/windows/{row.pk}/cancel/", {"reason": "The contract ended"}).status_code == 302
    row.refresh_from_db()
    assert (row.is_cancelled, f"{row.until_time:%H:%M}") == (True, "05:00")
    assert "The contract ended" in mona.get(row.get_absolute_url()).content.decode()
    assert mona.post(f"/windows/{row.pk}/cancel/", {"reason": "again"}).status_code == 422


def test_who_covers_some_customers_does_not_learn_of_the_items_of_others(cast: Cast, alice: Client) -> None:
    theirs, ours = item("globex-db", customer=cast.globex), item("acme-db", customer=cast.acme)
    facts = {"kind": "freeze", "starts_at": LATER, "ends_at": LATER + timedelta(days=1)}
    facts |= {"created_by": cast.mona, "created_at": LATER}
    both = Window.objects.create(name_en="Both frozen", **facts)
    both.items.set([theirs, ours])
    hidden = Window.objects.create(name_en="Theirs alone", **facts)
    hidden.items.set([theirs])
    Grant.objects.filter(user=cast.alice).update(organisation=cast.acme)
    page = alice.get("/windows/").content.decode()
    assert "Both frozen" in page
    assert "acme-db" in page
    assert "globex-db" not in page
    assert "Theirs alone" not in page
    assert alice.get(f"/windows/{hidden.pk}/").status_code == 404


def test_the_pages_speak_chinese(cast: Cast, mona: Client) -> None:
    mona.post("/windows/new/", {**WEEKLY, "services": [cast.mail.pk]})
    with translation.override("zh-hans"):
        cast.mona.language = "zh-hans"
        cast.mona.save(update_fields=["language"])
        assert "每周维护" in mona.get("/windows/").content.decode()


# --- over HTTP --------------------------------------------------------------------------------------------

FREEZE = {
    "kind": "freeze", "name_en": "Year end", "name_zh": "年终封网", "everything": True,
    "starts_at": "2031-12-28T00:00:00+08:00", "ends_at": "2032-01-03T00:00:00+08:00",
}  # fmt: skip


def test_a_program_reads_windows_and_a_manager_writes_them_on_the_version_that_was_read(
    cast: Cast, api: Callable[..., Any]
) -> None:
    mona, robot = api(cast.mona), api(cast.robot)
    made = mona.post("/windows/", FREEZE)
    assert made.status_code == 201, made.content
    path, tag = f"/windows/{made.json()['id']}/", made["ETag"]
    found = robot.get("/windows/?kind=freeze&overlaps_after=2031-12-30T00:00:00Z").json()
    assert [row["name_zh"] for row in found["results"]] == ["年终封网"]
    assert robot.post("/windows/", FREEZE).status_code == 403
    patch = {"ends_at": "2032-01-04T00:00:00+08:00"}
    assert mona.patch(path, patch).status_code == 428
    done = mona.patch(path, patch, **{"If-Match": tag})
    assert done.status_code == 200, done.content
    assert Window.objects.get().ends_at == datetime(2032, 1, 3, 16, tzinfo=UTC)
    assert mona.patch(path, patch, **{"If-Match": tag}).status_code == 412
    assert mona.post("/windows/", {**FREEZE, "services": ["mail"]}).status_code == 400
    gone = mona.post(f"{path}cancel/", {"reason": "No closing"})
    assert gone.json()["is_cancelled"] is True
