"""The pages of reviews, for staff and for who takes part."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reviews.models import Participant, Review
from sla.models import Agreement
from tests.cast import Cast, make_agreement, make_incident

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]


@pytest.fixture
def acme(cast: Cast) -> Agreement:
    return make_agreement(cast.calendar, cast.acme).agreement


def local(days: int = 0) -> str:
    return (timezone.localtime() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def plan(mona: Client, cast: Cast, agreement: Agreement, **over: Any) -> str:
    asked = {
        "meeting": "yearly", "agreement": agreement.pk, "meets_at": local(1), "chair": cast.mona.pk,
        "period_from": day(-30), "period_until": day(),
    }  # fmt: skip
    return str(mona.post("/reviews/new/", {**asked, **over}).headers["Location"])


@pytest.mark.req("SLM-38", "SLM-40", "SLM-41", "SLM-42", "SLM-49", "SLM-53")
def test_a_review_is_planned_held_written_down_sent_and_read_by_the_customer(
    client_of: Browser, cast: Cast, acme: Agreement
) -> None:
    mona, carla = client_of(cast.mona), client_of(cast.carla)
    page = plan(mona, cast, acme)
    review = Review.objects.get()
    portal = f"/portal/reviews/{review.number}/"
    assert "appear here once they are sent" in carla.get(portal).content.decode()
    assert carla.post(f"{portal}rate/", {"score": 5}).status_code == 409
    assert mona.post(f"{page}invite/", {"note": "Room 3"}).status_code == 302
    assert review.number in carla.get("/notices/").content.decode()
    assert mona.post(f"{page}join/", {"name": "", "side": "customer"}).status_code == 422
    assert mona.post(f"{page}join/", {"name": "Ms Huang", "side": "customer"}).status_code == 302
    item = review.agenda.get(topic="trends")
    version = Review.objects.get().version
    said = {
        "version": version,
        f"notes-{item.pk}-en": "Less mail",
        f"notes-{item.pk}-zh": "邮件减少",
        "own-en": "Stock",
    }
    assert mona.post(f"{page}agenda/", said).status_code == 302
    late = mona.post(f"{page}agenda/", {**said, f"notes-{item.pk}-en": "More mail"})
    assert (late.status_code, "More mail" in late.content.decode()) == (409, True)
    assert mona.post(f"{page}held/", {"held_at": local(-1)}).status_code == 302
    assert mona.post(f"{page}send/").status_code == 302
    for reader, url in ((carla, portal), (mona, f"{page}minutes/"), (mona, page)):
        text = reader.get(url).content.decode()
        assert "Less mail" in text
        assert "Stock" in text
        assert "as they were when the minutes were sent" in text
    assert carla.post(f"{portal}rate/", {"score": 9}).status_code == 422
    assert carla.post(f"{portal}rate/", {"score": 4, "comment": "Good"}).status_code == 302
    assert "4 of 5" in mona.get("/reviews/").content.decode()
    assert review.number in carla.get("/portal/reviews/").content.decode()
    assert mona.post(f"{page}close/").status_code == 302


def test_who_does_not_take_part_sees_no_review(client_of: Browser, cast: Cast, acme: Agreement) -> None:
    page = plan(client_of(cast.mona), cast, acme)
    number = Review.objects.get().number
    for person in (cast.rita, cast.charlie):
        assert client_of(person).get(f"/portal/reviews/{number}/").status_code == 404
        assert number not in client_of(person).get("/portal/reviews/").content.decode()
        assert number not in client_of(person).get("/portal/requests/").content.decode()
    carla = client_of(cast.carla)
    assert number not in carla.get("/portal/requests/?whose=all&show=all").content.decode()
    assert carla.get(f"/portal/requests/{number}/").status_code == 404
    assert carla.get(f"/r/{number}/").headers["Location"] == f"/portal/reviews/{number}/"
    assert carla.get(page).status_code == 302
    assert client_of(cast.alice).get(page).status_code == 200
    assert client_of(cast.alice).post(f"{page}send/").status_code == 403


@pytest.mark.req("SLM-38")
def test_an_extra_review_after_a_major_incident_names_it(
    client_of: Browser, cast: Cast, acme: Agreement
) -> None:
    mona = client_of(cast.mona)
    major = make_incident(cast, impact=1, urgency=1)
    url = f"/reviews/new/?meeting=extra&cause={major.number}"
    ticket = mona.get(major.get_absolute_url()).content.decode()
    assert url.replace("&", "&amp;") in ticket
    assert "/reviews/new/" not in mona.get(make_incident(cast).get_absolute_url()).content.decode()
    form = mona.get(url).content.decode()
    assert f'value="{major.number}"' in form
    page = plan(mona, cast, acme, meeting="extra", cause=major.number)
    assert major.number in mona.get(page).content.decode()


def test_a_wrong_plan_comes_back_with_what_was_entered(
    client_of: Browser, cast: Cast, acme: Agreement
) -> None:
    mona = client_of(cast.mona)
    asked = {"meeting": "supplier", "meets_at": local(1), "place": "Room 3", "chair": cast.mona.pk}
    answer = mona.post("/reviews/new/", {**asked, "period_from": day(-3), "period_until": day()})
    assert answer.status_code == 422
    assert "Choose the supplier" in answer.content.decode()
    assert "Room 3" in answer.content.decode()


def test_participants_are_taken_off_and_time_and_place_changed(
    client_of: Browser, cast: Cast, acme: Agreement
) -> None:
    mona = client_of(cast.mona)
    page = plan(mona, cast, acme)
    carla = Participant.objects.get(user=cast.carla)
    assert mona.post(f"{page}participants/{carla.pk}/").status_code == 302
    assert not Participant.objects.filter(user=cast.carla).exists()
    asked = {
        "meets_at": local(3), "place": "Room 9", "chair": cast.admin.pk, "period_from": day(-9),
        "period_until": day(),
    }  # fmt: skip
    assert mona.post(f"{page}prepare/", asked).status_code == 302
    text = mona.get(page).content.decode()
    assert "Room 9" in text
    assert mona.post(f"{page}cancel/", {"reason": ""}).status_code == 422
    assert mona.post(f"{page}cancel/", {"reason": "Merged"}).status_code == 302
    assert mona.post(f"{page}held/", {"held_at": local(-1)}).status_code == 409


@pytest.mark.req("SLM-59")
def test_the_page_of_coverage_counts_agreements_without_review(
    client_of: Browser, cast: Cast, acme: Agreement
) -> None:
    text = client_of(cast.mona).get("/sla/coverage/").content.decode()
    assert "No review in 12 months" in text
    assert "never reviewed" in text
