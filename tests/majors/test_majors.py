"""A major incident is led, told about at intervals, ended and reviewed (INC-06, INC-07, INC-27)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.access import Denied
from incidents.models import Incident, ManagementEscalation, Participation
from majors import deadlines, services
from majors.models import Deadline, Major
from records.lifecycle import IllegalMove
from records.models import Activity, Delivery
from tests.cast import MONDAY, Cast, make_incident

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def declare(cast: Cast, incident: Incident | None = None, **over: Any) -> Major:
    facts: dict[str, Any] = {
        "reason": "Nobody can work.", "coordinator": cast.bob, "update_minutes": 20,
        "actor": cast.alice.actor, "now": MONDAY,
    }  # fmt: skip
    return services.declare(incident or make_incident(cast), **{**facts, **over})


def logged(major: Major, verb: str) -> int:
    return Activity.objects.filter(record=major.pk, verb=verb).count()


@pytest.mark.req("INC-06", "INC-07", "INC-08")
def test_declaring_names_a_coordinator_starts_the_clocks_and_asks_for_management(cast: Cast) -> None:
    incident = make_incident(cast)
    made = declare(cast, incident)
    assert (made.assignee, made.state, made.reason) == (cast.bob, "declared", "Nobody can work.")
    row = Deadline.objects.get(major=made)
    assert (row.due_at, row.warn_at) == (MONDAY + 20 * MINUTE, MONDAY + 15 * MINUTE)
    asked = ManagementEscalation.objects.get(incident=incident)
    assert (asked.why, asked.due_at) == ("major", MONDAY + 30 * MINUTE)
    assert Participation.objects.get(incident=incident).part == "coordinator"
    told = Delivery.objects.filter(activity__verb="major.open").values_list("recipient__username", flat=True)
    assert set(told) >= {"bob", "mona"}


def test_declaring_twice_is_declaring_once(cast: Cast) -> None:
    incident = make_incident(cast)
    assert declare(cast, incident).pk == declare(cast, incident).pk
    assert Major.objects.count() == 1


@pytest.mark.parametrize("who", ["rita", "robot", "charlie"])
def test_only_the_staff_declares(cast: Cast, who: str) -> None:
    with pytest.raises(Denied):
        declare(cast, actor=getattr(cast, who).actor)


@pytest.mark.parametrize(
    ("over", "field"), [({"reason": " "}, "reason"), ({"update_minutes": 1}, "update_minutes")]
)
def test_what_is_missing_is_said_at_its_field(cast: Cast, over: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        declare(cast, **over)
    assert field in refused.value.message_dict


def test_a_coordinator_is_one_of_us(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        declare(cast, coordinator=cast.rita)


@pytest.mark.req("INC-06")
def test_updates_fall_due_are_warned_of_and_missed_exactly_once(cast: Cast) -> None:
    made = declare(cast)
    for at in (16, 17):
        deadlines.sweep(now=MONDAY + at * MINUTE)
    assert (logged(made, "major.update_due"), logged(made, "major.update_missed")) == (1, 0)
    for at in (21, 25, 60):
        deadlines.sweep(now=MONDAY + at * MINUTE)
    assert (logged(made, "major.update_due"), logged(made, "major.update_missed")) == (1, 1)
    missed = Activity.objects.get(record=made.pk, verb="major.update_missed")
    assert missed.at == MONDAY + 20 * MINUTE
    services.post(made, internal="Late, but here.", actor=cast.bob.actor, now=MONDAY + HOUR)
    assert deadlines.kept(made) == (0, 1)
    assert deadlines.running(made).due_at == MONDAY + HOUR + 20 * MINUTE  # type: ignore[union-attr]


def test_an_update_in_time_is_kept_as_such_and_a_late_act_writes_the_miss_first(cast: Cast) -> None:
    made = declare(cast)
    services.post(made, internal="Found it.", actor=cast.bob.actor, now=MONDAY + 10 * MINUTE)
    assert deadlines.kept(made) == (1, 1)
    services.post(made, internal="Mended.", actor=cast.bob.actor, now=MONDAY + 50 * MINUTE)
    assert deadlines.kept(made) == (1, 2)
    assert logged(made, "major.update_missed") == 1


@pytest.mark.req("INC-06", "INC-21")
def test_what_is_for_customers_reaches_all_that_are_affected_as_an_announcement(cast: Cast) -> None:
    made = declare(cast, customers=[cast.globex])
    words = {"text_en": "Mail is down.", "text_zh": "邮件中断。"}
    services.post(made, **words, actor=cast.bob.actor, now=MONDAY + MINUTE)
    made.refresh_from_db()
    assert made.notice is not None
    told = Delivery.objects.filter(activity__verb="announcement.announce")
    assert set(told.values_list("recipient__username", flat=True)) == {"rita", "carla", "charlie"}
    services.post(made, text_en="Half.", text_zh="一半。", actor=cast.bob.actor, now=MONDAY + 2 * MINUTE)
    assert Activity.objects.filter(verb="announcement.announce_more", record=made.notice.pk).exists()
    services.stand_down(made, note="", actor=cast.bob.actor, now=MONDAY + 3 * MINUTE)
    made.notice.refresh_from_db()
    assert made.notice.state == "over"


def test_customers_read_both_languages_or_nothing(cast: Cast) -> None:
    made = declare(cast)
    with pytest.raises(ValidationError):
        services.post(made, text_en="Only English", actor=cast.bob.actor, now=MONDAY)
    with pytest.raises(ValidationError):
        services.post(made, actor=cast.bob.actor, now=MONDAY)


@pytest.mark.req("INC-06", "INC-07")
def test_top_management_is_informed_with_person_and_time(cast: Cast) -> None:
    made = declare(cast)
    services.notify(
        made, person=cast.mona, note="By telephone.", actor=cast.bob.actor, now=MONDAY + 10 * MINUTE
    )
    row = ManagementEscalation.objects.get(incident=made.cause)
    assert (row.informed, row.done_at, row.was_in_time) == (cast.mona, MONDAY + 10 * MINUTE, True)
    assert logged(made, "major.notified") == 1


@pytest.mark.req("INC-27")
def test_it_ends_with_a_review_before_it_is_closed(cast: Cast) -> None:
    mona = cast.mona.actor
    made = services.stand_down(declare(cast), note="Mended.", actor=cast.bob.actor, now=MONDAY + HOUR)
    assert made.state == "review"
    with pytest.raises(ValidationError, match="review"):
        services.wrap_up(made, actor=mona, now=MONDAY + HOUR)
    with pytest.raises(ValidationError):
        services.review(made, causes="Disk", course=" ", lessons="x", actor=mona, now=MONDAY + HOUR)
    services.review(
        made, causes="Disk full", course="10:00 down, 11:00 up", lessons="Watch disks", actor=mona,
        now=MONDAY + 2 * HOUR,
    )  # fmt: skip
    closed = services.wrap_up(made, actor=mona, now=MONDAY + 3 * HOUR)
    assert (closed.state, closed.reviewed_by) == ("closed", cast.mona)


@pytest.mark.req("INC-06")
def test_downgrading_needs_a_reason_and_a_manager_and_stops_the_clock(cast: Cast) -> None:
    made = declare(cast)
    with pytest.raises(Denied):
        services.downgrade(made, reason="Small.", actor=cast.alice.actor, now=MONDAY + MINUTE)
    with pytest.raises(ValidationError):
        services.downgrade(made, reason=" ", actor=cast.mona.actor, now=MONDAY + MINUTE)
    gone = services.downgrade(made, reason="One printer.", actor=cast.mona.actor, now=MONDAY + MINUTE)
    assert gone.state == "downgraded"
    deadlines.sweep(now=MONDAY + 5 * HOUR)
    assert logged(made, "major.update_missed") == 0
    with pytest.raises(IllegalMove):
        services.post(made, internal="x", actor=cast.bob.actor, now=MONDAY + HOUR)


def test_people_are_called_in_and_the_coordinator_changes(cast: Cast) -> None:
    made = declare(cast)
    services.call_in(made, person=cast.sven, part="technical", actor=cast.bob.actor, now=MONDAY)
    services.hand_over(made, coordinator=cast.sven, actor=cast.bob.actor, now=MONDAY)
    made.refresh_from_db()
    assert made.assignee == cast.sven
    parts = set(Participation.objects.values_list("person__username", "part"))
    assert parts == {("bob", "coordinator"), ("sven", "technical"), ("sven", "coordinator")}


def test_customers_never_see_it(cast: Cast, client_of: Any) -> None:
    made = declare(cast)
    assert not Major.objects.visible_to(cast.rita.actor).exists()
    assert client_of(cast.rita).get(f"/api/v1/major-incidents/{made.number}/").status_code == 404
    assert client_of(cast.rita).get(reverse("majors:detail", args=[made.number])).status_code == 302


@pytest.mark.req("INC-06", "INC-27")
def test_it_is_led_on_its_page(cast: Cast, client_of: Any) -> None:
    incident = make_incident(cast, impact=1, urgency=1)
    alice: Client = client_of(cast.alice)
    assert "Declare it a major incident" in alice.get(incident.get_absolute_url()).content.decode()
    url = reverse("majors:declare", args=[incident.number])
    assert alice.get(url).status_code == 200
    data = {"reason": "All down", "coordinator": cast.bob.pk, "severity": 1, "update_minutes": 30}
    assert alice.post(url, {**data, "reason": ""}).status_code == 422
    assert alice.post(url, data).status_code == 302
    made = Major.objects.get()
    page = alice.get(made.get_absolute_url()).content.decode()
    assert "Next update" in page
    assert "Bob" in page
    beside = alice.get(incident.get_absolute_url()).content.decode()
    assert made.number in beside
    assert "Declare it a major incident" not in beside
    steps = {
        "update": {"internal": "News"}, "call-in": {"person": cast.sven.pk, "part": "technical"},
        "notify": {"person": cast.mona.pk, "note": "Called"}, "end": {"note": "Mended"},
        "review": {"causes": "a", "course": "b", "lessons": "c"},
    }  # fmt: skip
    for step, words in steps.items():
        answer = alice.post(reverse("majors:act", args=[made.number, step]), words)
        assert answer.status_code == 302, (step, answer.content.decode()[-1500:])
    mona: Client = client_of(cast.mona)
    assert mona.post(reverse("majors:act", args=[made.number, "close"])).status_code == 302
    made.refresh_from_db()
    assert made.state == "closed"
    assert made.number in alice.get(reverse("majors:list")).content.decode()
    assert alice.get(reverse("majors:board", args=[made.number])).status_code == 200


@pytest.mark.req("PLT-04")
def test_programs_declare_and_tell_over_http(cast: Cast, client_of: Any) -> None:
    incident = make_incident(cast)
    mona: Client = client_of(cast.mona)
    body = {"incident": incident.number, "reason": "All down", "coordinator": "bob", "severity": 1}
    made = mona.post("/api/v1/major-incidents/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    url = f"/api/v1/major-incidents/{made.json()['number']}/"
    told = mona.post(url + "updates/", {"internal": "News"}, content_type="application/json")
    assert told.status_code == 200, told.content
    assert told.json()["next_update_at"] is not None
    ended = mona.post(url + "end/", {}, content_type="application/json")
    assert ended.json()["state"]["code"] == "review"
    unknown = {**body, "incident": "INC9999999"}
    assert mona.post("/api/v1/major-incidents/", unknown, content_type="application/json").status_code == 400
