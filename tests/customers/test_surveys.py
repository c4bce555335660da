"""Surveys: asked by rule, answered once by the person asked, changed by nobody; no answer stays no answer."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

import incidents.services
from accounts.access import Denied, Role
from channels import email
from customers import aftercare, links, opinions, surveys
from customers.mean import mean_of
from customers.models import (
    Closing,
    Complaint,
    Invitation,
    Proposal,
    Question,
    Questionnaire,
    Response,
    ResponseItem,
    Survey,
)
from customers.surveys import Asked
from incidents.models import Incident
from records.models import Delivery
from tests.cast import Cast, make_incident, make_user
from tests.customers.made import closed, instant

pytestmark = pytest.mark.django_db
Browser = Callable[[Any], Client]
DAY = timedelta(days=1)


@pytest.fixture
def questionnaire(cast: Cast) -> Questionnaire:
    return surveys.make_questionnaire(
        code="closing", name_en="How did it go?", name_zh="服务满意度",
        questions=[
            Asked("scale", "How content are you?", "您满意吗？"),
            Asked("choice", "Was it quick?", "处理及时吗？", [("Yes", "是"), ("No", "否")]),
            Asked("text", "What could be better?", "有何建议？"),
        ],
        actor=cast.mona.actor, now=instant(),
    )  # fmt: skip


def running(cast: Cast, questionnaire: Questionnaire, **over: Any) -> Survey:
    facts: dict[str, Any] = {
        "purpose": "closing", "title": "After tickets", "questionnaire": questionnaire, "customer": cast.acme,
        "quiet_days": 0, "actor": cast.mona.actor, "now": instant(),
    }  # fmt: skip
    return surveys.begin(surveys.plan(**{**facts, **over}), actor=cast.mona.actor, now=instant())


def asked(cast: Cast, questionnaire: Questionnaire, **over: Any) -> Invitation:
    running(cast, questionnaire, **over)
    closed(cast)
    aftercare.look(now=instant())
    return Invitation.objects.get()


def ids(questionnaire: Questionnaire) -> list[int]:
    return list(questionnaire.questions.values_list("pk", flat=True))


def link_of(invitation: Invitation) -> str:
    return f"/opinion/{links.token_of(invitation.pk)}/"


@pytest.mark.req("INC-15", "BRM-07", "BRM-08")
def test_after_closing_the_requester_gets_a_link_by_mail_and_answers_once_without_login(
    cast: Cast, questionnaire: Questionnaire
) -> None:
    invitation = asked(cast, questionnaire)
    assert invitation.person == cast.rita
    delivery = Delivery.objects.get(activity__verb="survey.ask", channel="email")
    text = str(email.build(delivery).body)
    url = re.search(r"/opinion/\S+", text)
    assert url is not None
    browser = Client()
    page = browser.get(url[0]).content.decode()
    assert ("How content are you?" in page, "checked" in page) == (True, False)
    scale, choice, words = ids(questionnaire)
    assert browser.post(url[0], {}).status_code == 422  # nothing answered is no answer
    assert not Response.objects.exists()
    sent = browser.post(url[0], {f"q{scale}": "4", f"q{words}": "Call earlier."})
    assert (sent.status_code, "Thank you" in sent.content.decode()) == (200, True)
    response = Response.objects.get()
    assert (response.score, response.way, response.collected_by) == (4, "link", None)
    # what was left out has no row, never a default
    assert set(response.items.values_list("question", flat=True)) == {scale, words}
    again = browser.post(url[0], {f"q{scale}": "1"})
    assert (again.status_code, Response.objects.get().score) == (409, 4)
    assert "Thank you" in browser.get(url[0]).content.decode()
    assert choice not in response.items.values_list("question", flat=True)
    assert opinions.collected(response) == "The system's link, by mail"
    assert mail.outbox == []


@pytest.mark.req("INC-15", "BRM-08")
def test_nobody_of_the_provider_answers_for_the_customer_reads_the_link_or_changes_an_answer(
    client_of: Browser, cast: Cast, questionnaire: Questionnaire
) -> None:
    invitation = asked(cast, questionnaire)
    scale = ids(questionnaire)[0]
    ticket = invitation.ticket
    assert ticket is not None
    for person in (cast.alice, cast.bob, cast.mona, cast.admin):
        browser = client_of(person)
        assert browser.get(link_of(invitation)).status_code == 403
        assert browser.post(link_of(invitation), {f"q{scale}": "5"}).status_code == 403
        assert browser.get(f"/portal/opinions/{invitation.pk}/").status_code == 403
        desk = browser.get(f"/incidents/{ticket.number}/").content.decode()
        assert ("has not answered" in desk, "/opinion/" in desk) == (True, False)
    told = ticket.activities.get(verb="survey.ask")
    assert links.token_of(invitation.pk) not in str(told.data) + told.text
    # who solved or owns the ticket does not ask by telephone; a third person does, and is named
    for person in (cast.bob, cast.alice):
        page = client_of(person).post(f"/surveys/by-telephone/{invitation.pk}/", {f"q{scale}": "5"})
        assert page.status_code == 422
    with pytest.raises(ValidationError):
        surveys.answer(invitation, {scale: 5}, way="phone", by=cast.bob, actor=cast.bob.actor, now=instant())
    with pytest.raises(Denied):
        surveys.answer(invitation, {scale: 5}, way="phone", by=cast.sven, actor=cast.bob.actor, now=instant())
    with pytest.raises(Denied):
        surveys.answer(
            invitation, {scale: 5}, way="phone", by=cast.robot, actor=cast.robot.actor, now=instant()
        )
    assert not Response.objects.exists()
    sven = client_of(cast.sven).post(f"/surveys/by-telephone/{invitation.pk}/", {f"q{scale}": "3"})
    assert sven.status_code == 302
    response = Response.objects.get()
    assert opinions.collected(response) == "Sven, by telephone"
    for table in ("response", "responseitem", "invitation", "question"):
        for statement in (f"UPDATE customers_{table} SET id = id", f"DELETE FROM customers_{table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    assert Response.objects.get().score == 3


def test_agents_see_that_somebody_answered_and_leaders_what(
    client_of: Browser, cast: Cast, questionnaire: Questionnaire
) -> None:
    invitation = asked(cast, questionnaire)
    surveys.answer(invitation, {ids(questionnaire)[0]: 3}, way="portal", actor=cast.rita.actor, now=instant())
    ticket = invitation.ticket
    assert ticket is not None
    url = f"/incidents/{ticket.number}/"
    agent, leader = (client_of(p).get(url).content.decode() for p in (cast.bob, cast.mona))
    assert ("answered on" in agent, "Score 3" in agent) == (True, False)
    assert "Score 3 of 5" in leader
    survey = f"/surveys/{invitation.survey.number}/"
    assert client_of(cast.bob).get(survey).status_code == 403
    assert (
        "In the portal" in client_of(cast.mona).get(survey).content.decode()
        or "in the portal" in client_of(cast.mona).get(survey).content.decode()
    )


def test_in_the_portal_only_who_was_asked_answers(
    client_of: Browser, cast: Cast, questionnaire: Questionnaire
) -> None:
    invitation = asked(cast, questionnaire)
    ticket, scale = invitation.ticket, ids(questionnaire)[0]
    assert ticket is not None
    rita, url = client_of(cast.rita), f"/portal/opinions/{invitation.pk}/"
    assert url in rita.get(f"/portal/requests/{ticket.number}/").content.decode()
    assert url in rita.get("/portal/feedback/").content.decode()
    assert "A question for you" in rita.get("/portal/").content.decode()
    for person in (cast.carla, cast.charlie):
        assert client_of(person).get(url).status_code == 404
        assert client_of(person).post(url, {f"q{scale}": "1"}).status_code == 404
    assert rita.post(url, {f"q{scale}": "5"}).status_code == 200
    assert Response.objects.get().way == "portal"
    assert url not in rita.get("/portal/feedback/").content.decode()
    assert "A question for you" not in rita.get("/portal/").content.decode()


def test_a_forged_or_late_link_takes_nothing(cast: Cast, questionnaire: Questionnaire) -> None:
    invitation = asked(cast, questionnaire)
    token, scale = links.token_of(invitation.pk), ids(questionnaire)[0]
    browser = Client()
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), f"{invitation.pk}", "1.2.3", "x"):
        assert browser.post(f"/opinion/{forged}/", {f"q{scale}": "5"}).status_code == 404
    late = invitation.expires_at
    with pytest.raises(surveys.Over):
        surveys.answer(invitation, {scale: 5}, way="link", actor=cast.rita.actor, now=late)
    text = ids(questionnaire)[2]
    for wrong in ({scale: 6}, {scale: 0}, {scale: True}, {scale: "x"}, {text: ["a"]}, {999_999: 1}, {}):
        with pytest.raises(ValidationError):
            surveys.answer(invitation, wrong, way="link", actor=cast.rita.actor, now=instant())
    assert not ResponseItem.objects.exists()


def test_every_second_ticket_and_no_person_twice_within_the_quiet_days(
    cast: Cast, questionnaire: Questionnaire
) -> None:
    running(cast, questionnaire, every_nth=2, quiet_days=30)
    tom = make_user("tom", cast.acme, Role.CUSTOMER)
    for _n in range(4):
        closed(cast)
        aftercare.look(now=instant())
    closed(cast, requester=tom)
    closed(cast, requester=tom)
    aftercare.look(now=instant())
    assert aftercare.look(now=instant()) == 0  # looked at once
    outcomes = list(Closing.objects.order_by("pk").values_list("survey", flat=True))
    assert outcomes == ["not_its_turn", "done", "not_its_turn", "too_soon", "not_its_turn", "done"]
    assert {i.person.username for i in Invitation.objects.all()} == {"rita", "tom"}


@pytest.mark.req("BRM-15")
def test_work_on_site_always_ends_with_the_question_how_it_went(
    cast: Cast, questionnaire: Questionnaire
) -> None:
    running(cast, questionnaire, every_nth=50, quiet_days=30)
    now = instant()
    for _n in range(2):
        ticket = make_incident(cast, now=now - DAY)
        incidents.services.arrive(ticket, actor=cast.bob.actor, now=now - timedelta(hours=2))
        ticket = incidents.services.resolve(
            Incident.objects.get(pk=ticket.pk), code="solved", steps="New part.", actor=cast.bob.actor,
            now=now - timedelta(hours=1),
        )  # fmt: skip
        incidents.services.confirm(ticket, actor=cast.rita.actor, now=now, close_too=True)
    closed(cast)
    aftercare.look(now=now)
    assert list(Closing.objects.order_by("pk").values_list("survey", flat=True)) == [
        "done", "done", "not_its_turn",
    ]  # fmt: skip


def test_a_customer_without_a_survey_of_its_own_is_asked_by_the_one_for_all_others(
    cast: Cast, questionnaire: Questionnaire
) -> None:
    general = running(cast, questionnaire, customer=None)
    own = running(cast, questionnaire)
    closed(cast)
    closed(cast, customer=cast.globex, requester=cast.charlie)
    aftercare.look(now=instant())
    found = {i.person.username: i.survey_id for i in Invitation.objects.all()}
    assert found == {"rita": own.pk, "charlie": general.pk}
    with pytest.raises(ValidationError):  # one at a time
        running(cast, questionnaire)


def test_closings_that_were_imported_or_given_up_ask_nobody(cast: Cast, questionnaire: Questionnaire) -> None:
    running(cast, questionnaire)
    incidents.services.cancel(make_incident(cast), reason="Twice.", actor=cast.alice.actor, now=instant())
    assert aftercare.look(now=instant()) == 0
    assert aftercare.closing_verbs()[0] == "incident.close"


@pytest.mark.req("BRM-07")
def test_a_periodic_survey_asks_the_customers_people_each_by_their_own_link(
    client_of: Browser, cast: Cast, questionnaire: Questionnaire
) -> None:
    survey = running(
        cast, questionnaire, purpose="periodic", audience="everybody", title="Year 2026", every_months=6
    )
    assert {i.person.username for i in survey.invitations.all()} == {"rita", "carla"}
    deliveries = Delivery.objects.filter(activity__verb="survey.invite", channel="email").order_by("pk")
    paths = {str(re.search(r"/opinion/\S+", str(email.build(d).body))[0]) for d in deliveries}  # type: ignore[index]
    assert len(paths) == 2
    carla = client_of(cast.carla)
    assert "Year 2026" in carla.get("/portal/feedback/").content.decode()
    sent = carla.get(f"/portal/surveys/{survey.number}/")
    assert (sent.status_code, carla.get(sent.headers["Location"]).status_code) == (302, 200)
    assert client_of(cast.charlie).get(f"/portal/surveys/{survey.number}/").status_code == 404
    later = instant() + timedelta(days=190)
    assert surveys.repeat_due(now=later) == 1
    assert surveys.repeat_due(now=later) == 0
    assert Survey.objects.count() == 2


@pytest.mark.req("BRM-10", "BRM-07")
def test_who_did_not_answer_is_in_no_mean_and_the_rate_stands_beside_it(
    client_of: Browser, cast: Cast, questionnaire: Questionnaire
) -> None:
    survey, scale = running(cast, questionnaire), ids(questionnaire)[0]
    for _n in range(3):
        closed(cast)
    aftercare.look(now=instant())
    first, second, _third = survey.invitations.order_by("pk")
    surveys.answer(first, {scale: 5}, way="link", actor=cast.rita.actor, now=instant())
    # words without a score are an answer, but no score
    surveys.answer(second, {ids(questionnaire)[2]: "ok"}, way="link", actor=cast.rita.actor, now=instant())
    mean = opinions.mean_in(survey.invitations.all())
    assert (mean.value, mean.scored, mean.answered, mean.asked) == (5.0, 1, 2, 3)
    page = client_of(cast.mona).get("/surveys/").content.decode()
    assert "2 of 3 answered" in page
    assert timezone.localdate().strftime("%Y-%m") in page
    assert "No answer" in client_of(cast.mona).get(f"/surveys/{survey.number}/").content.decode()


def test_the_mean_of_nothing_is_nothing() -> None:
    nothing = mean_of([], asked=7, answered=0)
    assert (nothing.value, nothing.rate, nothing.margin) == (None, 0.0, None)
    assert mean_of([], asked=0, answered=0).rate is None
    few = mean_of([1, 5], asked=2, answered=2)
    assert (few.value, few.margin, few.satisfied) == (3.0, None, 50.0)
    many = mean_of([4, 5, 3, 4, 4], asked=9, answered=5)
    assert (many.value, round(many.margin or 0, 2)) == (4.0, 0.62)


def test_a_bad_score_is_brought_to_a_leader_who_makes_it_a_complaint_or_says_why_not(
    client_of: Browser, cast: Cast, questionnaire: Questionnaire
) -> None:
    running(cast, questionnaire)
    closed(cast)
    closed(cast)
    aftercare.look(now=instant())
    scale, _choice, words = ids(questionnaire)
    for invitation in Invitation.objects.order_by("pk"):
        given = {scale: 1, words: "Nobody called."}
        surveys.answer(invitation, given, way="link", actor=cast.rita.actor, now=instant())
    first, second = Proposal.objects.order_by("pk")
    told = Delivery.objects.filter(activity__verb="survey.bad", channel="in_app")
    assert set(told.values_list("recipient__username", flat=True)) == {"mona"}
    mona = client_of(cast.mona)
    assert "Nobody called." in mona.get("/complaints/proposed/").content.decode()
    assert client_of(cast.bob).get("/complaints/proposed/").status_code == 403
    made = mona.post(f"/complaints/proposed/{first.pk}/accept/")
    complaint = Complaint.objects.get()
    assert (made.status_code, complaint.requester, "Nobody called." in complaint.description) == (
        302, cast.rita, True,
    )  # fmt: skip
    assert complaint.about_id == first.response.invitation.ticket_id
    assert mona.post(f"/complaints/proposed/{first.pk}/accept/").status_code == 409
    assert mona.post(f"/complaints/proposed/{second.pk}/dismiss/", {"reason": ""}).status_code == 422
    assert mona.post(f"/complaints/proposed/{second.pk}/dismiss/", {"reason": "A test."}).status_code == 302
    second.refresh_from_db()
    assert (second.decision, second.decided_by) == ("dismissed", cast.mona)


def test_a_questionnaire_is_written_on_a_page_in_both_languages(client_of: Browser, cast: Cast) -> None:
    mona = client_of(cast.mona)
    said = {
        "code": "yearly", "name_en": "Yearly", "name_zh": "年度", "kind_1": "scale",
        "text_en_1": "How content?", "text_zh_1": "满意吗？", "kind_2": "choice", "text_en_2": "Again?",
        "text_zh_2": "还会选择？", "options_2": "Yes=会；No=不会",
    }  # fmt: skip
    assert mona.post("/surveys/questionnaires/new/", {**said, "text_zh_1": ""}).status_code == 422
    assert mona.post("/surveys/questionnaires/new/", said).status_code == 302
    assert mona.post("/surveys/questionnaires/new/", said).status_code == 422  # the code is taken
    made = Questionnaire.objects.get(code="yearly")
    assert [q.kind for q in made.questions.all()] == ["scale", "choice"]
    assert made.questions.get(position=2).options == [["Yes", "会"], ["No", "不会"]]
    planned = {
        "purpose": "closing", "title": "After tickets", "questionnaire": made.pk, "every_nth": 1,
        "quiet_days": 30, "valid_days": 14, "bad_mark": 2, "customer": cast.acme.pk, "audience": "contacts",
    }  # fmt: skip
    sent = mona.post("/surveys/new/", planned)
    assert sent.status_code == 302
    assert mona.post(f"{sent.headers['Location']}begin/").status_code == 302
    assert Survey.objects.get().state == "running"
    assert mona.post(f"{sent.headers['Location']}conclude/").status_code == 302
    assert Question.objects.count() == 2
