"""An announcement reaches all it is for, is shown in the portal, and gathers tickets (INC-21)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.access import Denied, Role
from accounts.models import Grant
from announcements import queries, services
from announcements.models import Announcement
from records.lifecycle import IllegalMove
from records.models import Delivery, Link
from tests.cast import MONDAY, Cast, make_incident

HOUR = timedelta(hours=1)


def write(cast: Cast, **over: Any) -> Announcement:
    facts: dict[str, Any] = {
        "sort": "current", "title_en": "Mail is down", "title_zh": "邮件中断", "text_en": "We work on it.",
        "text_zh": "正在处理。", "starts_at": MONDAY, "services": [cast.mail], "customers": [],
        "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    return services.write(**{**facts, **over})


def published(cast: Cast, **over: Any) -> Announcement:
    return services.publish(write(cast, **over), actor=cast.alice.actor, now=MONDAY)


def told(verb: str) -> set[str]:
    rows = Delivery.objects.filter(activity__verb=verb)
    return set(rows.values_list("recipient__username", flat=True))


@pytest.mark.req("INC-21")
def test_it_reaches_every_person_of_all_customers(cast: Cast) -> None:
    published(cast)
    assert told("announcement.announce") == {"rita", "carla", "charlie"}
    mails = Delivery.objects.filter(channel="email", activity__verb="announcement.announce")
    assert mails.count() == 3


@pytest.mark.req("INC-21")
def test_it_reaches_only_the_named_customers(cast: Cast, client_of: Any) -> None:
    made = published(cast, customers=[cast.globex])
    assert told("announcement.announce") == {"charlie"}
    copy = made.copies.get()
    mine, theirs = client_of(cast.charlie), client_of(cast.rita)
    url = reverse("announcements:portal", args=[copy.number])
    assert mine.get(url).status_code == 200
    assert theirs.get(url).status_code == 404
    assert mine.get(reverse("announcements:portal", args=[made.number])).status_code == 404
    assert "Mail is down" in mine.get(reverse("announcements:portal-list")).content.decode()
    assert "Mail is down" not in theirs.get(reverse("announcements:portal-list")).content.decode()


@pytest.mark.req("INC-21")
def test_while_it_lasts_it_stands_first_on_the_portals_home_of_those_it_is_for(
    cast: Cast, client_of: Any
) -> None:
    published(cast, customers=[cast.globex], ends_at=MONDAY + 2 * HOUR)
    home = reverse("portal:home")
    with time_machine.travel(MONDAY + HOUR, tick=False):
        assert "Mail is down" in client_of(cast.charlie).get(home).content.decode()
        assert "Mail is down" not in client_of(cast.rita).get(home).content.decode()
    with time_machine.travel(MONDAY + 3 * HOUR, tick=False):
        assert "Mail is down" not in client_of(cast.charlie).get(home).content.decode()


def test_a_draft_is_seen_by_nobody_outside(cast: Cast) -> None:
    made = write(cast)
    assert not Announcement.objects.visible_to(cast.rita.actor).exists()
    assert not told("announcement.open")
    assert made.state == "draft"


@pytest.mark.req("INC-21")
def test_the_portal_shows_what_is_current(cast: Cast) -> None:
    published(cast, ends_at=MONDAY + 3 * HOUR)
    planned = published(
        cast, title_en="Storage", title_zh="存储", starts_at=MONDAY + 30 * HOUR, sort="planned"
    )
    rita = cast.rita.actor
    found = queries.current_for(rita, now=MONDAY + HOUR)
    assert [row.told.title_en for row in found] == ["Mail is down", "Storage"]
    later = queries.current_for(rita, now=MONDAY + 3 * HOUR)
    assert [row.told_id for row in later] == [planned.told_id]
    assert queries.current_for(cast.alice.actor, now=MONDAY) == []


def test_news_and_the_end_are_told_in_the_readers_language(cast: Cast, client_of: Any) -> None:
    made = published(cast, customers=[cast.acme])
    services.add(
        made, text_en="Half is back.", text_zh="部分恢复。", actor=cast.alice.actor, now=MONDAY + HOUR
    )
    assert told("announcement.announce_more") == {"rita", "carla"}
    copy = made.copies.get()
    cast.rita.language = "zh-hans"
    cast.rita.save()
    page = client_of(cast.rita).get(reverse("announcements:portal", args=[copy.number])).content.decode()
    assert "部分恢复。" in page
    assert "Half is back." not in page
    services.end(made, actor=cast.alice.actor, now=MONDAY + 2 * HOUR)
    copy.refresh_from_db()
    assert copy.state == "over"
    assert told("announcement.announce_end") == {"rita", "carla"}


def test_what_has_passed_its_end_is_ended_once(cast: Cast) -> None:
    published(cast, ends_at=MONDAY + HOUR)
    assert services.end_past(now=MONDAY + HOUR - timedelta(seconds=1)) == 0
    assert services.end_past(now=MONDAY + HOUR) == 1
    assert services.end_past(now=MONDAY + 2 * HOUR) == 0


def test_what_is_published_is_not_rewritten_nor_published_twice(cast: Cast) -> None:
    made = published(cast)
    with pytest.raises(IllegalMove):
        services.publish(made, actor=cast.alice.actor, now=MONDAY)
    with pytest.raises(IllegalMove):
        services.rewrite(
            made, sort="notice", title_en="x", title_zh="x", text_en="x", text_zh="x", starts_at=MONDAY,
            services=[], customers=[], actor=cast.alice.actor, now=MONDAY,
        )  # fmt: skip
    assert made.copies.count() == 2


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"text_zh": " "}, "text_zh"),
        ({"title_en": "x" * 91}, "title_en"),
        ({"ends_at": MONDAY - HOUR}, "ends_at"),
        ({"sort": "third_party"}, "third_party"),
        ({"sort": "joke"}, "sort"),
    ],
)
def test_what_is_missing_is_said_at_its_field(cast: Cast, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        write(cast, **over)
    assert field in refused.value.message_dict


def test_from_one_cause_it_is_made_once(cast: Cast) -> None:
    assert write(cast, key="interruption:7").pk == write(cast, key="interruption:7").pk


@pytest.mark.req("INC-21")
def test_a_planned_interruption_is_announced_in_one_step_and_once(cast: Cast) -> None:
    facts: dict[str, Any] = {
        "key": "interruption:7", "services": [cast.mail], "customers": [cast.acme], "actor": cast.mona.actor,
        "starts_at": MONDAY + HOUR, "ends_at": MONDAY + 2 * HOUR, "reason_en": "New disks.",
        "reason_zh": "更换磁盘。", "now": MONDAY,
    }  # fmt: skip
    first, second = (services.announce_interruption(**facts) for _ in range(2))
    assert first.pk == second.pk
    assert told("announcement.announce") == {"rita", "carla"}
    assert first.told.title_en == "Planned interruption: E-mail"


@pytest.mark.req("INC-21")
def test_tickets_raised_meanwhile_are_attached_and_listed(cast: Cast, client_of: Any) -> None:
    made = published(cast, starts_at=MONDAY)
    ticket = make_incident(cast)
    alice: Client = client_of(cast.alice)
    page = alice.get(ticket.get_absolute_url()).content.decode()
    assert "Attach the ticket" in page
    copy = made.copies.get(customer=cast.acme)
    url = reverse("announcements:attach", args=[copy.number])
    for _twice in range(2):
        assert alice.post(url, {"ticket": ticket.number}).status_code == 302
    assert Link.objects.filter(source=ticket.pk, target=copy.pk).count() == 1
    assert ticket.number in alice.get(made.get_absolute_url()).content.decode()
    assert "Attach the ticket" not in alice.get(ticket.get_absolute_url()).content.decode()


def test_a_ticket_of_somebody_it_is_not_for_is_refused(cast: Cast, client_of: Any) -> None:
    made = published(cast, customers=[cast.globex])
    ticket = make_incident(cast)
    url = reverse("announcements:attach", args=[made.number])
    answer = client_of(cast.alice).post(url, {"ticket": ticket.number}, follow=True)
    assert not Link.objects.exists()
    assert "not for the customer" in answer.content.decode()


def test_who_covers_some_customers_reads_their_copies_and_writes_nothing(cast: Cast, client_of: Any) -> None:
    made = published(cast)
    Grant.objects.filter(user=cast.bob, role=Role.AGENT).update(organisation=cast.globex)
    bob = type(cast.bob).objects.get(pk=cast.bob.pk)
    with pytest.raises(Denied):
        services.add(made, text_en="x", text_zh="x", actor=bob.actor, now=MONDAY)
    page = client_of(bob).get(reverse("announcements:list")).content.decode()
    assert made.copies.get(customer=cast.globex).number in page
    assert made.copies.get(customer=cast.acme).number not in page
    assert client_of(bob).get(reverse("announcements:new")).status_code == 403


def test_an_agent_writes_publishes_and_ends_it_on_pages(cast: Cast, client_of: Any) -> None:
    alice: Client = client_of(cast.alice)
    data = {
        "sort": "notice", "title_en": "New hours", "title_zh": "新时间", "text_en": "From Monday.",
        "text_zh": "周一起。", "starts_at": "2026-03-02T10:00",
    }  # fmt: skip
    assert alice.post(reverse("announcements:new"), {**data, "text_zh": ""}).status_code == 422
    assert alice.post(reverse("announcements:new"), data).status_code == 302
    made = Announcement.objects.get()
    edited = alice.post(reverse("announcements:edit", args=[made.number]), {**data, "title_en": "Hours"})
    assert edited.status_code == 302
    for step in ("publish", "add", "end"):
        url = reverse("announcements:act", args=[made.number, step])
        words = {"text_en": "More.", "text_zh": "更多。"} if step == "add" else {}
        assert alice.post(url, words).status_code == 302, step
    made.refresh_from_db()
    assert (made.state, made.told.title_en) == ("over", "Hours")
    assert "Hours" in alice.get(made.get_absolute_url()).content.decode()


@pytest.mark.req("PLT-04")
def test_programs_announce_and_customers_read_over_http(cast: Cast, client_of: Any) -> None:
    alice: Client = client_of(cast.alice)
    body = {
        "sort": "planned", "title_en": "Pause", "title_zh": "停机", "text_en": "Sunday.", "text_zh": "周日。",
        "services": ["mail"], "customers": ["acme"], "starts_at": "2027-03-07T08:00:00+08:00",
        "ends_at": "2027-03-07T12:00:00+08:00",
    }  # fmt: skip
    made = alice.post("/api/v1/announcements/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    done = alice.post(f"/api/v1/announcements/{number}/publish/", {}, content_type="application/json")
    assert done.status_code == 200, done.content
    assert done.json()["state"]["code"] == "published"
    rows = client_of(cast.rita).get("/api/v1/announcements/").json()["results"]
    assert [row["title_en"] for row in rows] == ["Pause"]
    assert client_of(cast.charlie).get("/api/v1/announcements/").json()["results"] == []
    refused = client_of(cast.rita).post("/api/v1/announcements/", body, content_type="application/json")
    assert refused.status_code == 403
