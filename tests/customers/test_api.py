"""Complaints, surveys and callbacks over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from customers import aftercare, links, surveys
from customers.models import CallbackRule, Complaint, Invitation, Response
from customers.surveys import Asked
from tests.cast import Cast
from tests.customers.made import closed, instant, receive

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
V1 = "/api/v1"


def send(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(f"{V1}/{path}", body, content_type="application/json", headers=headers)


def test_a_customer_complains_and_follows_it_and_the_desk_works_on_it(client_of: Browser, cast: Cast) -> None:
    rita, alice, charlie = client_of(cast.rita), client_of(cast.alice), client_of(cast.charlie)
    ticket = closed(cast)
    refused = send(rita, "complaints/", {"title": "Slow", "words": "x", "channel": "phone"})
    assert refused.status_code == 400
    made = send(rita, "complaints/", {"title": "Slow", "words": "Two days.", "about": ticket.number})
    assert made.status_code == 201
    number = made.json()["number"]
    assert (made.json()["about"], "judgement" in made.json()) == (ticket.number, False)
    assert charlie.get(f"{V1}/complaints/{number}/").status_code == 404
    assert charlie.get(f"{V1}/complaints/").json()["results"] == []
    path = f"complaints/{number}"
    assert send(alice, f"{path}/handle/", {"text": "x"}).status_code == 409
    assert send(alice, f"{path}/acknowledge/", {}, **{"If-Match": '"v99"'}).status_code == 412
    assert send(alice, f"{path}/acknowledge/", {}).status_code == 200
    judged = send(client_of(cast.sven), f"{path}/judge/", {"valid": True, "reason": "It was slow."})
    assert (judged.status_code, judged.json()["valid"]) == (200, True)
    # who solved the ticket does not judge it
    assert send(client_of(cast.bob), f"{path}/judge/", {"valid": False, "reason": "x"}).status_code == 400
    answered = send(alice, f"{path}/answer/", {"text": "We are sorry."})
    assert "handle" in answered.json()["moves"]
    assert send(alice, f"{path}/rate_outcome/", {"score": 5}).status_code == 403
    assert send(rita, f"{path}/rate_outcome/", {"score": 2}).json()["outcome_score"] == 2
    assert send(rita, f"{path}/judge/", {"valid": True, "reason": "x"}).status_code == 403
    public = [row["verb"] for row in rita.get(f"{V1}/{path}/activities/").json()["results"]]
    assert ("complaint.answer" in public, "complaint.judge" in public) == (True, False)
    assert alice.get(f"{V1}/complaints/?open=true&customer=acme").json()["results"][0]["number"] == number


def test_one_about_a_person_is_not_there_for_the_desk(client_of: Browser, cast: Cast) -> None:
    alice = client_of(cast.alice)
    body = {"title": "Rude", "words": "He hung up.", "requester": "rita", "person": "bob"}
    made = send(alice, "complaints/", body)
    assert (made.status_code, list(made.json())) == (201, ["number"])
    number = made.json()["number"]
    for person in (cast.alice, cast.bob, cast.robot):
        assert client_of(person).get(f"{V1}/complaints/{number}/").status_code == 404
        assert client_of(person).get(f"{V1}/complaints/{number}/activities/").status_code == 404
    read = client_of(cast.mona).get(f"{V1}/complaints/{number}/").json()
    assert ("He hung up." in read["words"], read["about_person"]) == (True, True)


@pytest.mark.req("BRM-08")
def test_answers_are_read_by_leaders_and_given_by_the_token_alone(client_of: Browser, cast: Cast) -> None:
    questionnaire = surveys.make_questionnaire(
        code="closing", name_en="C", name_zh="C", questions=[Asked("scale", "How?", "如何？")],
        actor=cast.mona.actor, now=instant(),
    )  # fmt: skip
    survey = surveys.plan(
        purpose="closing", title="After", questionnaire=questionnaire, customer=cast.acme,
        actor=cast.mona.actor, now=instant(),
    )  # fmt: skip
    surveys.begin(survey, actor=cast.mona.actor, now=instant())
    closed(cast)
    aftercare.look(now=instant())
    invitation = Invitation.objects.get()
    token = links.token_of(invitation.pk)
    mona, nobody = client_of(cast.mona), Client()
    listed = mona.get(f"{V1}/survey-invitations/?answered=false")
    assert (listed.json()["results"][0]["answer"], token in listed.content.decode()) == (None, False)
    for person in (cast.alice, cast.robot, cast.rita, cast.carla):
        assert client_of(person).get(f"{V1}/survey-invitations/").status_code == 403
        assert client_of(person).get(f"{V1}/surveys/").status_code == 403
    for person in (cast.alice, cast.mona):
        mine = send(client_of(person), "survey-answers/", {"token": token, "answers": {"1": 5}})
        assert mine.status_code in (401, 403)
    assert send(nobody, "survey-answers/", {"token": "1.x", "answers": {"1": 5}}).status_code == 404
    assert send(nobody, "survey-answers/", {"token": token, "answers": {"1": 9}}).status_code == 400
    assert send(nobody, "survey-answers/", {"token": token, "answers": {"2": 1}}).status_code == 400
    assert send(nobody, "survey-answers/", {"token": token, "answers": {"1": 4}}).status_code == 201
    assert send(nobody, "survey-answers/", {"token": token, "answers": {"1": 1}}).status_code == 409
    assert Response.objects.get().score == 4
    read = mona.get(f"{V1}/survey-invitations/{invitation.pk}/").json()["answer"]
    assert (read["score"], read["collected_by"]) == (4, "The system's link, by mail")
    for method in (mona.post, mona.put, mona.patch, mona.delete):
        assert (
            method(
                f"{V1}/survey-invitations/{invitation.pk}/", {}, content_type="application/json"
            ).status_code
            == 405
        )
    mean = mona.get(f"{V1}/surveys/{survey.number}/").json()["mean"]
    assert (mean["asked"], mean["answered"], mean["value"]) == (1, 1, 4.0)
    assert mona.get(f"{V1}/surveys/?state=running").json()["results"][0]["number"] == survey.number


def test_a_callback_is_claimed_and_recorded_by_somebody_who_did_not_solve_it(
    client_of: Browser, cast: Cast
) -> None:
    CallbackRule.objects.create()
    closed(cast)
    aftercare.look(now=instant())
    sven = client_of(cast.sven)
    row = sven.get(f"{V1}/callbacks/?state=waiting").json()["results"][0]
    path = f"callbacks/{row['id']}"
    assert send(client_of(cast.bob), f"{path}/claim/", {}).status_code == 400
    assert send(client_of(cast.robot), f"{path}/claim/", {}).status_code == 403
    assert send(sven, f"{path}/claim/", {}).json()["claimed_by"]["username"] == "sven"
    assert send(sven, f"{path}/record/", {"reached": True}).status_code == 400
    done = send(sven, f"{path}/record/", {"reached": True, "content": "yes", "words": "Fine."})
    assert (done.json()["state"]["code"], done.json()["tries"][0]["words"]) == ("done", "Fine.")
    assert send(sven, f"{path}/record/", {"reached": True, "content": "yes"}).status_code == 409
    assert client_of(cast.charlie).get(f"{V1}/callbacks/").status_code == 403


def test_the_list_of_complaints_asks_the_same_few_questions(
    client_of: Browser, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for _n in range(5):
        receive(cast)
    alice = client_of(cast.alice)
    assert len(alice.get(f"{V1}/complaints/").json()["results"]) == Complaint.objects.count() == 5
    with django_assert_max_num_queries(8):
        alice.get(f"{V1}/complaints/")
