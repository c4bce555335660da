"""What customers are told of planned interruptions moves and ends with them, and is told once (INC-21)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import Role
from accounts.models import Grant
from announcements.models import Announcement
from levels import services, telling
from levels.models import PlannedInterruption
from records.models import Delivery
from tests.cast import MONDAY, Cast, make_incident
from tests.majors.test_majors import declare

HOUR = timedelta(hours=1)


def planned(cast: Cast, **over: Any) -> PlannedInterruption:
    facts: dict[str, Any] = {
        "services": [cast.mail], "customers": [cast.acme], "starts_at": MONDAY + 24 * HOUR,
        "ends_at": MONDAY + 26 * HOUR, "reason_en": "New disks.", "reason_zh": "更换磁盘。",
        "actor": cast.mona.actor, "now": MONDAY, "tell_customers": True,
    }  # fmt: skip
    return services.announce(**{**facts, **over})


def channel() -> str:
    return str(Delivery.Channel.values[0])


@pytest.mark.req("INC-21")
def test_registering_it_tells_those_it_is_for_in_the_same_step(cast: Cast, client_of: Any) -> None:
    row = planned(cast)
    made = telling.announcements_of([row])[row.pk]
    assert (made.state, made.told.starts_at, made.told.ends_at) == ("published", row.starts_at, row.ends_at)
    assert {copy.customer for copy in made.copies.all()} == {cast.acme}
    assert (
        "Planned interruption: E-mail"
        in client_of(cast.rita).get(reverse("announcements:portal-list")).content.decode()
    )
    assert (
        "Planned interruption"
        not in client_of(cast.charlie).get(reverse("announcements:portal-list")).content.decode()
    )


def test_without_the_tick_nobody_is_told_until_somebody_says_so_and_then_once(cast: Cast) -> None:
    row = planned(cast, tell_customers=False)
    assert not Announcement.objects.exists()
    for _twice in range(2):
        services.tell_customers(row, actor=cast.mona.actor, now=MONDAY)
    assert Announcement.objects.originals().count() == 1
    assert Delivery.objects.filter(activity__verb="announcement.announce", channel=channel()).count() == 2


@pytest.mark.req("INC-21")
def test_moving_it_moves_what_was_announced(cast: Cast) -> None:
    row = planned(cast, agreed_with="He Jing")
    before = telling.announcements_of([row])[row.pk]
    moved = services.move(
        row, starts_at=MONDAY + 48 * HOUR, ends_at=MONDAY + 50 * HOUR, reason="Parts are late",
        actor=cast.mona.actor, now=MONDAY,
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.cancel_reason, moved.agreed_with) == ("Parts are late", "")  # agreed was the other time
    after = telling.announcements_of([moved])[moved.pk]
    assert (after.pk, after.state) == (before.pk, "published")
    assert (after.told.starts_at, after.told.ends_at) == (moved.starts_at, moved.ends_at)
    assert Delivery.objects.filter(activity__verb="announcement.announce_more").exists()
    assert telling.announcements_of([row]) == {}
    services.tell_customers(moved, actor=cast.mona.actor, now=MONDAY)
    assert Announcement.objects.originals().count() == 1


@pytest.mark.req("INC-21")
def test_calling_it_off_withdraws_what_was_announced(cast: Cast) -> None:
    row = planned(cast)
    services.cancel(row, reason="Not needed", actor=cast.mona.actor, now=MONDAY)
    made = telling.announcements_of([row])[row.pk]
    assert made.state == "over"
    assert {copy.state for copy in made.copies.all()} == {"over"}
    with pytest.raises(ValidationError):
        services.tell_customers(row, actor=cast.mona.actor, now=MONDAY)


def test_what_cannot_be_moved_changes_nothing(cast: Cast) -> None:
    row = planned(cast)
    with pytest.raises(ValidationError):
        services.move(
            row, starts_at=MONDAY + 48 * HOUR, ends_at=MONDAY + 47 * HOUR, reason="x",
            actor=cast.mona.actor, now=MONDAY,
        )  # fmt: skip
    with pytest.raises(ValidationError):
        services.move(
            row, starts_at=MONDAY + 48 * HOUR, ends_at=MONDAY + 50 * HOUR, reason=" ",
            actor=cast.mona.actor, now=MONDAY,
        )  # fmt: skip
    assert PlannedInterruption.objects.count() == 1
    assert telling.announcements_of([row])[row.pk].told.starts_at == row.starts_at


def test_who_covers_some_customers_tells_those(cast: Cast) -> None:
    Grant.objects.filter(user=cast.mona).update(organisation=cast.acme)
    mona = type(cast.mona).objects.get(pk=cast.mona.pk)
    assert mona.actor.has(Role.MANAGER)
    row = planned(cast, actor=mona.actor)
    assert telling.announcements_of([row])[row.pk].state == "published"


@pytest.mark.req("INC-21")
def test_the_pages_register_tell_move_and_cancel(cast: Cast, client_of: Any) -> None:
    mona: Client = client_of(cast.mona)
    begin = timezone.localtime() + timedelta(days=3)
    day = f"{begin:%Y-%m-%d}"
    sent = {
        "services": [cast.mail.pk], "customers": [cast.acme.pk], "starts_at": f"{day}T10:00",
        "ends_at": f"{day}T12:00", "reason_en": "Disks", "reason_zh": "磁盘",
    }  # fmt: skip
    assert mona.post(reverse("levels:announce"), sent).status_code == 302
    row = PlannedInterruption.objects.get()
    listing = reverse("levels:interruptions")
    assert "Announce to customers" in mona.get(listing).content.decode()
    assert mona.post(reverse("levels:tell", args=[row.pk])).status_code == 302
    assert "announced to customers" in mona.get(listing).content.decode()
    url = reverse("levels:move", args=[row.pk])
    assert mona.get(url).status_code == 200
    times = {"starts_at": f"{day}T14:00", "ends_at": f"{day}T15:00", "reason": "Later"}
    assert mona.post(url, {**times, "reason": ""}).status_code == 422
    assert mona.post(url, times).status_code == 302
    new = PlannedInterruption.objects.get(cancelled_at=None)
    assert mona.post(reverse("levels:cancel", args=[new.pk]), {"reason": "No"}).status_code == 302
    assert Announcement.objects.originals().get().state == "over"


@pytest.mark.req("INC-21")
def test_a_major_incident_is_announced_as_it_is_declared(cast: Cast) -> None:
    incident = make_incident(cast)
    for _twice in range(2):
        major = declare(cast, incident, text_en="Mail is down.", text_zh="邮件中断。")
    made = Announcement.objects.originals().get()
    assert major.pk
    assert (made.state, made.told.text_en) == ("published", "Mail is down.")
    with pytest.raises(ValidationError):
        declare(cast, make_incident(cast), text_en="In one language only.")


@pytest.mark.req("INC-21")
def test_a_program_registers_and_tells_in_one_request(cast: Cast, client_of: Any) -> None:
    begin = timezone.now() + timedelta(days=2)
    body = {
        "services": ["mail"], "customers": ["acme"], "starts_at": begin.isoformat(timespec="seconds"),
        "ends_at": (begin + HOUR).isoformat(timespec="seconds"), "reason_en": "Disks", "reason_zh": "磁盘",
        "tell_customers": True,
    }  # fmt: skip
    robot: Client = client_of(cast.robot)
    answer = robot.post("/api/v1/planned-interruptions/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert Announcement.objects.originals().get().state == "published"
    url, later = answer.json()["url"], begin + timedelta(days=1)
    times = {
        "starts_at": later.isoformat(timespec="seconds"), "reason": "Parts are late",
        "ends_at": (later + HOUR).isoformat(timespec="seconds"),
    }  # fmt: skip
    as_json: dict[str, Any] = {"content_type": "application/json"}
    assert robot.post(f"{url}move/", times, **as_json).status_code == 428
    moved = robot.post(f"{url}move/", times, headers={"If-Match": answer["ETag"]}, **as_json)
    assert moved.status_code == 201, moved.content
    assert robot.post(f"{moved.json()['url']}tell/", {}, **as_json).status_code == 200
    told = Announcement.objects.originals().get().told
    assert told.starts_at.isoformat() == moved.json()["starts_at"].replace("Z", "+00:00")
